"""What is to be searched: the wishes of a sentence, put into a search that begins anew or goes on from the last one."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from chaffer.money import formatted
from chaffer.shopping.catalogue.idle import COMMON
from chaffer.shopping.catalogue.searching import Constraints, Sort
from chaffer.shopping.events import Intent
from chaffer.shopping.questions import Context, Planned, PlanningQuestion, product_of
from chaffer.shopping.reading.answering import answered_at_first, answered_with, wants_no_question
from chaffer.shopping.reading.attributes import both_bounds
from chaffer.shopping.reading.brands import BrandNamed, Stance
from chaffer.shopping.reading.comparing import Compared
from chaffer.shopping.reading.known import Known, known_of
from chaffer.shopping.reading.language.comparisons import Aspect
from chaffer.shopping.reading.language.lifts import BRAND, CATEGORY, PRICE, RATING
from chaffer.shopping.reading.mending import mended
from chaffer.shopping.reading.opinions import Opinion, opinion_in
from chaffer.shopping.reading.pointing import products_named
from chaffer.shopping.reading.prices import Prices, joined
from chaffer.shopping.reading.relating import Shown, related
from chaffer.shopping.reading.sentences import Sentence, words_of
from chaffer.shopping.reading.things import names_thing
from chaffer.shopping.reading.wishes import Wishes, wishes_in

_LONGEST_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class Heard:
    """How a sentence is taken: as an opinion or, without one, as a wish; and by which products it is measured."""

    opinion: Opinion | None
    shown: Shown


_ANEW: Final = Heard(None, Shown(None, ()))
"""A search that begins anew has nothing to be measured by."""


def plan(question: PlanningQuestion) -> Planned:
    """Return what is to be searched, and what the shopper should know about how they were understood."""
    context, before = question.context, question.context.constraints
    known = known_of(context.vocabulary)
    if question.answered is not None and before is not None:
        at_once = wants_no_question(context.text)
        answered = answered_with(context.text, question.answered, before, known)
        if answered is not None or at_once:
            return Planned(answered or before, at_once=at_once)
        begun, rest = answered_at_first(context.text, question.answered, before, known)
        return _refined(dataclasses.replace(context, text=rest), known, begun, asked=question.answered.name)
    if question.intent is Intent.SEARCH or before is None:
        return _searched(context, known)
    return _refined(context, known, before, opinion=_opinion(question))


def _opinion(question: PlanningQuestion) -> Opinion | None:
    return opinion_in(question.context.text) if question.intent is Intent.FEEDBACK else None


def _searched(context: Context, known: Known) -> Planned:
    wishes = wishes_in(context.text, known, context.currency, current=None)
    heard = Heard(None, _reference(context)) if _names_measure(wishes, context) else _ANEW
    planned = _applied(Constraints(), wishes, context, known, heard)
    before = context.constraints
    if before is not None and PRICE in wishes.kept:
        kept = replace(planned, min_price_minor=before.min_price_minor, max_price_minor=before.max_price_minor)
        planned = planned if wishes.prices != Prices(noted=wishes.prices.noted) else kept
    filled = _with_preferences(planned, context, wishes.lifted)
    noted = wishes.noted + _a_piece(wishes, planned, context.currency).noted + _contradictions(wishes)
    noted += _unknown_measures(wishes, context)
    if filled.max_price_minor != planned.max_price_minor and filled.max_price_minor is not None:
        noted += (f"I kept to your budget of {formatted(filled.max_price_minor, context.currency)}.",)
    return Planned(filled, noted)


def _refined(
    context: Context, known: Known, before: Constraints, *, asked: str | None = None, opinion: Opinion | None = None
) -> Planned:
    wishes = wishes_in(context.text, known, context.currency, current=before.category, asked=asked)
    if wishes.category is not None and wishes.category != before.category:
        kept = tuple(need for need in before.needs if known.has(wishes.category, need.name))
        before = replace(before, category=wishes.category, needs=kept, text="")
        if before.sort_by and not known.has(wishes.category, before.sort_by):
            before = replace(before, sort=Sort.RELEVANCE, sort_by="")
    limits = Prices() if PRICE in wishes.lifted else Prices(before.min_price_minor, before.max_price_minor)
    clashes = joined(limits, _a_piece(wishes, before, context.currency), context.currency).noted
    noted = wishes.noted + clashes + _contradictions(wishes) + _unknown_measures(wishes, context)
    heard = Heard(opinion, _reference(context))
    planned = _applied(before, wishes, context, known, heard)
    if opinion is not None:
        planned, told = mended(planned, before, wishes, opinion, context)
        noted += told
    is_thing = opinion is None and asked is None and names_thing(Sentence(context.text), wishes)
    return Planned(
        planned,
        noted,
        at_once=wishes.more is not None,
        more=wishes.more,
        bare_words=wishes.text if is_thing or (wishes.is_empty and opinion is None) else "",
        anew=_searched(context, known).constraints if is_thing else None,
    )


def _with_preferences(wanted: Constraints, context: Context, lifted: frozenset[str]) -> Constraints:
    """Return the constraints of a new search with what is known of a shopper's taste, where their words leave it open.

    `lifted` is what the words say does not matter: it stays open.
    """
    taste, known = context.preferences, known_of(context.vocabulary)
    if BRAND not in lifted:
        unloved = tuple(brand for brand in taste.disliked_brands if brand not in wanted.brands)
        wanted = replace(wanted, not_brands=tuple(dict.fromkeys((*wanted.not_brands, *unloved))))
    is_priced = wanted.max_price_minor is not None or PRICE in lifted
    if not is_priced and taste.budget_category in {None, wanted.category}:
        budget = taste.max_budget_minor
        is_open = budget is not None and budget >= (wanted.min_price_minor or 0)
        wanted = replace(wanted, max_price_minor=budget) if is_open else wanted
    if wanted.min_rating is None and RATING not in lifted:
        wanted = replace(wanted, min_rating=taste.min_rating)
    said = {need.name for need in wanted.needs} | lifted
    own = (need for need in taste.required if wanted.category is not None and need.name not in said)
    return replace(wanted, needs=(*wanted.needs, *(need for need in own if known.has(wanted.category, need.name))))


def _applied(wanted: Constraints, wishes: Wishes, context: Context, known: Known, heard: Heard) -> Constraints:
    """Return constraints as a sentence changes them."""
    wanted = _lifted(wanted, wishes.lifted)
    wanted = replace(wanted, category=wishes.category or wanted.category)
    wanted = _branded(wanted, wishes, heard)
    wanted = _priced(wanted, wishes, context.currency)
    before = {need.name: need for need in wanted.needs}
    said = {one.need.name: one.need for one in wishes.needs}
    said |= {name: both_bounds(before[name], need) or need for name, need in said.items() if name in before}
    wanted = replace(
        wanted,
        needs=tuple((before | said).values()),
        min_rating=wishes.rating or wanted.min_rating,
        quantity=wishes.quantity or wanted.quantity,
        sort=wishes.sort or wanted.sort,
        sort_by=wishes.sort_by if wishes.sort else wanted.sort_by,
        text=wanted.text if heard.opinion is not None else _text(wanted.text, wishes.text),
    )
    return _compared(wanted, wishes, heard, known, context.currency)


def _text(before: str, said: str) -> str:
    words = dict.fromkeys((*before.split(), *said.split()))
    return " ".join(words)[:_LONGEST_TEXT].strip() if before else said


def _lifted(wanted: Constraints, lifted: frozenset[str]) -> Constraints:
    if BRAND in lifted:
        wanted = replace(wanted, brands=(), not_brands=())
    if PRICE in lifted:
        wanted = replace(wanted, min_price_minor=None, max_price_minor=None)
    if RATING in lifted:
        wanted = replace(wanted, min_rating=None)
    if CATEGORY in lifted:
        wanted = replace(wanted, category=None)
    return replace(wanted, needs=tuple(need for need in wanted.needs if need.name not in lifted))


def _branded(wanted: Constraints, wishes: Wishes, heard: Heard) -> Constraints:
    """Return constraints with the brands that are wanted and not wanted; what was said of a brand last holds.

    In an opinion, `the Sony` is a product that was shown, and a brand that is liked is no condition.
    """
    last = {one.name: one for one in wishes.brands}
    is_opinion = heard.opinion is not None
    hard = {Stance.WANTED} if is_opinion else {Stance.WANTED, Stance.LIKED}
    named = [one for one in last.values() if one.stance in hard and not (is_opinion and one.is_pointed)]
    unwanted = [one.name for one in last.values() if one.stance in {Stance.UNWANTED, Stance.DISLIKED}]
    if wishes.wants_other and not named:
        unwanted += [brand for brand in heard.shown.brand() if brand not in unwanted]
    brands = tuple(brand for brand in _wanted_brands(wanted, named) if brand not in unwanted)
    allowed = {one.name for one in last.values() if one.stance in {Stance.WANTED, Stance.LIKED, Stance.FORGOTTEN}}
    refused = dict.fromkeys((*(brand for brand in wanted.not_brands if brand not in allowed), *unwanted))
    return replace(wanted, brands=brands, not_brands=tuple(refused))


def _wanted_brands(wanted: Constraints, named: list[BrandNamed]) -> tuple[str, ...]:
    if not named:
        return wanted.brands
    if named[0].is_added and not wanted.brands and named[0].name in wanted.not_brands:
        return ()
    kept = wanted.brands if named[0].is_added else ()
    return tuple(dict.fromkeys((*kept, *(one.name for one in named))))


def _priced(wanted: Constraints, wishes: Wishes, currency: str) -> Constraints:
    said = _a_piece(wishes, wanted, currency)
    prices = joined(Prices(wanted.min_price_minor, wanted.max_price_minor), said, currency)
    return replace(wanted, min_price_minor=prices.low_minor, max_price_minor=prices.high_minor)


def _a_piece(wishes: Wishes, wanted: Constraints, currency: str) -> Prices:
    """Return what a sentence says that a piece may cost; a price of all pieces is divided, and that is noted."""
    low, high = wishes.prices.low_minor, wishes.prices.high_minor
    quantity = wishes.quantity or wanted.quantity
    if not wishes.is_total or high is None or quantity == 1:
        return Prices(low, high)
    each = high // quantity
    told = f"{formatted(high, currency)} for {quantity} pieces is {formatted(each, currency)} for each of them."
    return Prices(None if low is None else low // quantity, each, (told,))


def _compared(wanted: Constraints, wishes: Wishes, heard: Heard, known: Known, currency: str) -> Constraints:
    """Return constraints with what a sentence compares; in a search that begins anew, its words are searched."""
    for one, said in zip(wishes.compared, wishes.said_compared, strict=True):
        is_stated = one.aspect is Aspect.PRICE and wishes.prices.high_minor is not None
        found = wanted if is_stated else related(wanted, one, heard.shown, known, currency)
        if found is None and heard is _ANEW:
            found = replace(wanted, text=_text(wanted.text, said))
        wanted = found or wanted
    for aspect in (Aspect.PRICE, Aspect.RATING):
        if not wishes.compared and heard.opinion is not None and aspect.value in heard.opinion.reasons:
            blamed = Compared(0, 0, is_more=aspect is Aspect.RATING, is_complaint=True, aspect=aspect)
            wanted = related(wanted, blamed, heard.shown, known, currency) or wanted
    return wanted


def _reference(context: Context) -> Shown:
    """Return the products to compare with: `cheaper than the first one`, else than the recommended one."""
    named = products_named(context)
    meant = named[0].product if named else product_of(context.shown, context.recommended_id)
    return Shown(meant, tuple(match.product for match in context.shown))


def _names_measure(wishes: Wishes, context: Context) -> bool:
    """Tell whether a sentence compares with a product that was shown: `cheaper than the second one`."""
    return any(one.than for one in wishes.compared) and bool(products_named(context))


def _unknown_measures(wishes: Wishes, context: Context) -> tuple[str, ...]:
    """Return notes about products that a sentence compares with and that were not shown."""
    unknown = [one.than for one in wishes.compared if one.than and not COMMON.issuperset(words_of(one.than))]
    if not unknown or products_named(context):
        return ()
    instead = "went by what I showed you" if context.shown and context.constraints else "could not go by it"
    return tuple(f"“{than}” is none of those I showed you, so I {instead}." for than in unknown)


def _contradictions(wishes: Wishes) -> tuple[str, ...]:
    """Return notes about brands that a sentence both wants and does not want."""
    stances: dict[str, set[Stance]] = {}
    for one in wishes.brands:
        stances.setdefault(one.name, set()).add(one.stance)
    torn = [name for name, said in stances.items() if {Stance.WANTED, Stance.UNWANTED} <= said]
    return tuple(f"You named {name} as wanted and as unwanted; I went by what you said last." for name in torn)
