"""The sample catalogue's products, how they divide, what they are called, and questions about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import Any

from chaffer.shopping.catalogue.dividing import facets_of, facts_of, properties_of
from chaffer.shopping.catalogue.fitting import fits
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.sample import sample_products
from chaffer.shopping.catalogue.searching import Constraints, Facets, Vocabulary
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.events import Intent, Match
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import AdvisoryQuestion, Context, Line
from chaffer.shopping.value import ranked


@cache
def products() -> tuple[Product, ...]:
    """Return the products of the sample."""
    return tuple(stocked.product for stocked in sample_products()[0])


def of(category: str) -> tuple[Product, ...]:
    """Return the products of a category."""
    return tuple(product for product in products() if product.category == category)


def facets(wanted: Constraints) -> Facets:
    """Return how the products that fit divide."""
    found = [product for product in products() if fits(product, wanted)]
    facts = Counter(fact for product in found for fact in facts_of(product))
    return Facets(facets_of(facts.items(), len(found)), len(found), len(found))


@cache
def vocabulary() -> Vocabulary:
    """Return what the sample calls things."""
    texts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for product in products():
        for name, text in product.attributes.items():
            texts[product.category, folded_text(name)][text] += 1
    categories = tuple(sorted({product.category for product in products()}))
    brands = tuple(sorted({product.brand for product in products()}))
    return Vocabulary(1, "USD", categories, brands, properties_of(texts))


def matches(wanted: Constraints, preferences: Preferences | None = None) -> tuple[Match, ...]:
    """Return the ten best of the products that fit."""
    return ranked(products(), wanted, preferences or Preferences())[:10]


def context(text: str = "", history: tuple[Line, ...] = (), **others: Any) -> Context:
    """Return the context of a shopper's words."""
    known: dict[str, Any] = {
        "session_id": "thread",
        "turn": 0,
        "seed": 7,
        "shown": (),
        "recommended_id": None,
        "constraints": None,
        "vocabulary": vocabulary(),
        "preferences": Preferences(),
        "currency": "USD",
    }
    return Context(text=text, history=history, **(known | others))


def advisory(wanted: Constraints, text: str = "", intent: Intent = Intent.SEARCH, **others: Any) -> AdvisoryQuestion:
    """Return the question what to tell who searched that; fields of the question and of its context by their names."""
    of_context = {name: others.pop(name) for name in tuple(others) if name in Context.__slots__ and name != "text"}
    found = others.pop("matches", None)
    shown = matches(wanted, of_context.get("preferences")) if found is None else found
    total = others.pop("total", len([product for product in products() if fits(product, wanted)]))
    return AdvisoryQuestion(
        context=context(text, **of_context), intent=intent, constraints=wanted, matches=shown, total=total, **others
    )
