"""A stream of bytes read by a wire, without any connection, and what was heard in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from chaffer.llm.faults import Callee
from chaffer.llm.provider import Timeouts
from chaffer.llm.requests import Finish, ToolCall, Usage
from chaffer.llm.wires.wire import FrameT, Wire

CALLEE = Callee("somebody", "a-model", "Start it.", Timeouts())


@dataclass
class Heard:
    """All that a stream said."""

    deltas: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    finish: Finish | None = None
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
    is_done: bool = False

    @property
    def text(self) -> str:
        return "".join(self.deltas)


def heard(wire: Wire[FrameT], chunks: Iterable[bytes]) -> Heard:
    """Return what the chunks say. Raises ModelFaultError and MalformedStreamError."""
    decoder, reading, said = wire.decoder(), wire.reading(CALLEE), Heard()
    frames = [frame for chunk in chunks for frame in decoder.feed(chunk)]
    for frame in (*frames, *decoder.finish()):
        chunk = reading.take(frame)
        if chunk.text:
            said.deltas.append(chunk.text)
        said.calls += chunk.calls
        said.finish = chunk.finish or said.finish
        said.model = chunk.model or said.model
        said.usage = chunk.usage.over(said.usage) if chunk.usage is not None else said.usage
    said.is_done = reading.is_done
    return said


def cut(stream: bytes, places: Iterable[int]) -> list[bytes]:
    """Return the stream, cut at these places."""
    ends = sorted({place for place in places if 0 < place < len(stream)})
    return [stream[start:end] for start, end in zip([0, *ends], [*ends, len(stream)], strict=True)]
