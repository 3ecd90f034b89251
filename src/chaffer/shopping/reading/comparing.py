"""How a sentence compares with what was shown: what is to be more, and what less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from chaffer.shopping.catalogue.searching import Property
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.bounds import BEFORE, BEHIND, SKIPPED
from chaffer.shopping.reading.language.comparisons import (
    FALLS_SHORT,
    GOES_FAR,
    LESS,
    MORE,
    TOO_LITTLE,
    TOO_MUCH,
    WORDS,
    Aspect,
)
from chaffer.shopping.reading.money import currency_of
from chaffer.shopping.reading.numerals import spoken_value
from chaffer.shopping.reading.phrases import Hit
from chaffer.shopping.reading.sentences import Gap, Sentence, word_set

_COPULAS: Final = word_set("""
    is are was too bit a so way far little very much ist zu est trop looks
    """)
_FINE: Final = frozenset({"fine", "ok", "okay", "alright"})
_MOST_COPULAS: Final = 4
_THAN: Final = (["than"], ["als"], ["que"])
_BEHIND_OBJECT: Final = word_set("""
    but and or with without for under over below above in please is are und oder aber mit ohne unter et ou mais avec
    sans
    """)
_OWN: Final = frozenset({"budget", "limit", "price"})
_LONGEST_OBJECT: Final = 8


@dataclass(frozen=True, slots=True)
class Compared:
    """What is to be more or less than what was shown: an aspect, or one of the attributes with these names.

    `than` are the words for what it is compared with, empty where nothing is named: what was shown then.
    """

    start: int
    end: int
    is_more: bool
    is_complaint: bool
    aspect: Aspect | None = None
    names: frozenset[str] = frozenset()
    than: str = ""


def comparisons_in(sentence: Sentence, known: Known) -> list[Compared]:
    """Return what a sentence compares, and take its words. `lighter than 2 kg` is a bound, and left alone."""
    found: list[Compared] = []
    for at in sentence.free():
        compared = _compared(sentence, known, at)
        if compared is not None and sentence.is_free(compared.start, compared.end):
            compared = _with_object(sentence, compared)
            sentence.take(compared.start, compared.end)
            if not _is_allowed(sentence, compared.end):
                found.append(compared)
    return found


def _with_object(sentence: Sentence, compared: Compared) -> Compared:
    """Return a comparison with what it is made with: `cheaper than the Sony WH-CH520` wants no Sony."""
    start = end = compared.end + 1
    if sentence.words[compared.end : start] not in _THAN:
        return compared
    while end < len(sentence) and end - start < _LONGEST_OBJECT and not _ends_object(sentence, end):
        end += 1
    if end == start or not _OWN.isdisjoint(sentence.words[start:end]) or not sentence.is_free(start, end):
        return compared
    return replace(compared, end=end, than=sentence.slice(start, end))


def _ends_object(sentence: Sentence, at: int) -> bool:
    return sentence.gap(at) in {Gap.BREAK, Gap.STOP} or sentence.words[at] in _BEHIND_OBJECT


def _is_allowed(sentence: Sentence, end: int) -> bool:
    """Tell whether more or less is just not minded: `heavier is fine`."""
    return sentence.words[end : end + 1] == ["is"] and not _FINE.isdisjoint(sentence.words[end + 1 : end + 3])


def _compared(sentence: Sentence, known: Known, at: int) -> Compared | None:
    behind = BEHIND.at(sentence.words, at - 1) if at else None
    if behind is not None and behind.end > at:
        return None
    trend = WORDS.at(sentence.words, at)
    named = next(_attributes(sentence, known, at), None)
    if named is not None and (trend is None or trend.end < named.end):
        return named
    if trend is None or any(_is_bound(sentence, place) for place in range(trend.start, trend.end)):
        return None
    meaning = trend.meaning
    return Compared(trend.start, trend.end, meaning.is_more, meaning.is_complaint, meaning.aspect)


def _is_bound(sentence: Sentence, at: int) -> bool:
    """Tell whether words are the bound of a number: `cheaper than 300`."""
    bound = BEFORE.at(sentence.words, at)
    if bound is None or bound.end >= len(sentence):
        return False
    end = bound.end + (sentence.words[bound.end] in SKIPPED and bound.end + 1 < len(sentence))
    return any(
        sentence.tokens[place].number is not None
        or currency_of(sentence.words[place]) is not None
        or spoken_value(sentence.words, place) is not None
        for place in (bound.end, end)
    )


def _attributes(sentence: Sentence, known: Known, at: int) -> Iterator[Compared]:
    """Yield the comparison of an attribute that is named: `more memory`, `not enough memory`, `screen is too small`."""
    little, much = TOO_LITTLE.at(sentence.words, at), TOO_MUCH.at(sentence.words, at)
    for lead, is_more in ((little, True), (much, False)):
        if lead is not None and (name := _name_at(sentence, known, lead.end)) is not None:
            yield Compared(at, name.end, is_more, is_complaint=True, names=_names(name))
    word = sentence.words[at]
    if word in MORE or word in LESS:
        start = at + 1 + (sentence.words[at + 1 : at + 2] == ["of"])
        if (name := _name_at(sentence, known, start)) is not None:
            yield Compared(at, name.end, word in MORE, is_complaint=False, names=_names(name))
    if (name := known.names.at(sentence.stems, at)) is not None:
        end = name.end
        while end < len(sentence) and end - name.end < _MOST_COPULAS and sentence.words[end] in _COPULAS:
            end += 1
        behind = sentence.words[end] if end < len(sentence) and end > name.end else ""
        if behind in FALLS_SHORT or behind in GOES_FAR:
            yield Compared(at, end + 1, behind in FALLS_SHORT, is_complaint=True, names=_names(name))


def _name_at(sentence: Sentence, known: Known, at: int) -> Hit[tuple[Property, ...]] | None:
    return known.names.at(sentence.stems, at) if sentence.gap(at) not in {Gap.BREAK, Gap.STOP} else None


def _names(hit: Hit[tuple[Property, ...]]) -> frozenset[str]:
    return frozenset(each.name for each in hit.meaning)
