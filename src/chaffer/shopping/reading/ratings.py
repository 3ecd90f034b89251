"""The least rating that a sentence asks for: `at least 4 stars`, `rated 4.5 or better`, `good reviews`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chaffer.shopping.catalogue.products import MOST_RATING
from chaffer.shopping.reading.figures import Figure
from chaffer.shopping.reading.language.bounds import BEHIND, SKIPPED, Bound
from chaffer.shopping.reading.phrases import Phrases, all_meaning, any_of, taken
from chaffer.shopping.reading.sentences import Gap, Sentence, word_set

_STARS: Final = any_of("""
    stars, star, sterne, sternen, étoiles, étoile, out of 5, out of five, star rating, star reviews, star ratings,
    stars rating, sur 5, von 5, rating, ratings
    """)
_RATED: Final = word_set("""
    rating ratings rated score reviews review stars bewertung bewertet note notee notes scored bewertungen
    """)
GOOD: Final = 4.0
"""What products with good reviews are rated at least."""
_MOST_SKIPPED: Final = 2

_WELL_RATED: Final = Phrases(
    all_meaning(
        GOOD,
        """
        good reviews, well rated, well-rated, well reviewed, well-reviewed, highly rated, highly-rated, good ratings,
        good rating, great reviews, great ratings, positive reviews, high rating, high ratings, highly reviewed,
        decent reviews, decent rating, excellent reviews, nicely rated, gute bewertungen, guten bewertungen,
        gut bewertet, gut bewertete, gut bewerteter, gut bewertetes, bien noté, bien notée, bien notés, bons avis,
        bonnes notes, bonne note, good user reviews, good customer reviews, great rating, strong reviews,
        solid reviews, excellent ratings
        """,
    )
)


def rating_in(sentence: Sentence, figures: Iterable[Figure]) -> float | None:
    """Return the least rating that a sentence asks for, and take its words."""
    found: float | None = None
    for figure in figures:
        span = _rating_span(sentence, figure) if sentence.is_free(figure.start, figure.until) else None
        if span is not None:
            sentence.take(*span)
            found = float(figure.amounts[0].value)
    praised = [hit.meaning for hit in taken(sentence, _WELL_RATED)]
    return found if found is not None or not praised else praised[0]


def _rating_span(sentence: Sentence, figure: Figure) -> tuple[int, int] | None:
    """Return the words that make a figure a rating, None when it is none."""
    if figure.currency or figure.unit or figure.amounts[0].value > MOST_RATING or figure.bound is Bound.AT_MOST:
        return None
    behind = _STARS.at(sentence.words, figure.end) or _STARS.at(sentence.words, figure.until)
    if behind is not None and sentence.gap(behind.start) is not Gap.STOP:
        further = BEHIND.at(sentence.words, behind.end)
        start = figure.start - (figure.start > 0 and sentence.words[figure.start - 1] in _RATED)
        return start, max(behind.end if further is None else further.end, figure.until)
    start = figure.start
    for _ in range(_MOST_SKIPPED + 1):
        if start and sentence.words[start - 1] in _RATED:
            return start - 1, figure.until
        if not start or sentence.words[start - 1] not in SKIPPED:
            return None
        start -= 1
    return None
