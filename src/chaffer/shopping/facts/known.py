"""What is true, and may be said, in an answer to a shopper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaffer.amounts.numerals import numerals_in
from chaffer.money import MINOR_PER_MAJOR
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Vocabulary
from chaffer.shopping.events import Match
from chaffer.shopping.facts.folding import as_read
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import AdvisoryQuestion, ClarificationQuestion, Context, Part


@dataclass(frozen=True, slots=True)
class Facts:
    """What may be said.

    `matches` are all products that can be spoken of, `about` those that are spoken of where none is named, and
    `numbered` the lists in which `the second` counts. `limits_minor` are the shopper's own amounts, `said` all numbers
    in their words and `words` all of these. `counts` tell how many products there are; `phrases` are code's own words,
    which pass as they are.
    """

    vocabulary: Vocabulary
    matches: tuple[Match, ...] = ()
    about: tuple[Product, ...] = ()
    numbered: tuple[tuple[Product, ...], ...] = ()
    limits_minor: frozenset[int] = frozenset()
    said: frozenset[float] = frozenset()
    words: frozenset[str] = frozenset()
    counts: frozenset[int] = frozenset()
    phrases: tuple[str, ...] = ()
    quantity: int = 1

    def price_of(self, product: Product) -> int:
        """Return a product's price a piece, of so many pieces as are wanted."""
        return product.price_for(self.quantity)

    @property
    def rivals(self) -> tuple[Product, ...]:
        """Return those that products are compared with where no other is named: what is shown now."""
        return self.numbered[0] if self.numbered else ()

    @property
    def products(self) -> tuple[Product, ...]:
        """Return the products that can be spoken of."""
        return tuple(match.product for match in self.matches)


def facts_of_advice(question: AdvisoryQuestion, recommended_id: str | None = None) -> Facts:
    """Return what may be said in answer to a question; without an id the first match is the recommended one."""
    context, wanted = question.context, question.constraints or Constraints()
    shown = tuple(match.product for match in question.matches)
    asked = tuple(match.product for match in question.asked_about)
    matches = {match.product.product_id: match for match in (*context.shown, *question.asked_about, *question.matches)}
    recommended = tuple(match.product for match in matches.values() if match.product.product_id == recommended_id)
    corrected = () if question.corrected is None else (f"“{question.corrected}”",)
    limits = _limits(wanted, context.preferences)
    return Facts(
        vocabulary=context.vocabulary,
        matches=tuple(matches.values()),
        about=(*recommended, *asked) or shown[:1],
        numbered=(shown, asked),
        limits_minor=limits,
        said=_said(context) | {limit / MINOR_PER_MAJOR for limit in limits},
        words=frozenset(word for text in _texts(context) for word in as_read(text).split()),
        counts=frozenset({question.total, *(relaxation.total for relaxation in question.relaxations)}),
        phrases=_readable((*question.noted, *(relaxation.what for relaxation in question.relaxations), *corrected)),
        quantity=wanted.quantity,
    )


def facts_of_clarification(question: ClarificationQuestion) -> Facts:
    """Return what may be said when a shopper is asked something: of products nothing, but what to choose from."""
    return Facts(
        vocabulary=question.context.vocabulary,
        limits_minor=_limits(question.constraints, question.context.preferences),
        said=_said(question.context)
        | {number.value for text in question.choice.values for number in numerals_in(text)},
        phrases=_readable(question.choice.values),
    )


def _limits(wanted: Constraints, preferences: Preferences) -> frozenset[int]:
    limits = (wanted.min_price_minor, wanted.max_price_minor, preferences.max_budget_minor)
    return frozenset(limit for limit in limits if limit is not None)


def _said(context: Context) -> frozenset[float]:
    """Return the numbers in what the shopper said."""
    return frozenset(number.value for text in _texts(context) for number in numerals_in(as_read(text)))


def _texts(context: Context) -> tuple[str, ...]:
    return (context.text, *(line.text for line in context.history if line.part is Part.SHOPPER))


def _readable(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(None, map(as_read, phrases)), key=len, reverse=True))
