"""A conversation written down, whatever kind it is: what Markdown and PDF are made of.

Everything in it was taken from one viewer's view. Texts are as their speakers wrote them; who renders makes them fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is known about the whole: `Budget`, `$3,000.00`."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Participant:
    """Who spoke or could speak. `part` is its role in words, `about` what else this viewer may know of it."""

    id: str
    name: str
    part: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message, or with no `speaker_id` a remark on what happened.

    `addressed_to` are names; none means everybody. `chapter` is the part of the conversation it belongs to, `note`
    what stands beside the words, such as an offer.
    """

    at: datetime
    text: str
    speaker_id: str | None = None
    addressed_to: tuple[str, ...] = ()
    chapter: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under a title and a head. `numbers` are the places of the columns that hold figures."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation, its tables behind it. `as_of` is when its last event was recorded; a partial one goes on."""

    title: str
    subtitle: str
    is_partial: bool
    as_of: datetime
    facts: tuple[Fact, ...]
    participants: tuple[Participant, ...]
    entries: tuple[Entry, ...]
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Several conversations under one title, with what they came to."""

    title: str
    subtitle: str
    is_partial: bool
    as_of: datetime
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    transcripts: tuple[Transcript, ...]


PARTIAL = "Partial transcript: the conversation was not over when this was written."


def moment(at: datetime) -> str:
    """Return a time as people read it, to the second: `2026-01-01 10:30:00 UTC`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def facts(*pairs: tuple[str, str | None]) -> tuple[Fact, ...]:
    """Return the facts that are known: pairs whose value is None or empty are left out."""
    return tuple(Fact(label, value) for label, value in pairs if value)


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence has them: `A`, `A and B`, `A, B and C`."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else ""
