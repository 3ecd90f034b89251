"""The sentences of `benchmarks/requests_chat/`: what people say in the chat, and what is expected of the supervisor.

Two halves that were written by hand, as those of the shopping requests: `tuning` may be looked at by whoever improves
the built-in mind, `held_out` may not. `schema.json` is their JSON Schema. References begin with `$`: `$2.id`, `$2.name`
and `$2.price` are of the second product that was found last, `$1.below` is just below its price, `$room1` is the first
negotiation that was opened, `$offer2.seller` and `$offer1.price` are of its offers, cheapest first.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from benchmarks.shopping_requests import Half

FOLDER: Final = Path(__file__).resolve().parent / "requests_chat"
ANYTHING: Final = "*"
"""As an expected argument: it does not matter."""

Agent = Literal["shopping", "negotiation", "billing", "insights"]
Argument = str | int | float | tuple[str, ...]


class Kind(StrEnum):
    """What a sentence is there to show."""

    SHOPPING = "shopping"
    NEGOTIATION = "negotiation"
    BILLING = "billing"
    INSIGHTS = "insights"
    SEVERAL = "several"
    SUPERVISOR = "supervisor"


class Before(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What was said before, and whether the tool that then waits is allowed."""

    say: str
    approve: bool = False


class WantedCall(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A tool with its arguments as documents have them; those left out must be left out.

    Of a `query` each word must have been passed on, as words, category or brand.
    """

    tool: str
    arguments: dict[str, Argument] = {}


class Expected(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who sees to it, which tools are called, in order, and what the answer must say; `asks` wants a question back."""

    agents: tuple[Agent, ...]
    calls: tuple[WantedCall, ...] = ()
    facts: tuple[str, ...] = ()
    asks: bool = False


class Sentence(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A sentence of a person, in a conversation that began with what was said before."""

    id: Annotated[str, Meta(pattern=r"^[th]-[a-z]+-\d\d$")]
    kind: Kind
    say: str
    expect: Expected
    before: tuple[Before, ...] = field(default=())


def sentences_of(half: Half) -> tuple[Sentence, ...]:
    """Return the sentences of a half, in their order."""
    lines = (FOLDER / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(msgspec.json.decode(line, type=Sentence) for line in lines)
