"""What a shopper lifts: `any brand`, `forget the budget`, `the size doesn't matter`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.lifts import ARTICLES, BEFORE, BEHIND, KEPT, SUBJECTS, WHOLE
from chaffer.shopping.reading.phrases import taken
from chaffer.shopping.reading.sentences import Gap, Sentence

_MOST_ARTICLES: Final = 2
_REFUSALS: Final = frozenset({"dont", "not", "never"})
"""Who says `don't forget my budget` lifts nothing."""


def lifted_in(sentence: Sentence, known: Known) -> frozenset[str]:
    """Return what a sentence lifts: brand, price, rating, category, or the folded names of attributes."""
    whole = {hit.meaning for hit in taken(sentence, WHOLE)}
    return frozenset((*whole, *_lifted_before(sentence, known), *_lifted_behind(sentence, known)))


def kept_in(sentence: Sentence) -> frozenset[str]:
    """Return what is to stay as it was."""
    return frozenset(hit.meaning for hit in taken(sentence, KEPT))


def _lifted_before(sentence: Sentence, known: Known) -> Iterator[str]:
    for at in sentence.free():
        hit = BEFORE.at(sentence.words, at)
        if hit is None or (at and sentence.words[at - 1] in _REFUSALS):
            continue
        found = _subject_at(sentence, _past_articles(sentence, hit.end), known)
        if found is not None and sentence.is_free(at, found[0]) and sentence.is_one_clause(at, found[0]):
            end, subjects = found
            behind = BEHIND.at(sentence.words, end)
            sentence.take(at, end if behind is None else behind.end)
            yield from subjects


def _lifted_behind(sentence: Sentence, known: Known) -> Iterator[str]:
    for at in sentence.free():
        found = _subject_at(sentence, at, known)
        if found is None:
            continue
        end, subjects = found
        behind = BEHIND.at(sentence.words, end)
        if behind is not None and sentence.gap(end) is not Gap.STOP and sentence.is_free(at, behind.end):
            sentence.take(at, behind.end)
            yield from subjects


def _subject_at(sentence: Sentence, at: int, known: Known) -> tuple[int, frozenset[str]] | None:
    """Return where the name of something that can be lifted ends, and what it names."""
    if at >= len(sentence):
        return None
    subject = SUBJECTS.at(sentence.words, at)
    name = known.names.at(sentence.stems, at)
    if subject is not None and (name is None or subject.end >= name.end):
        return subject.end, frozenset({subject.meaning})
    return None if name is None else (name.end, frozenset(each.name for each in name.meaning))


def _past_articles(sentence: Sentence, at: int) -> int:
    for _ in range(_MOST_ARTICLES):
        at += at < len(sentence) and sentence.words[at] in ARTICLES
    return at
