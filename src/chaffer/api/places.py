"""Where a reader stands in a stream in which one speaks at a time, and what of a text it lacks there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

FIRST_ATTEMPT: Final = 1000
"""The attempt of a message that the conversation's first owner says for the first time; see TurnVoice."""

_LONGEST_NUMBER: Final = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader stands: behind a position, and so many characters into the message that is being said.

    As text `5.120`. Where the message is said again, because a call was made again or the server was, the attempt
    follows: `5.120.2000`; the offset counts within it.
    """

    position: int = 0
    offset: int = 0
    attempt: int | None = None

    def __str__(self) -> str:
        """Return the text of it, a frame's id."""
        again = self.offset and self.attempt is not None and self.attempt != FIRST_ATTEMPT
        return f"{self.position}.{self.offset}.{self.attempt}" if again else f"{self.position}.{self.offset}"


def place_from(text: str, last: int) -> Place | None:
    """Return the place that an id means in a conversation whose last position is given; None when it means nothing."""
    parts = text.split(".")
    if len(parts) > 3 or not all(part.isascii() and part.isdigit() and len(part) < _LONGEST_NUMBER for part in parts):  # noqa: PLR2004
        return None
    position, offset, attempt = (*map(int, parts), *(0, FIRST_ATTEMPT)[len(parts) - 1 :])
    # Before its first record nothing of a conversation is said.
    return Place(position, offset, attempt) if position <= last and (position or not offset) else None


def lacking(place: Place, attempt: int, offset: int, text: str) -> Iterator[tuple[Place, str | None]]:
    """Yield what a reader lacks of the present message, each with where it stands then; `text` begins at `offset`.

    First (place, None) where what the reader has is void: it is of another attempt, or more than was said, which only
    a made-up id can mean. Then (place, delta), if there is anything new.
    """
    told, end = place.offset, offset + len(text)
    if told and (attempt != place.attempt or told > end):
        told = 0
        yield Place(place.position), None
    delta = text[max(told - offset, 0) :]
    if delta:
        yield Place(place.position, end, attempt), delta
