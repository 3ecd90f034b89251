"""What a reading of a request comes to: a tool to be called, or a question back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from chaffer.assistant.tools import Wish


class Lack(Enum):
    """What is missing, so that the person is asked for it, or told that it cannot be done here."""

    PRODUCT = "product"
    NOTHING_FOUND = "nothing found"
    SEVERAL_PRODUCTS = "several products"
    PLACE = "place"
    ROOM = "room"
    WHICH_ROOM = "which room"
    WHICH_INVOICE = "which invoice"
    NOTHING_UNPAID = "nothing unpaid"
    PREFERENCE = "preference"
    CANCELLING = "cancelling"


@dataclass(frozen=True, slots=True)
class Ask:
    """The person has to say more; `choices` are what it may be."""

    lack: Lack
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lookup:
    """Something has to be looked up before it is clear what is meant; then the same words are read again."""

    wish: Wish


Step = Wish | Lookup | Ask
