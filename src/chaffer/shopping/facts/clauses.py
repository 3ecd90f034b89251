"""A sentence taken apart into clauses, and of which products each of them speaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product as product_of
from typing import Final

from chaffer.shopping.catalogue.products import Offer, Product
from chaffer.shopping.facts.known import Facts
from chaffer.shopping.facts.lexicon import Foreign, Marked, Sold, Spoken, Thing

_PARTS: Final = re.compile(
    r"\s(?:and|but|while|whereas|though|although|yet|or|versus|vs\.?|against)\s|[;()\[\]|]|,(?!\d)|\s-+\s|[.!?](?!\d)"
)
_EACH: Final = re.compile(
    r"\b(?:both|all(?= (?:of|the|two|three|four|five|are|have|come)\b)|each|every one|neither|none)\b"
)
_SEVERAL: Final = re.compile(
    r"\b(?:they|them|these|those|prices|options|matches|results|others|rest|range|list|shown)\b"
)
_IT: Final = re.compile(r"\b(?:it|its|it's|this|this one|that one)\b")
_ANY_SELLER: Final = re.compile(r"\b(?:sellers?|shops?|stores?|elsewhere|everywhere)\b")
_ABOUT_SHOPPER: Final = re.compile(
    r"\byour?\b.*\b(?:ask|said|say|want|need|look|budget|limit|wish|mention|prefer|set|named?|spend|maximum|in mind)"
)

_DENIED_BEFORE: Final = re.compile(
    r"\b(?:not(?! only)|no|nor|neither|never|none|without|lacks?|lacking|misses|missing|cannot)\b|n't\b"
)
_DENIED_BEHIND: Final = re.compile(r"^\W*(?:(?:is|are|being)\s)?(?:no|not|missing|absent|lacking|isn't|aren't)\b")

Products = tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence, marked as the lexicon does. What it claims must be true of one of `scope`, or of each.

    `meant` are those of which the text spoke before, `rivals` those that it may compare with. Prices and pieces are
    those of the `sellers`, where there are any. One about the shopper and no product may repeat what the shopper said.
    """

    text: str
    sentence: Marked
    scope: Products
    meant: Products
    rivals: Products
    sellers: frozenset[str]
    is_of_each: bool
    is_about_shopper: bool

    def readings(self) -> Iterator[Clause]:
        """Yield what the clause may mean: one of the products of its scope, unless it names several or is of each."""
        names = sum(isinstance(thing, Spoken) for _, thing in self.things_at())
        if self.is_of_each or names > 1 or not self.scope:
            yield self
        else:
            yield from (replace(self, scope=(product,)) for product in self.scope)

    def offers_of(self, product: Product) -> tuple[Offer, ...]:
        """Return the offers of a product that are spoken of: those of the sellers, or all where there are none."""
        return tuple(offer for offer in product.offers if not self.sellers or offer.seller in self.sellers)

    def things_at(self) -> Iterator[tuple[int, Thing]]:
        """Yield what it names, in order, each with its place."""
        return self.sentence.things_in(self.text)

    def spoken_in(self, part: str) -> Products:
        """Return the products that are named in a part of its text."""
        return spoken_of(self.sentence, part, (*self.meant, *self.scope))

    def pairs(self, before: str, behind: str) -> Iterator[tuple[Product, Product]]:
        """Yield which products are compared by what stands between these parts of its text.

        They are those named before it with those named behind it, else those that are meant or their rivals.
        """
        second = self.spoken_in(behind)
        first = self.spoken_in(before) or (self.meant if second else self.scope)
        return product_of(first, tuple(other for other in second if other not in first) or self.rivals)

    def holds(self, is_true: Callable[[Product], bool]) -> bool:
        """Tell whether something is true of the products that are spoken of."""
        if not self.scope:
            return False
        return all(map(is_true, self.scope)) if self.is_of_each else any(map(is_true, self.scope))


def clauses_of(sentence: Marked, subject: Products, named: Products, facts: Facts) -> Iterator[Clause]:
    """Yield the clauses of a sentence; `subject` are the products that the text speaks of, `named` those it ever did.

    A clause that names products speaks of these; one that names none, of those named before it in the sentence, else of
    those named behind it, else of the subject. `it` is what was named before, or the subject. Sellers are those that
    the clause names, else those named last of the same product.
    """
    everything = spoken_of(sentence, sentence.text, named)
    sellers: frozenset[str] = frozenset()
    before: Products = ()
    is_foreign = False
    for part in _PARTS.split(sentence.text):
        meant = before or subject
        own = spoken_of(sentence, part, named)
        is_elsewhere = own or _ANY_SELLER.search(part)
        sellers = _sellers_of(sentence, part) or (frozenset() if is_elsewhere else sellers)
        is_foreign = not own and (
            is_foreign or any(isinstance(thing, Foreign) for _, thing in sentence.things_in(part))
        )
        is_it = _IT.search(part) is not None
        referred = distinct((*meant, *own)) if is_it else own
        scope = () if is_foreign else referred or before or everything or _unnamed(part, subject, named, facts)
        rivals = tuple(other for other in everything if other not in scope) or facts.rivals
        is_of_each = _EACH.search(part) is not None
        is_about_shopper = not (own or is_it) and _ABOUT_SHOPPER.search(part) is not None
        yield Clause(part, sentence, scope, meant, rivals, sellers, is_of_each, is_about_shopper)
        before = distinct((*before, *referred))


def _sellers_of(sentence: Marked, part: str) -> frozenset[str]:
    return frozenset(thing.seller for _, thing in sentence.things_in(part) if isinstance(thing, Sold))


def _unnamed(part: str, subject: Products, named: Products, facts: Facts) -> Products:
    """Return the products of which a sentence speaks that names none."""
    if _EACH.search(part):
        return next((several for several in (subject, named) if len(several) > 1), facts.rivals)
    return facts.rivals if _SEVERAL.search(part) else subject


def spoken_of(sentence: Marked, part: str, named: Products) -> Products:
    """Return the products that a part of a sentence names, each once.

    A name that several bear means those of them that were named before.
    """
    things = (thing.products for _, thing in sentence.things_in(part) if isinstance(thing, Spoken))
    return distinct(product for bearers in things for product in [one for one in bearers if one in named] or bearers)


def distinct(products: Iterable[Product]) -> Products:
    """Return products in their order, each once."""
    return tuple({product.product_id: product for product in products}.values())


def denies(text: str) -> bool:
    """Tell whether a text says that something is not so."""
    return bool(_DENIED_BEFORE.search(text))


def is_denied(clause: Clause, start: int, end: int) -> bool:
    """Tell whether what stands there in a clause is said not to be."""
    return denies(clause.text[:start]) or bool(_DENIED_BEHIND.match(clause.text[end:]))
