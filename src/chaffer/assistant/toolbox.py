"""What carries the tools out: the other features, behind a protocol that bootstrap meets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chaffer.assistant.results import Result
from chaffer.assistant.tools import Wish
from chaffer.conversation.minds import ModelChoice


@dataclass(frozen=True, slots=True)
class Errand:
    """On whose behalf a tool is called, and from where. `call_id` is the same when it is called again after a crash.

    `going_on` counts the negotiations that were opened from the conversation and have not ended.
    """

    owner: str
    conversation_id: str
    call_id: str
    mind: ModelChoice
    seed: int
    going_on: int


@dataclass(frozen=True, slots=True)
class Announced:
    """What is asked of the person, and the wish that is carried out if it is allowed: exactly what the text tells."""

    text: str
    wish: Wish


class Toolbox(Protocol):
    """The tools. Each sees what belongs to the errand's owner, and nothing else: what is another's is not there.

    Both raise ChafferError, in words for the person, where it cannot be done.
    """

    async def announced(self, errand: Errand, wish: Wish) -> Announced:
        """Return what a wish that commits money would do, as a question to the person, from facts alone.

        The wish in it leaves nothing open: neither the budget nor the seller, the price or the invoice.
        """
        ...

    async def carry_out(self, errand: Errand, wish: Wish) -> Result:
        """Do it and return what came of it. Done again with the same `call_id`, it changes nothing more."""
        ...
