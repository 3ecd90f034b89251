"""What is asked for where somebody asks which of several products it is: `which is the lightest?`."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.catalogue.searching import Sort
from chaffer.shopping.reading.comparing import Compared, comparisons_in
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.comparisons import Aspect
from chaffer.shopping.reading.language.pointers import ANY_WHICH, WHAT_IS
from chaffer.shopping.reading.language.sorts import SORTS
from chaffer.shopping.reading.language.superlatives import BEST, LEAST, MOST, WORDS
from chaffer.shopping.reading.phrases import taken
from chaffer.shopping.reading.relating import attributes_compared
from chaffer.shopping.reading.sentences import Sentence
from chaffer.shopping.reading.superlatives import superlative_in

_MOST_LEADING: Final = 3


def asks_which(text: str) -> bool:
    """Tell whether a text asks which of several products it is."""
    sentence = Sentence(text)
    if not ANY_WHICH.isdisjoint(sentence.words):
        return True
    leads = (WHAT_IS.at(sentence.words, at) for at in range(min(_MOST_LEADING, len(sentence))))
    return any(lead is not None and _is_superlative(sentence, lead.end) for lead in leads)


def order_asked(text: str, known: Known, category: str | None) -> tuple[Sort, str] | None:
    """Return the order whose first product is asked for, and the attribute's name; None where no order is.

    An attribute that the category lacks is told as well: whoever asks is to learn that it is lacked.
    """
    for within in (category, None):
        sentence = Sentence(text)
        named = superlative_in(sentence, known, within)
        sorts = taken(sentence, SORTS)
        compared = comparisons_in(sentence, known)
        order = named or ((sorts[-1].meaning, "") if sorts else _compared(compared, known, within))
        if order is not None:
            return order
    return None


def _compared(compared: list[Compared], known: Known, category: str | None) -> tuple[Sort, str] | None:
    if not compared:
        return None
    one = compared[0]
    if one.aspect is Aspect.PRICE:
        return (Sort.DEAREST if one.is_more else Sort.CHEAPEST), ""
    if one.aspect is Aspect.RATING:
        return Sort.BEST_RATED, ""
    name = next((each.name for each in attributes_compared(one, known, category)), None)
    return None if name is None else (Sort.MOST if one.is_more else Sort.LEAST, name)


def _is_superlative(sentence: Sentence, at: int) -> bool:
    words = sentence.words
    return WORDS.at(words, at) is not None or SORTS.at(words, at) is not None or words[at] in MOST | LEAST | BEST
