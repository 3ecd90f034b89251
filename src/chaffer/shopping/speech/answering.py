"""What is said when one product is asked about: what it costs, how it is rated, who has it, and what it has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from chaffer.counting import counted, listed
from chaffer.draws import Draws
from chaffer.money import formatted
from chaffer.shopping.catalogue.fitting import NO
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Property, Vocabulary
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.questions import AdvisoryQuestion
from chaffer.shopping.reading.figures import figures_of
from chaffer.shopping.reading.known import known_of
from chaffer.shopping.reading.measures import measures_in
from chaffer.shopping.reading.pointing import begins_with_why
from chaffer.shopping.reading.sentences import Sentence
from chaffer.shopping.speech import templates
from chaffer.shopping.speech.choosing import IN_STOCK
from chaffer.shopping.speech.naming import (
    YES,
    attributes_of,
    is_adjective,
    price_of,
    rating_of,
    trait,
)
from chaffer.shopping.speech.recommending import reasons

_MOST_SELLERS: Final = 5
_MOST_TRAITS: Final = 6


def answer_about(product: Product, question: AdvisoryQuestion, draws: Draws) -> Iterator[str]:
    """Yield what is said of a product in answer to the shopper's words: what they ask for, or all in short."""
    context = question.context
    asked = [tell for pattern, tell in _ASKED if pattern.search(folded_text(context.text))]
    names = _attributes_asked(context.text, product, context.vocabulary)
    if not asked and not names:
        is_why = begins_with_why(context.text) and product == question.matches[0].product
        yield from reasons(question, draws) if is_why else _description(product, draws, context.turn)
    for tell in asked:
        yield tell(product)
    known = attributes_of(product)
    for name in names:
        if name in known:
            yield _told(product, name, known[name])
        else:
            yield draws.part(templates.NOT_TOLD, "not told", context.turn).format(name=product.name, what=name)


def _attributes_asked(text: str, product: Product, vocabulary: Vocabulary) -> list[str]:
    """Return the names of the attributes that a question is about; a value or a measure stands for its attribute.

    What products of other kinds have counts where it is all that is named: of this one it is not known.
    """
    known, sentence = known_of(vocabulary), Sentence(text)
    measured = measures_in(Sentence(text), list(figures_of(sentence)), known, product.category)
    found: dict[str, None] = {one.need.name: None for one in measured}
    foreign: dict[str, None] = {}
    at = 0
    while at < len(sentence):
        named = known.names.at(sentence.stems, at)
        valued = known.values.at(sentence.stems, at)
        properties: tuple[Property, ...] = ()
        if named is not None and (valued is None or named.end >= valued.end):
            properties, at = named.meaning, named.end
            foreign |= dict.fromkeys(each.name for each in properties)
        elif valued is not None:
            properties, at = tuple(value.known for value in valued.meaning), valued.end
        else:
            at += 1
        found |= dict.fromkeys(each.name for each in properties if product.category in each.categories)
    return list(found or foreign)


def _told(product: Product, name: str, text: str) -> str:
    """Return an attribute as the answer to a question for it."""
    said = folded_text(text)
    if said not in {YES, NO}:
        return f"The {product.name}: {trait(name, text)}."
    verb = "is" if is_adjective(name) else "has"
    return (
        f"Yes, the {product.name} {verb} {name}." if said == YES else f"No, the {product.name} {_negated(verb, name)}."
    )


def _negated(verb: str, name: str) -> str:
    return f"is not {name}" if verb == "is" else f"has no {name}"


def _description(product: Product, draws: Draws, turn: int) -> Iterator[str]:
    words = {"name": product.name, "price": price_of(product), "rated": rating_of(product)}
    yield draws.part(templates.DESCRIBED, "describe", turn).format(**words)
    has = [trait(name, text) for name, text in attributes_of(product).items()][:_MOST_TRAITS]
    if has:
        yield f"What it brings: {listed(has)}."
    yield _stock(product)


def _price(product: Product) -> str:
    dearest = max(offer.price_minor for offer in product.offers)
    least = f"The {product.name} costs {price_of(product)} at {product.offers[0].seller}"
    if dearest == product.price_minor:
        return f"{least}."
    return f"{least}; the dearest of its sellers asks {formatted(dearest, product.currency)}."


def _rating(product: Product) -> str:
    return f"The {product.name} is {rating_of(product)}."


def _stock(product: Product) -> str:
    having = [offer for offer in product.offers if offer.pieces]
    if not having:
        return f"The {product.name} is sold out everywhere at the moment."
    pieces = counted(product.pieces, "piece is", "pieces are")
    return f"Of the {product.name}, {pieces} in stock at {counted(len(having), 'seller', 'sellers')}."


def _sellers(product: Product) -> str:
    told = [
        f"at {offer.seller} for {formatted(offer.price_minor, product.currency)}"
        + (f" ({offer.pieces} in stock)" if offer.pieces else " (sold out)")
        for offer in product.offers[:_MOST_SELLERS]
    ]
    return f"You find the {product.name} {listed(told)}."


_ASKED: Final[tuple[tuple[re.Pattern[str], Callable[[Product], str]], ...]] = (
    (re.compile(r"\b(?:how much (?:is|are|does|do|for|would)|price|prices|costs?|expensive)\b"), _price),
    (re.compile(r"\b(?:rat(?:ed|ings?)|reviews?|stars?|people (?:say|think))\b"), _rating),
    (re.compile(rf"{IN_STOCK.pattern}|\bhow many\b"), _stock),
    (re.compile(r"\b(?:who (?:sells|has)|sellers?|shops?|stores?|where (?:can|do))\b"), _sellers),
)
"""What every product has, and how it is asked for."""
