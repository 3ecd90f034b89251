"""What a shopper thinks of what was shown, and what is to be learned of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.preferences import PreferenceChange
from chaffer.shopping.questions import FeedbackQuestion, product_of
from chaffer.shopping.reading.brands import Stance
from chaffer.shopping.reading.known import known_of
from chaffer.shopping.reading.language.comparisons import Aspect
from chaffer.shopping.reading.language.opinions import FOR_GOOD, PRAISING, REASONS, REJECTING
from chaffer.shopping.reading.phrases import Phrases
from chaffer.shopping.reading.pointing import products_named
from chaffer.shopping.reading.ratings import GOOD
from chaffer.shopping.reading.sentences import Sentence
from chaffer.shopping.reading.wishes import Wishes, wishes_in


@dataclass(frozen=True, slots=True)
class Opinion:
    """Whether a sentence praises what was shown or rejects it, for which reason, and whether it is meant for good."""

    praises: bool
    rejects: bool
    reasons: frozenset[str]
    is_for_good: bool


def opinion_in(said: str) -> Opinion:
    """Return what a sentence thinks of what was shown. Who rejects something does not praise it."""
    sentence = Sentence(said)
    rejects = _has(sentence, REJECTING)
    reasons = frozenset(_reasons(sentence)) if rejects else frozenset()
    return Opinion(
        praises=not rejects and _has(sentence, PRAISING),
        rejects=rejects,
        reasons=reasons,
        is_for_good=_has(sentence, FOR_GOOD),
    )


def _has(sentence: Sentence, phrases: Phrases[bool]) -> bool:
    return any(phrases.at(sentence.words, at) is not None for at in range(len(sentence)))


def _reasons(sentence: Sentence) -> Iterator[str]:
    for at in range(len(sentence)):
        hit = REASONS.at(sentence.words, at)
        if hit is not None:
            yield hit.meaning


def learn(question: FeedbackQuestion) -> PreferenceChange:
    """Return what is to be learned of a shopper's words: brands, a budget, a rating, and what they always need."""
    context = question.context
    current = None if context.constraints is None else context.constraints.category
    wishes = wishes_in(context.text, known_of(context.vocabulary), context.currency, current=current)
    opinion = opinion_in(context.text)
    named = products_named(context)
    spoken_of = named[0].product if named else product_of(context.shown, context.recommended_id)
    budget = _budget(wishes, opinion, spoken_of)
    return PreferenceChange(
        like=_liked(wishes, opinion, spoken_of),
        dislike=_disliked(wishes, opinion, spoken_of),
        forget_brands=_brands(wishes, Stance.FORGOTTEN),
        max_budget_minor=budget,
        budget_category=None if budget is None else current,
        min_rating=wishes.rating or (GOOD if complains_of(Aspect.RATING, wishes, opinion) else None),
        require=tuple(one.need for one in wishes.needs if opinion.is_for_good or one.is_disliked),
    )


def complains_of(aspect: Aspect, wishes: Wishes, opinion: Opinion) -> bool:
    """Tell whether a sentence finds fault with the price or the rating of what was shown."""
    return aspect.value in opinion.reasons or any(one.aspect is aspect and one.is_complaint for one in wishes.compared)


def _brands(wishes: Wishes, *stances: Stance) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in wishes.brands if one.stance in stances))


def _liked(wishes: Wishes, opinion: Opinion, spoken_of: Product | None) -> tuple[str, ...]:
    named = _brands(wishes, Stance.LIKED)
    is_own = opinion.praises and not (wishes.brands or wishes.compared or wishes.faults)
    return (spoken_of.brand,) if is_own and spoken_of is not None else named


def _disliked(wishes: Wishes, opinion: Opinion, spoken_of: Product | None) -> tuple[str, ...]:
    named = _brands(wishes, Stance.DISLIKED, Stance.UNWANTED)
    is_own = "brand" in opinion.reasons and not named and spoken_of is not None
    return (spoken_of.brand,) if is_own and spoken_of is not None else named


def _budget(wishes: Wishes, opinion: Opinion, spoken_of: Product | None) -> int | None:
    """Return what a piece may cost: the figure that was said, else a little less than what was too much."""
    if wishes.prices.high_minor is not None:
        return wishes.prices.high_minor
    dearer = any(one.aspect is Aspect.PRICE and one.is_more for one in wishes.compared)
    if spoken_of is None or dearer or not complains_of(Aspect.PRICE, wishes, opinion):
        return None
    return max(spoken_of.price_minor - 1, 0)
