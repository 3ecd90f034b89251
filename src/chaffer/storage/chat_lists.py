"""What lists of conversations have in common in every store: their order, what is found in them, what is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chaffer.shopping.catalogue.words import words_begun, words_of
from chaffer.storage.refusals import bad_cursor, cursor_of, moment_of

PREVIEW_CHARACTERS: Final = 160
_BEFORE_THE_HIT: Final = 40
_CURSOR: Final = re.compile(r"([01])-(.+)", re.DOTALL)

Place = tuple[bool, int, str]
"""Where a conversation stands, the greatest first: whether it is pinned, when it was last spoken in, and its id.

A cursor bears it as it was on the page, so that a conversation in which something is said meanwhile moves no other.
"""


def cursor_at(place: Place) -> str:
    """Return the cursor of a page that ends there."""
    pinned, at, conversation_id = place
    return f"{pinned:d}-{cursor_of(at, conversation_id)}"


def place_at(cursor: str) -> Place:
    """Return the place behind which a page goes on. Raises VALIDATION_ERROR."""
    found = _CURSOR.fullmatch(cursor)
    if found is None:
        raise bad_cursor()
    return found[1] == "1", *moment_of(found[2])


@dataclass(frozen=True, slots=True)
class Term:
    """A word that is sought, or the beginning of one."""

    word: str
    is_begun: bool

    def fits(self, word: str) -> bool:
        """Tell whether a word is the sought one, or begins so."""
        return word.startswith(self.word) if self.is_begun else word == self.word


def sought_in(query: str | None) -> tuple[Term, ...] | None:
    """Return what a search asks for, the last word being one that may be still written; None where it asks nothing.

    Signs without a letter or a digit are no words: who seeks nothing else finds nothing.
    """
    if query is None or not query.strip():
        return None
    *whole, last = words_begun(query) or ("",)
    return (*(Term(word, is_begun=False) for word in whole), Term(last, is_begun=True)) if last else ()


def found_by(text: str) -> list[str]:
    """Return the words by which a text is found, each once."""
    return sorted(set(words_of(text)))


def found_in(text: str, sought: Iterable[Term]) -> set[Term]:
    """Return what of the sought a text has."""
    words = set(words_of(text))
    return {term for term in sought if any(map(term.fits, words))}


def preview_of(text: str, sought: Iterable[Term] = ()) -> str:
    """Return the beginning of a text in one line, or what stands around the first of the sought words in it."""
    words, terms = text.split(), tuple(sought)
    hit = next((number for number, word in enumerate(words) if terms and found_in(word, terms)), 0)
    start, room = hit, _BEFORE_THE_HIT
    while start and len(words[start - 1]) < room:
        start -= 1
        room -= len(words[start]) + 1
    line = " ".join([*(["…"] if start else []), *words[start:]])
    return line if len(line) <= PREVIEW_CHARACTERS else f"{line[: PREVIEW_CHARACTERS - 1].rstrip()}…"
