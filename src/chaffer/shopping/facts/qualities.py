"""Whether what a clause says in words is true: that a product has something or not, is of a kind, is to be had."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Final

from chaffer.shopping.catalogue.fitting import NO, attribute_of
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.facts.clauses import Clause, denies, is_denied
from chaffer.shopping.facts.folding import as_read
from chaffer.shopping.facts.known import Facts
from chaffer.shopping.facts.lexicon import (
    YES,
    Place,
    Titled,
    Valued,
    Words,
    equivalents,
    has_words,
    word_places,
    words_of,
)

UNTOLD: Final = re.compile(
    r"(?:\bnot|n't) (?:say|tell|list|mention|state)|\bsays? nothing|\bnothing is (?:known|said)"
    r"|\bunknown|\bunclear|\bnot listed"
)
_IF: Final = re.compile(r"\b(?:if|should|in case|when)\b")
_OUT: Final = re.compile(r"\b(?:out of stock|sold out|unavailable|not (?:in stock|available)|no stock)\b")
_IN: Final = re.compile(r"\b(?:in stock|available)\b")
_LAST: Final = re.compile(r"\blast (?:piece|one|unit|copy)\b")
_STEM: Final = 0.7
_SHORTEST_STEM: Final = 5


class Qualities:
    """What can be said of products in words, where these facts are known."""

    def __init__(self, facts: Facts) -> None:
        """Take in the attributes that products have or have not."""
        self._wished = facts.words
        self._phrases = {
            (name, words) for name in set(_yes_or_no(facts)) for words in equivalents(words_of(name)) if words
        }

    def are_true(self, clause: Clause) -> bool:
        """Tell whether everything that a clause says in words is true of what it speaks of."""
        return (
            all(self._is_property_true(clause, *found) for found in self._properties(clause))
            and all(self._is_value_true(clause, *found) for found in _values(clause))
            and _is_stock_true(clause)
            and all(clause.holds(partial(_is_sold_by, seller)) for seller in clause.sellers)
        )

    def _is_property_true(self, clause: Clause, name: str, start: int, end: int) -> bool:
        return self._is_wish(clause, words_of(clause.text[start:end])) or _has_as_said(clause, name, start, end)

    def _is_value_true(self, clause: Clause, same: tuple[Words, ...], place: int) -> bool:
        """Tell whether products are of the kind that a clause says, or are not where it denies it."""
        is_of_kind = partial(_is_of_kind, same, not is_denied(clause, place, place + 1))
        return any(self._is_wish(clause, words) for words in same) or clause.holds(is_of_kind)

    def _is_wish(self, clause: Clause, words: Words) -> bool:
        """Tell whether a clause only says what the shopper wants, in words of theirs."""
        return clause.is_about_shopper and not _IF.search(clause.text) and self._wished.issuperset(words)

    def _properties(self, clause: Clause) -> Iterator[tuple[str, int, int]]:
        """Yield the attributes that a clause names, with where each stands: its words in any order, or as one."""
        for place, thing in clause.things_at():
            if isinstance(thing, Titled):
                yield thing.name, place, place + 1
        alone = word_places(clause.text)
        joined = [(one + other, start, end) for (one, start, _), (other, _, end) in pairwise(alone)]
        named: dict[str, tuple[int, int]] = {}
        for name, words in self._phrases:
            spans = [span for word in words if (span := _place_of(word, alone, joined)) is not None]
            if len(spans) == len(words):
                start, end = min(start for start, _ in spans), max(end for _, end in spans)
                named[name] = max(named.get(name, (0, 0)), (start, end), key=lambda span: span[1] - span[0])
        yield from ((name, *span) for name, span in named.items())


def _place_of(word: str, alone: list[Place], joined: list[Place]) -> tuple[int, int] | None:
    """Return where a word of the same origin stands, as `cancellation` for `cancelling`, or the word as two."""
    stem = word[: max(_SHORTEST_STEM, int(_STEM * len(word)))]
    same = {word, f"{word}s"}
    spans = ((start, end) for found, start, end in alone if found in same or _is_of(found, stem))
    return next(spans, None) or next(((start, end) for found, start, end in joined if found in same), None)


def _is_of(word: str, stem: str) -> bool:
    return len(stem) >= _SHORTEST_STEM and word.startswith(stem)


def _yes_or_no(facts: Facts) -> Iterator[str]:
    """Yield the names of attributes that products have or have not, those of other kinds, too."""
    for known in facts.vocabulary.properties:
        if known.texts and {YES, NO}.issuperset(known.texts):
            yield as_read(known.name)
    for product in facts.products:
        for name, text in product.attributes.items():
            if folded_text(text) in {YES, NO}:
                yield as_read(name)


def _has_as_said(clause: Clause, name: str, start: int, end: int) -> bool:
    def has(product: Product) -> bool:
        text = attribute_of(product, name)
        return text is not None and folded_text(text) != NO

    def has_not(product: Product) -> bool:
        return folded_text(attribute_of(product, name) or "") == NO

    if UNTOLD.search(clause.text):
        return clause.holds(lambda product: attribute_of(product, name) is None)
    if clause.is_about_shopper and denies(clause.sentence.text):
        # `If you need that, this one is not for you`: what is denied stands in another clause.
        return clause.holds(has) or clause.holds(has_not)
    return clause.holds(has_not if is_denied(clause, start, end) else has)


def _values(clause: Clause) -> Iterator[tuple[tuple[Words, ...], int]]:
    return ((thing.same, place) for place, thing in clause.things_at() if isinstance(thing, Valued))


def _is_of_kind(same: tuple[Words, ...], expected: bool, product: Product) -> bool:  # noqa: FBT001  Bound by partial.
    return any(has_words(product, words) for words in same) is expected


def _is_sold_by(seller: str, product: Product) -> bool:
    return any(offer.seller == seller for offer in product.offers)


def _is_stock_true(clause: Clause) -> bool:
    def pieces(product: Product) -> int:
        return sum(offer.pieces for offer in clause.offers_of(product))

    if _LAST.search(clause.text) and not clause.holds(lambda product: pieces(product) == 1):
        return False
    if _OUT.search(clause.text):
        return clause.holds(lambda product: pieces(product) == 0)
    return not _IN.search(clause.text) or clause.holds(lambda product: pieces(product) > 0)
