"""What the shopper said themselves holds, whatever a model makes of it: a plain reading of the words is the measure.

A model may be mistaken, or do what the name of a product tells it. So a limit that the words state cannot be loosened,
and nothing is learned of a person but from what they wrote.
"""

from __future__ import annotations

import re
from typing import Final, TypeVar

from msgspec.structs import replace

from chaffer.money import MINOR_PER_MAJOR
from chaffer.shopping.catalogue.searching import Constraints, Need
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import PreferenceChange, Preferences
from chaffer.shopping.questions import Context, PlanningQuestion

NumberT = TypeVar("NumberT", int, float)

_LONGER: Final = 4
_NUMBERS: Final = re.compile(r"\d+(?:\.\d*[1-9])?")


def within_what_was_said(planned: Constraints, read: Constraints, question: PlanningQuestion) -> Constraints:
    """Return a model's plan with the limits on prices of the words in it: of two, the stricter holds.

    A limit of the last search that the plain reading carried on is none of these words: a model may lift it. A brand is
    one that they wrote, or that the plain reading or the last search has, too: names of brands come from sellers. One
    that they refuse stays refused, and what they refused before does until they lift it. What the plain reading took
    from the shopper's preferences is taken over where the model left it open.
    """
    low, high = _said(read, question)
    least = max(filter(None, (low, planned.min_price_minor)), default=None)
    most = min(filter(None, (high, planned.max_price_minor)), default=None)
    if least is not None and most is not None and least > most:
        least, most = read.min_price_minor, read.max_price_minor
    return replace(
        _with_denials(
            _with_preferences(_of_brands_said(planned, read, question.context), read, question.context.preferences),
            read,
            question.context,
        ),
        min_price_minor=least,
        max_price_minor=most,
        in_stock=read.in_stock,
        not_products=read.not_products,
    )


def _of_brands_said(planned: Constraints, read: Constraints, context: Context) -> Constraints:
    searches = [read] if context.constraints is None else [read, context.constraints]
    wanted = {brand for each in searches for brand in each.brands}
    known = wanted.union(*(each.not_brands for each in searches))
    refused = _refused(read, context)

    def said(brands: tuple[str, ...], heard: set[str]) -> list[str]:
        return [brand for brand in brands if brand in heard or _is_written(brand, context)]

    return replace(
        planned,
        brands=tuple(brand for brand in said(planned.brands, wanted) if brand not in refused),
        not_brands=tuple(dict.fromkeys((*said(planned.not_brands, known), *refused))),
    )


def _refused(read: Constraints, context: Context) -> tuple[str, ...]:
    """Return the brands that these words refuse, or refused before and were not lifted; `something else` names none."""
    known = () if context.constraints is None else context.constraints.not_brands
    implied = {*context.preferences.disliked_brands, *(match.product.brand for match in context.shown)}.difference(
        known
    )
    return tuple(brand for brand in read.not_brands if brand not in implied or _is_written(brand, context))


def _with_preferences(planned: Constraints, read: Constraints, known: Preferences) -> Constraints:
    named = {*planned.brands, *planned.not_brands}
    disliked = (brand for brand in read.not_brands if brand in known.disliked_brands and brand not in named)
    has_rating = planned.min_rating is not None or read.min_rating != known.min_rating
    names = {need.name for need in planned.needs}
    own = read.needs if planned.category == read.category else ()
    required = (need for need in own if need in known.required and need.name not in names)
    return replace(
        planned,
        not_brands=(*planned.not_brands, *disliked),
        min_rating=planned.min_rating if has_rating else read.min_rating,
        needs=(*planned.needs, *required),
    )


def _with_denials(planned: Constraints, read: Constraints, context: Context) -> Constraints:
    """Return a plan with what the shopper refused of an attribute before, where these words do not name it."""
    before = () if context.constraints is None else context.constraints.needs
    denied = {
        need.name: need for need in read.needs if need.excluded and need in before and not _is_named(need, context)
    }
    others = (need for need in planned.needs if need.name not in denied)
    return replace(planned, needs=(*others, *denied.values()))


def _said(read: Constraints, question: PlanningQuestion) -> tuple[int | None, int | None]:
    """Return the least and the most price that these words state, as far as the plain reading knows."""
    before = question.context.constraints
    if before is None or (question.intent is Intent.SEARCH and question.answered is None):
        return read.min_price_minor, read.max_price_minor
    return (
        None if read.min_price_minor == before.min_price_minor else read.min_price_minor,
        None if read.max_price_minor == before.max_price_minor else read.max_price_minor,
    )


def learned_from_what_was_said(learned: PreferenceChange, read: PreferenceChange, context: Context) -> PreferenceChange:
    """Return what a model learned, as far as the shopper's words bear it; `read` is what a plain reading learned.

    A brand, a budget, a rating or a need is one that the plain reading found, too, or that they wrote; what it found
    liked is not disliked, and the other way round.
    """
    like, dislike = (
        tuple(brand for brand in brands if brand in found or (_is_written(brand, context) and brand not in against))
        for brands, found, against in (
            (learned.like, read.like, read.dislike),
            (learned.dislike, read.dislike, read.like),
        )
    )
    budget = read.max_budget_minor or _if_written(learned.max_budget_minor, MINOR_PER_MAJOR, context)
    needs = {need.name: need for need in (*learned.require, *read.require) if _is_need_written(need, read, context)}
    return PreferenceChange(
        like=tuple(brand for brand in like if brand not in {*dislike, *read.forget_brands}),
        dislike=tuple(brand for brand in dislike if brand not in read.forget_brands),
        forget_brands=read.forget_brands,
        max_budget_minor=budget,
        budget_category=read.budget_category if budget == read.max_budget_minor else _category(context),
        min_rating=_if_written(learned.min_rating, 1, context) or read.min_rating,
        require=tuple(needs.values()),
    )


def _category(context: Context) -> str | None:
    return None if context.constraints is None else context.constraints.category


def _if_written(number: NumberT | None, per_whole: int, context: Context) -> NumberT | None:
    """Return a number if its figure stands in the shopper's words, however they part its thousands."""
    figures = re.sub(r"(?<=\d)[,.'\s](?=\d{3}\b)", "", context.text).replace(",", ".")
    return number if number is not None and f"{number / per_whole:.10g}" in _NUMBERS.findall(figures) else None


def _is_written(name: str, context: Context) -> bool:
    """Tell whether a name stands in the shopper's words, or one of its longer words does."""
    spaced, written = _spaced(name), _spaced(context.text)
    longer = (word for word in spaced.split() if len(word) >= _LONGER)
    return spaced in written or any(f" {word} " in written for word in longer)


def _is_need_written(need: Need, read: PreferenceChange, context: Context) -> bool:
    return need in read.require or _is_named(need, context)


def _is_named(need: Need, context: Context) -> bool:
    words = _spaced(" ".join((need.name, *need.texts))).split()
    return not set(words).isdisjoint(_spaced(context.text).split())


def _spaced(text: str) -> str:
    """Return the words of a text, folded, each between spaces."""
    return f" {' '.join(''.join(sign if sign.isalnum() else ' ' for sign in folded_text(text)).split())} "
