"""What the servers of every wire have in common: they read a question, and write an answer with all that goes wrong."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Final

PROMPT_TOKENS: Final = 100


@dataclass(frozen=True)
class Dialect(ABC):
    """One question and the shapes of its answer. `finish` is told in OpenAI's words: stop, length, content_filter."""

    body: dict[str, Any]
    model: str

    content_type: ClassVar[str] = "text/event-stream"

    @property
    @abstractmethod
    def system(self) -> str:
        """Return the system prompt."""

    @property
    @abstractmethod
    def user(self) -> str:
        """Return the first message of the user."""

    @abstractmethod
    def begins(self) -> Iterator[bytes]:
        """Yield what comes before the first word."""

    @abstractmethod
    def says(self, text: str | None) -> bytes:
        """Return a delta of text; None stands for a content of null."""

    @abstractmethod
    def calls(self, index: int, name: str, pieces: list[str]) -> Iterator[bytes]:
        """Yield a tool call whose arguments come in pieces."""

    @abstractmethod
    def ends(self, finish: str, tokens: int) -> Iterator[bytes]:
        """Yield the end of a reply."""

    @abstractmethod
    def refuses(self) -> Iterator[bytes]:
        """Yield the end of a reply that the model refused to give."""

    @abstractmethod
    def malformed(self) -> bytes:
        """Return a chunk that is none."""

    @abstractmethod
    def crashes(self, words: str) -> bytes:
        """Return the error, inside a stream, of a server that failed."""

    @abstractmethod
    def limits(self, words: str) -> bytes:
        """Return the error, inside a stream, of a server that has too much to do."""

    @abstractmethod
    def without_choices(self) -> bytes:
        """Return a stream that begins and ends, and has nothing in between."""

    @abstractmethod
    def without_end(self) -> bytes:
        """Return the beginning of a chunk that is longer than any should be."""

    @abstractmethod
    def pulse(self) -> bytes:
        """Return what a server sends to keep a connection alive."""

    @property
    @abstractmethod
    def too_long(self) -> str:
        """Return the words about a prompt that does not fit."""

    @abstractmethod
    def error(self, status: int, words: str) -> bytes:
        """Return the body of a refusal with this HTTP status."""

    def in_latin_1(self, text: str) -> bytes:
        """Return a delta of text in an encoding that no wire has."""
        return self.says(text).decode().encode("latin-1")

    def whole(self, text: str, finish: str = "stop", letters: int = 12) -> bytes:
        """Return a whole reply."""
        deltas = (self.says(text[start : start + letters]) for start in range(0, len(text), letters))
        return b"".join((*self.begins(), *deltas, *self.ends(finish, 7)))


def sse(document: dict[str, Any], kind: str | None = None) -> bytes:
    """Return a server-sent event."""
    name = b"" if kind is None else b"event: %s\n" % kind.encode()
    return name + b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def joined(content: Any) -> str:
    """Return the text of a content that is one, or a list of blocks."""
    return content if isinstance(content, str) else "".join(str(block.get("text", "")) for block in content)
