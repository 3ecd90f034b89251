"""What a wire is to the transport: requests to bytes, bytes to frames, frames to what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from msgspec import Struct

from chaffer.llm.faults import Callee
from chaffer.llm.requests import Finish, ModelRequest, ToolCall, Usage

FrameT = TypeVar("FrameT")
FrameT_co = TypeVar("FrameT_co", covariant=True)
FrameT_contra = TypeVar("FrameT_contra", contravariant=True)


class MalformedStreamError(Exception):
    """Bytes that are no frames of this wire, or a frame longer than any reply needs."""


class UnknownModelError(Exception):
    """A name that no model can have at this vendor: in its path it would lead elsewhere."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request as it is sent: a path below the provider's address, and a JSON body."""

    path: str
    body: bytes


class Chunk(Struct, frozen=True):
    """What one frame says; each part of it may be missing. A usage adds to what is known, it need not be whole.

    `works`: the model is at work on what is no text, such as its thoughts or the arguments of a tool.
    """

    text: str = ""
    works: bool = False
    calls: tuple[ToolCall, ...] = ()
    finish: Finish | None = None
    model: str | None = None
    usage: Usage | None = None


NOTHING = Chunk()
AT_WORK = Chunk(works=True)


class Decoder(Protocol[FrameT_co]):
    """Bytes in at any split, whole frames out."""

    def feed(self, chunk: bytes) -> Sequence[FrameT_co]:
        """Return the frames that this chunk completes. Raises MalformedStreamError."""
        ...

    def finish(self) -> Sequence[FrameT_co]:
        """Return the frames that the stream's end completes."""
        ...


class Reading(Protocol[FrameT_contra]):
    """One reply being read. `is_done`: nothing that matters follows."""

    @property
    def is_done(self) -> bool:
        """Tell whether the wire said that the reply is over."""
        ...

    def take(self, frame: FrameT_contra) -> Chunk:
        """Return what a frame says. Raises ModelFaultError for an error, a refusal, or nonsense."""
        ...


class Wire(Protocol[FrameT]):
    """One vendor's way of writing."""

    @property
    def listings(self) -> Sequence[str]:
        """Return the paths to read, in order, to know that the key is good; the last one lists the models."""
        ...

    def outgoing(self, request: ModelRequest, without: frozenset[str]) -> Outgoing:
        """Return the request as it is sent; optional fields named in `without` are left out.

        Raises UnknownModelError.
        """
        ...

    def decoder(self) -> Decoder[FrameT]:
        """Return a decoder for one reply."""
        ...

    def reading(self, callee: Callee) -> Reading[FrameT]:
        """Return a reading of one reply, whose faults name the callee."""
        ...

    def models_of(self, body: bytes, callee: Callee) -> tuple[str, ...]:
        """Return the ids in a list of models. Raises ModelFaultError for nonsense."""
        ...
