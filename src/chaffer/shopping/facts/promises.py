"""Whether what is promised beside a product is a fact of it: an offer, a guarantee, free delivery, something extra."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chaffer.shopping.catalogue.fitting import NO
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.facts.clauses import Clause, is_denied
from chaffer.shopping.facts.folding import as_read
from chaffer.shopping.facts.known import Facts
from chaffer.shopping.facts.lexicon import Words, equivalents, words_of
from chaffer.shopping.facts.qualities import UNTOLD
from chaffer.shopping.reading.sentences import word_set

_OFFERS: Final = re.compile(
    r"\b(?:on (?:sale|offer|promotion|special|clearance)|sales? price|(?:flash|summer|winter|clearance) sale"
    r"|(?:special|exclusive|introductory|today's) (?:offer|deal|price)|limited[- ]time|today only|only today"
    r"|(?:until|till|ends?) (?:today|tonight|tomorrow|midnight)|black friday|discounted|discounts? (?:of|on)"
    r"|(?:at|with|has|have|gets?) an? (?:\w+ )?discount|marked down|reduced (?:price|to|from)|price (?:drop|cut)"
    r"|promo(?:tion)?s?|coupons?|vouchers?|cashback|rebates?|clearance|freebies?|(?:free|bonus) gift|gift card"
    r"|for free|free of charge|at no (?:extra|additional) c(?:ost|harge)|(?<!-)free (?!to\b|of\b|from\b|and\b)\w+"
    r"|warrant(?:y|ies)|guarantees?|guaranteed|money[- ]back|refunds?|refundable|returns? policy|days? returns?"
    r"|(?:same|next|one|two)[- ]day delivery|delivery|shipping|ships (?:free|today|tomorrow|within)|financing)\b"
)
_EXTRAS: Final = re.compile(
    r"\b(?:includ(?:es?|ing)|comes? (?:complete |bundled |along )?with|(?:bundled|ships|complete) with|throws? in)\b"
)
_INCLUDED: Final = re.compile(
    r"\b(?:(?:is|are|comes?) (?:also |even )?(?:included|thrown in|bundled|in the box)|included)\b"
)
_HAGGLED: Final = re.compile(r"\b(?:haggl|negotiat|bargain)")
_ITEM: Final = re.compile(r",? and (?=(?:an?|free|two)\b)|, (?=(?:an?|free|two)\b)| plus | along with ")
_ITEM_ENDS: Final = re.compile(r"[,;:.!?()–—]|\b(?:that|which|so|because|for|at|to|and|but|while)\b")
_EMPTY: Final = word_set("""
    a an the its his her their your you some any all both also even with of on for at no one two new great good nice
    full free extra additional own built handy matching generous solid strong excellent
    """)
"""Words that promise nothing by themselves."""
_TOLD: Final = frozenset({"price", "prices", "rating", "ratings", "review", "reviews", "stars", "sellers", "pieces"})
"""What every product has; whether it is as it is said to be the numbers tell."""


def are_promises_kept(clause: Clause, facts: Facts) -> bool:
    """Tell whether products have what a clause promises of them, and have not what it denies.

    What the shopper wished may be repeated, and a discount is what a buyer haggles for.
    """
    return all(_is_kept(clause, facts, *promise) for promise in _promises(clause))


def _is_kept(clause: Clause, facts: Facts, promised: Words, start: int, end: int) -> bool:
    if UNTOLD.search(clause.text) or (clause.is_about_shopper and facts.words.issuperset(promised)):
        return True
    is_not = is_denied(clause, start, end)
    return clause.holds(lambda product: _own_words(product).isdisjoint(promised) is is_not)


def _promises(clause: Clause) -> Iterator[tuple[Words, int, int]]:
    """Yield the telling words of each promise, with where the clause makes it."""
    for found in _OFFERS.finditer(clause.text):
        if not _HAGGLED.search(clause.sentence.text):
            yield _telling(found.group()), *found.span()
    for found in _EXTRAS.finditer(clause.text):
        for item in _items(clause, found.end()):
            yield item, *found.span()
    for found in _INCLUDED.finditer(clause.text):
        if words := _telling(clause.text[: found.start()]):
            yield words, *found.span()


def _items(clause: Clause, start: int) -> Iterator[Words]:
    """Yield what is listed behind a place of a clause; names and values among it are judged by others."""
    place = clause.sentence.text.find(clause.text) + start
    for item in _ITEM.split(clause.sentence.text[place:]):
        said = _ITEM_ENDS.split(item.strip(), maxsplit=1)[0]
        if words := _telling(said):
            yield words


def _telling(text: str) -> Words:
    return tuple(word for word in words_of(text) if word not in _EMPTY and not word[0].isdigit())


def _own_words(product: Product) -> frozenset[str]:
    """Return the words of what a product has, as its name and its attributes say it, and single ones that mean them."""
    had = {name: text for name, text in product.attributes.items() if folded_text(text) != NO}
    said = (words_of(as_read(text)) for text in (product.name, product.category, *had, *had.values()))
    same = (words for name in had for words in equivalents(words_of(as_read(name))) if len(words) == 1)
    return _TOLD.union(*said, *same)
