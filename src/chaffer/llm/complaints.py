"""What a provider says went wrong, read without trust: it may quote the prompt, and no prompt may steer what we do.

So its fields for programs are read, and of its sentences the beginning, where it says what is wrong before it quotes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

_LONGEST_SENTENCE: Final = 200
_LONGEST_CODE: Final = 100
_MOST_PARTS: Final = 12
_DEEPEST: Final = 10

_CODES: Final = ("code", "type", "param")
_WITHIN: Final = ("error", "errors", "message", "msg", "detail", "metadata", "raw")
"""Where the sentence may be: `raw`, in `metadata`, holds what a vendor behind OpenRouter said."""
_FILTERS: Final = ("reasons", "flagged_input")
"""What OpenRouter's `metadata` has where a moderation stopped a request."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What was said, in small letters: `codes` for programs, and the beginnings of the sentences for people."""

    codes: str
    sentences: str
    is_of_filter: bool

    def names(self, signs: tuple[str, ...], asked: tuple[str, ...] = ()) -> bool:
        """Tell whether it has one of the signs; those that stand in what was asked count in its codes alone."""
        if any(sign in self.codes for sign in signs):
            return True
        told = [sign for sign in signs if sign in self.sentences]
        return bool(told) and not all(any(sign in text.casefold() for text in asked) for sign in told)


def complaint_of(told: object) -> Complaint:
    """Return what a body says, or an object within a stream."""
    codes: list[str] = []
    sentences: list[str] = []
    is_of_filter = False
    for number, part in enumerate(_parts(told, _DEEPEST)):
        if number == _MOST_PARTS:
            break
        if isinstance(part, str):
            sentences.append(part[:_LONGEST_SENTENCE])
        else:
            codes += _codes_of(part)
            is_of_filter = is_of_filter or any(part.get(name) for name in _FILTERS)
    joined = "\n".join(codes).casefold()
    return Complaint(f"{joined}\n{joined.replace('_', ' ')}", "\n".join(sentences).casefold(), is_of_filter)


def _parts(told: object, depth: int) -> Iterator[str | Mapping[str, object]]:
    """Yield the objects and the sentences, from outside inwards; a sentence that is JSON itself is looked into."""
    if isinstance(told, str):
        inner = _json_or_none(told)
        if inner is None or not depth:
            yield told
        else:
            yield from _parts(inner, depth - 1)
    elif isinstance(told, Mapping):
        yield told
        for name in _WITHIN if depth else ():
            yield from _parts(told.get(name), depth - 1)
    elif isinstance(told, list):
        for item in told[:_MOST_PARTS] if depth else ():
            yield from _parts(item, depth - 1)


def _codes_of(part: Mapping[str, object]) -> list[str]:
    """Return its codes, and the fields that it says are wrong: `loc` is their path, as FastAPI writes it."""
    place = part.get("loc")
    values = [*map(part.get, _CODES), *(place if isinstance(place, list) else ())]
    return [value[:_LONGEST_CODE] for value in values if isinstance(value, str)]


def _json_or_none(text: str) -> object:
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
