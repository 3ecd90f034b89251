"""What there is to spend, where it stands apart from its number, and numbers that nobody could make anything of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from chaffer.shopping.catalogue.idle import IDLE
from chaffer.shopping.catalogue.searching import Sort
from chaffer.shopping.reading.brands import BrandNamed
from chaffer.shopping.reading.figures import Figure
from chaffer.shopping.reading.language.bounds import AMOUNTING, FOR_THING, FUNDS, OWNING, Bound
from chaffer.shopping.reading.phrases import Hit
from chaffer.shopping.reading.prices import LEAST_PRICE, is_count
from chaffer.shopping.reading.sentences import Gap, Sentence

_FARTHEST: Final = 10
_MOST_ADVERBS: Final = 2
_BUDGET: Final = "budget"


def budgeted(sentence: Sentence, figures: Iterable[Figure]) -> list[Figure]:
    """Return figures with the budgets and limits that stand apart from them, and take these words.

    `my budget for headphones is 120`, `limit for the laptop: 700`. In `my budget for two is 300` the two are no budget.
    """
    told = list(figures)
    for at, figure in enumerate(told):
        fund = _fund_before(sentence, figure)
        if fund is not None:
            sentence.take(fund.start, fund.end)
            told[at] = replace(figure, bound=figure.bound or fund.meaning)
            told[:at] = [_without(each, fund) for each in told[:at]]
    return told


def _without(figure: Figure, fund: Hit[Bound]) -> Figure:
    return replace(figure, start=figure.core, bound=None) if figure.start < fund.end <= figure.core else figure


def _fund_before(sentence: Sentence, figure: Figure) -> Hit[Bound] | None:
    for at in range(figure.start - 1, max(figure.start - 1 - _FARTHEST, -1), -1):
        if sentence.gap(at + 1) in {Gap.BREAK, Gap.STOP}:
            return None
        fund = FUNDS.at(sentence.words, at)
        if fund is not None and sentence.is_free(fund.start, fund.end) and _is_for(sentence, fund.end, figure):
            return fund
    return None


def _is_for(sentence: Sentence, at: int, figure: Figure) -> bool:
    """Tell whether what begins there says for what a figure is all there is: `for headphones is`, `for my laptop:`."""
    words = sentence.words[at : figure.start]
    if not words or words[0] not in FOR_THING:
        return False
    is_stated = not AMOUNTING.isdisjoint(words[-1 - _MOST_ADVERBS :]) or ":" in sentence.between(figure.start)
    has_others = any(token.number is not None for token in sentence.tokens[at : figure.start])
    return is_stated or (figure.unit is None and not has_others)


def orders(sentence: Sentence, sorts: Iterable[Hit[Sort]], figures: Sequence[Figure]) -> list[Hit[Sort]]:
    """Return the orders that are wanted. A `budget` that somebody has is none where there is a number for it."""
    has_number = any(figure.unit is None for figure in figures)
    return [hit for hit in sorts if not (has_number and _is_fund(sentence, hit))]


def _is_fund(sentence: Sentence, hit: Hit[Sort]) -> bool:
    if sentence.words[hit.start : hit.end] != [_BUDGET]:
        return False
    is_owned = hit.start > 0 and sentence.words[hit.start - 1] in OWNING
    is_last = sentence.gap(hit.end) in {Gap.BREAK, Gap.STOP}
    return is_owned or is_last or sentence.words[hit.end] in FOR_THING | AMOUNTING


def untold_in(sentence: Sentence, figures: Iterable[Figure], brands: Iterable[BrandNamed]) -> Iterator[str]:
    """Yield notes about bare numbers that became nothing: they may be prices. A part of a name is none: `RTX 4070`."""
    ends = {brand.end for brand in brands}
    for figure in figures:
        amount = figure.amounts[0]
        is_bare = figure.unit is figure.currency is None and len(figure.amounts) == 1 and amount.value >= LEAST_PRICE
        if not is_bare or figure.start in ends or not sentence.is_free(figure.start, figure.until):
            continue
        if not (is_count(sentence, figure) or _is_in_name(sentence, figure)):
            said = sentence.slice(figure.core, figure.end)
            yield f"I could not tell what {said} means here. If it is a price, say “under {said}”."


def _is_in_name(sentence: Sentence, figure: Figure) -> bool:
    """Tell whether a word that nobody knows stands beside a number."""
    before, behind = figure.start - 1, figure.until
    return any(
        0 <= at < len(sentence)
        and sentence.gap(edge) not in {Gap.BREAK, Gap.STOP}
        and sentence.is_free(at, at + 1)
        and sentence.words[at] not in IDLE
        for at, edge in ((before, figure.start), (behind, behind))
    )
