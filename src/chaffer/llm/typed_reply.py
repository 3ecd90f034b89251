"""One attempt at a typed reply: the stream is read as it comes, broken off as soon as it is unfit, and judged whole."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final

from chaffer.llm.halves import Halves
from chaffer.llm.json_reader import Found, JsonReader, MalformedError, Value, ends_thoughts, objects_in
from chaffer.llm.live_prose import LiveProse
from chaffer.llm.provider import Provider
from chaffer.llm.reply_fields import refuse
from chaffer.llm.requests import Ending, ModelRequest

LONGEST_REPLY: Final = 65_536


@dataclass(slots=True)
class _Text:
    """The text of a reply so far. Halves of a character that come in two deltas are put together."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    halves: Halves = field(default_factory=Halves)

    def add(self, delta: str) -> str:
        """Return the delta as it can be read now. Raises UnfitReplyError when the text has become too long."""
        text = self.halves.joined(delta)
        self.pieces.append(text)
        self.length += len(text)
        if self.length > LONGEST_REPLY:
            refuse(f"more than {LONGEST_REPLY} characters", "the reply did not end; it has to be short")
        return text


async def read_object(
    provider: Provider, request: ModelRequest, key: str, live: LiveProse
) -> tuple[dict[str, Value], Ending]:
    """Return the object in the model's reply that has this key, and how the reply ended.

    `live` is given what is found on the way, until something cannot be read. Raises UnfitReplyError when it objects or
    when there is no such object, ModelFaultError when the call fails.
    """
    text, reader, ending = _Text(), _LiveReader(live), None
    async with aclosing(provider.stream(request)) as items:
        async for item in items:
            if isinstance(item, Ending):
                ending = item
            elif isinstance(item, str):
                reader.feed(text.add(item))
    if ending is None:
        msg = "a provider's stream ends with its Ending"
        raise RuntimeError(msg)
    return _judged("".join(text.pieces), reader, key, ending), ending


def _judged(text: str, reader: _LiveReader, key: str, ending: Ending) -> dict[str, Value]:
    if not text.strip():
        refuse("an empty reply", "the reply was empty")
    document = reader.finish()
    if document is not None and not reader.is_closed and ending.is_cut:
        document = None
    if document is None or key not in document or ends_thoughts(text):
        document = next((found for found in objects_in(text, may_be_open=not ending.is_cut) if key in found), document)
    if (document is None or key not in document) and ending.is_cut:
        refuse("a reply cut at its longest", "the reply was too long and was cut off; it has to be short")
    if document is None or key not in document:
        refuse("a reply that cannot be read", f"the reply was not one JSON object with the field {key}")
    return document


class _LiveReader:
    """Reads as the text comes and tells what it finds, until it cannot: then the whole text is looked at in the end."""

    def __init__(self, live: LiveProse) -> None:
        self._live = live
        self._reader = JsonReader()
        self._gave_up = False

    @property
    def is_closed(self) -> bool:
        return self._reader.is_closed

    def feed(self, text: str) -> None:
        if self._gave_up:
            return
        try:
            found = self._reader.feed(text)
        except MalformedError:
            self._gave_up = True
            return
        self._tell(found)

    def finish(self) -> dict[str, Value] | None:
        if not self._gave_up:
            try:
                self._tell(self._reader.finish())
            except MalformedError:
                return None
        return self._reader.document

    def _tell(self, found: list[Found]) -> None:
        for item in found:
            self._live.take(item)
