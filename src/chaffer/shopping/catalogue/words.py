"""The words by which products and conversations are found: the same for every store, so that all find the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from msgspec import Struct

from chaffer.shopping.catalogue.idle import ASKING
from chaffer.shopping.catalogue.products import Product

MOST_WORDS: Final = 32
"""So many words of a text are searched, the first ones."""

WEIGHTS: Final = (8.0, 16.0, 2.0, 1.0)
"""How much a word counts in each field of `Worded`, in their order."""

_LONGEST_WORD: Final = 40
_LONGEST_QUERY: Final = 2_000

# Letters and digits part from one another, so that `wh-1000xm5`, `WH1000XM5` and `wh 1000 xm5` are the same words.
_WORD: Final = re.compile(r"[^\W\d_]+|\d+(?:\.\d+)?")
_RUN: Final = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")
_SILENT: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "with",
    ]
)
_PRAISE_AND_BOUNDS: Final = "above below better cheap cheaper cheapest good great less more most nice rated thx"
_IRREGULAR: Final = {"mice": "mouse"}
_SHORTEST_PLURAL: Final = 4


class Worded(Struct, frozen=True):
    """The words of a product, by where they stand: in its name, in brand and category, in attributes, elsewhere."""

    name: list[str]
    kind: list[str]
    facts: list[str]
    description: list[str]

    def fields(self) -> tuple[list[str], list[str], list[str], list[str]]:
        """Return the words of each field, in the order of `WEIGHTS`."""
        return self.name, self.kind, self.facts, self.description


class Phrase(Struct, frozen=True):
    """What was written in one piece, and the words that must stand side by side for it: `xm5` is `xm`, `5`."""

    said: str
    words: tuple[str, ...]


def words_of(text: str) -> list[str]:
    """Return the words of a text in order: folded, without plurals, and without those that tell nothing."""
    return [word for found in _WORD.findall(_folded(text)) if (word := _told(found))]


def worded(product: Product) -> Worded:
    """Return the words of a product. An attribute that it says `no` to is none of them."""
    facts: list[str] = []
    for name, text in product.attributes.items():
        said = text.casefold()
        if said != "no":
            facts += words_of(name)
        if said not in {"no", "yes"}:
            facts += words_of(text)
    kind = [*words_of(product.brand), *words_of(product.category)]
    return Worded(words_of(product.name), kind, facts, words_of(product.description))


def phrases_of(text: str) -> tuple[Phrase, ...]:
    """Return what a search text asks for, each once; of an endless text the beginning."""
    found: dict[tuple[str, ...], str] = {}
    left = MOST_WORDS
    for run in _RUN.finditer(_folded(text[:_LONGEST_QUERY])):
        words = tuple(words_of(run[0]))[:left]
        if words and words not in found:
            found[words] = run[0]
            left -= len(words)
    return tuple(Phrase(said, words) for words, said in found.items())


def is_said_to_a_shop(words: Iterable[str]) -> bool:
    """Tell whether words do no more than ask, and tell nothing of a product: `do you have a good … below …, please`."""
    return _SAID_TO_A_SHOP.issuperset(words)


def words_begun(text: str) -> tuple[str, ...]:
    """Return the words of a search that may still be written at: the last is the beginning of one, the others whole.

    The last is never left out as one that tells nothing: `the` may become `thermos`.
    """
    *whole, last = _WORD.findall(_folded(text[:_LONGEST_QUERY]))[:MOST_WORDS] or [""]
    told = dict.fromkeys(word for found in whole if (word := _told(found)))
    return (*told, _told(last) or last) if last else ()


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


@lru_cache(maxsize=65_536)
def _told(word: str) -> str:
    """Return a word without its plural, as Harman's S stemmer (1991) takes it off; nothing for a silent one."""
    word = word[:_LONGEST_WORD]
    if word in _SILENT:
        return ""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s") or word.endswith(("us", "ss")):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    return word[:-1]


_SAID_TO_A_SHOP: Final = frozenset(map(_told, ASKING.union(_PRAISE_AND_BOUNDS.split())))
