"""A model's reply about a shopper's words, whole: from the object that was read to the typed reply.

Each field is read forgivingly and checked against what the catalogue has: what it does not know is left out, never
guessed, and what cannot be read at all is unfit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Final

from chaffer.llm.json_reader import Value
from chaffer.llm.prose import clean
from chaffer.llm.reply_fields import is_nothing, price_minor, refuse
from chaffer.llm.shopping_needs import need_of
from chaffer.shopping.catalogue.products import MOST_RATING
from chaffer.shopping.catalogue.searching import Constraints, Need, Sort, Vocabulary
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import PreferenceChange
from chaffer.shopping.prompts import advised
from chaffer.shopping.questions import AdvisoryQuestion, Context, FeedbackQuestion, Planned

Members = Mapping[str, Value]

_LONGEST_TEXT: Final = 200
_LONGEST_LABEL: Final = 40
_MOST_BRANDS: Final = 20
_MOST_NEEDS: Final = 20
_MOST_TEXTS: Final = 3
_MOST_PIECES: Final = 10_000


def intent_of(document: Members) -> Intent:
    """Return what the shopper wants. Raises UnfitReplyError."""
    value = document.get("intent")
    try:
        return Intent(value.strip().casefold() if isinstance(value, str) else "")
    except ValueError:
        refuse("no intent", f"the field intent has to be one of {', '.join(Intent)}")


def change_of(question: FeedbackQuestion, document: Members) -> PreferenceChange:
    """Return what the model learned. Raises UnfitReplyError."""
    known = _Known(question.context.vocabulary)
    return PreferenceChange(
        like=known.brands(document.get("like")),
        dislike=known.brands(document.get("dislike")),
        max_budget_minor=_amount(document.get("max_budget"), "max_budget"),
        min_rating=_rating(document.get("min_rating")),
        require=known.needs(document.get("require"), None),
    )


def planned_of(context: Context, document: Members) -> Planned:
    """Return the constraints that the model planned, and what of the shopper's wishes is not known here.

    Raises UnfitReplyError.
    """
    known = _Known(context.vocabulary)
    category = known.category(document.get("category"))
    sort, sort_by = known.order(document.get("sort"), document.get("sort_by"), category)
    constraints = Constraints(
        text=_text(document.get("text"), _LONGEST_TEXT),
        category=category,
        brands=known.brands(document.get("brands")),
        not_brands=known.brands(document.get("not_brands")),
        min_price_minor=_amount(document.get("min_price"), "min_price"),
        max_price_minor=_amount(document.get("max_price"), "max_price"),
        min_rating=_rating(document.get("min_rating")),
        needs=known.needs(document.get("needs"), category),
        quantity=_quantity(document.get("quantity")),
        sort=sort,
        sort_by=sort_by,
    )
    said = dict.fromkeys(shown for name in known.missed if (shown := _text(name, _LONGEST_LABEL)))
    noted = [f"The catalogue knows no “{name}”, so I left that out." for name in said if _is_said(name, context)]
    return Planned(constraints, tuple(noted))


def texts_of(document: Members) -> tuple[str, ...]:
    """Return other texts to search by."""
    texts = (_text(each, _LONGEST_TEXT) for each in _listed(document.get("texts")))
    return tuple(dict.fromkeys(text for text in texts if text))[:_MOST_TEXTS]


def product_of(question: AdvisoryQuestion, value: Value) -> str | None:
    """Return the id of the product whose number that is; else the best one where products were searched for."""
    products = advised(question)
    if isinstance(value, str) and value.strip().isdecimal():
        value = Decimal(value.strip())
    if isinstance(value, Decimal) and value.is_finite() and value in range(1, len(products) + 1):
        return products[int(value) - 1].product.product_id
    return question.matches[0].product.product_id if question.intent.searches and question.matches else None


class _Known:
    """The catalogue's own words for what a model calls things; `missed` is what it has none for."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.missed: list[str] = []

    def category(self, value: Value) -> str | None:
        return next(iter(self._known(self._vocabulary.categories, [value])), None)

    def brands(self, value: Value) -> tuple[str, ...]:
        return self._known(self._vocabulary.brands, _listed(value))[:_MOST_BRANDS]

    def needs(self, value: Value, category: str | None) -> tuple[Need, ...]:
        found: dict[str, Need] = {}
        for item in _listed(value)[:_MOST_NEEDS]:
            need = need_of(item, self._vocabulary.properties, category) if isinstance(item, dict) else None
            if need is not None:
                found.setdefault(need.name, need)
            elif isinstance(item, dict) and isinstance(name := item.get("name"), str):
                self.missed.append(name)
        return tuple(found.values())

    def order(self, value: Value, by: Value, category: str | None) -> tuple[Sort, str]:
        """Return an order and the attribute it is by: that of relevance where products have no such number."""
        sort, name = _sort(value), folded_text(by) if isinstance(by, str) else ""
        if sort not in {Sort.LEAST, Sort.MOST}:
            return sort, ""
        within = (each for each in self._vocabulary.properties if category is None or category in each.categories)
        is_known = any(each.name == name and not each.texts for each in within)
        return (sort, name) if is_known else (Sort.RELEVANCE, "")

    def _known(self, names: Iterable[str], values: Iterable[Value]) -> tuple[str, ...]:
        wanted = {folded_text(value): value for value in values if isinstance(value, str) and not is_nothing(value)}
        by_folded = {folded: name for name in names if (folded := folded_text(name)) in wanted} if wanted else {}
        self.missed += [value for folded, value in wanted.items() if folded not in by_folded]
        return tuple(by_folded[folded] for folded in wanted if folded in by_folded)


def _is_said(name: str, context: Context) -> bool:
    """Tell whether the shopper wrote it themselves: to them nothing is told that a model made up."""
    return folded_text(name) in folded_text(context.text)


def _listed(value: Value) -> list[Value]:
    if isinstance(value, list):
        return value
    return [] if is_nothing(value) else [value]


def _text(value: Value, longest: int) -> str:
    return " ".join(clean(value).split())[:longest] if isinstance(value, str) and not is_nothing(value) else ""


def _amount(value: Value, field: str) -> int | None:
    """Return a bound on prices in minor units; None for none, and 0 bounds nothing. Raises UnfitReplyError."""
    if is_nothing(value) or (isinstance(value, Decimal) and value.is_zero()):
        return None
    return price_minor(value, field)


def _rating(value: Value) -> float | None:
    if not isinstance(value, Decimal) or not value.is_finite():
        return None
    return round(float(value), 1) if 0 < value <= Decimal(MOST_RATING) else None


def _quantity(value: Value) -> int:
    if not isinstance(value, Decimal) or not value.is_finite():
        return 1
    return int(value) if 1 <= value <= _MOST_PIECES else 1


def _sort(value: Value) -> Sort:
    try:
        return Sort(value.strip().casefold() if isinstance(value, str) else "")
    except ValueError:
        return Sort.RELEVANCE
