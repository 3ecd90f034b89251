"""How a command ends: its exit code, and the sentence for an error."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

from chaffer.errors import ChafferError, Code
from chaffer.plain_text import harmless
from chaffer.vendors import OR_WITH_REQUEST


class Outcome(IntEnum):
    """The exit codes that a script may rely on."""

    DONE = 0
    FAULT = 1
    BAD_INPUT = 2
    NO_DEAL = 3
    CANCELLED = 3  # Of runs, what no deal is of markets: nothing failed, and it came to no end of its own.
    INTERRUPTED = 130


_FAULTS: Final = frozenset(
    {
        Code.LLM_CAP_REACHED,
        Code.LLM_BAD_GATEWAY,
        Code.LLM_TIMEOUT,
        Code.LLM_PROVIDER_UNAVAILABLE,
        Code.INTERNAL_ERROR,
    }
)


def outcome_of(error: ChafferError) -> Outcome:
    """Return FAULT for what the caller could not help, else BAD_INPUT."""
    return Outcome.FAULT if error.code in _FAULTS else Outcome.BAD_INPUT


def told_here(message: str) -> str:
    """Return a message of the API as a command tells it, without what only a caller of the API can do."""
    return harmless(message.replace(OR_WITH_REQUEST, ""))


def sentences(error: ChafferError) -> list[str]:
    """Return the lines that tell a person what happened: the message, and each refused field it does not name."""
    if OR_WITH_REQUEST in error.message:
        return [told_here(error.message)]  # Its field is one that no command sets.
    lines = [harmless(error.message)]
    untold = [detail for detail in error.details if f"{detail.field} {detail.issue}" not in error.message]
    lines += [f"  {harmless(detail.field)} {harmless(detail.issue)}" for detail in untold]
    return lines
