"""An agent's voice during one turn: what its mind says becomes drafts on the feed, until the turn is recorded."""

from __future__ import annotations

import asyncio
import re
from hashlib import blake2b
from types import TracebackType
from typing import Final, Self

from chaffer.conversation.feed import Draft, Feed
from chaffer.conversation.policy import Voice

_ATTEMPTS_AN_EPOCH: Final = 1000
_WORDS: Final = re.compile(r"\s*\S+|\s+\Z")


class TurnVoice:
    """The voice of one agent in one turn.

    Attempts of an owner's epoch are counted above those of all epochs before, so that what is said again after a
    crash takes the place of what was said before it.
    """

    def __init__(
        self,
        feed: Feed,
        speaker_id: str,
        epoch: int,
        turn_key: str,
        *,
        hearers: frozenset[str] = frozenset(),
        first_attempt: int = 0,
    ) -> None:
        """Speak on that feed; `hearers` hear every message of the turn beside those it is addressed to.

        `first_attempt` counts from 0 in each epoch; a voice that speaks anew in a turn begins above the one before.
        `turn_key` names the turn in all the world: the ids of its messages are drawn from it, so that the turn of a
        crashed process is the same turn when it is asked for again.
        """
        self._feed = feed
        self._speaker_id = speaker_id
        self._attempt = epoch * _ATTEMPTS_AN_EPOCH + first_attempt
        self._turn_key = turn_key
        self._hearers = hearers
        self._drafts: list[Draft] = []

    def __enter__(self) -> Self:
        """Show that the agent began to think."""
        self._draft(0)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Take back the drafts that did not become messages."""
        for draft in self._drafts:
            self._feed.drop(draft.message_id)

    def address(self, message: int, hearers: frozenset[str]) -> None:
        """Name the agents who may hear that message."""
        self._draft(message).hearers = self._hearers | hearers

    def say(self, message: int, delta: str) -> None:
        """Add text to that message."""
        self._draft(message).say(delta)
        self._feed.wake()

    def restart(self) -> None:
        """Begin a new attempt."""
        self._attempt += 1
        for draft in self._drafts:
            draft.restart(self._attempt)
        self._feed.wake()

    @property
    def attempt(self) -> int:
        """Return the number of the present attempt."""
        return self._attempt

    def id_of(self, message: int) -> str:
        """Return the id under which that message was said, or will be recorded."""
        return self._draft(message).message_id

    def said(self, message: int) -> str:
        """Return what readers may have seen of that message."""
        return self._draft(message).text

    def _draft(self, message: int) -> Draft:
        while len(self._drafts) <= message:
            key = f"{self._turn_key}/{self._speaker_id}/{len(self._drafts)}"
            message_id = f"msg_{blake2b(key.encode(), digest_size=12).hexdigest()}"
            draft = Draft(message_id, self._speaker_id, self._attempt, self._hearers)
            self._drafts.append(self._feed.begin(draft))
        return self._drafts[message]


class Silence:
    """The voice of who is not heard: what is said is nowhere."""

    def address(self, message: int, hearers: frozenset[str]) -> None:
        """Address nobody."""

    def say(self, message: int, delta: str) -> None:
        """Say nothing."""

    def restart(self) -> None:
        """Take nothing back."""


async def speak(voice: Voice, message: int, text: str, chars_per_second: float) -> None:
    """Say a text, word by word at that pace; with the pace 0, at once."""
    if not chars_per_second:
        voice.say(message, text)
        return
    for word in _WORDS.findall(text):
        voice.say(message, word)
        await asyncio.sleep(len(word) / chars_per_second)
