"""Phrases that mean something, found in a sentence word by word: the longest one that fits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from chaffer.shopping.reading.sentences import Gap, Sentence, words_of

Meaning = TypeVar("Meaning")

_MOST_WORDS: Final = 8


@dataclass(frozen=True, slots=True)
class Hit(Generic[Meaning]):
    """A phrase in a sentence: its tokens, and what it means."""

    start: int
    end: int
    meaning: Meaning


class Phrases(Generic[Meaning]):
    """What phrases mean. Hyphens and spaces between their words are alike; a full stop never stands in a phrase."""

    def __init__(self, meanings: Mapping[str, Meaning], form: Callable[[str], str] = str) -> None:
        """Know these phrases; `form` is what their words and those of a sentence are both brought into."""
        self._meanings = {
            key: meaning for phrase, meaning in meanings.items() if (key := tuple(map(form, words_of(phrase))))
        }
        self._words = frozenset(word for phrase in meanings for word in words_of(phrase))
        self._from = _lengths(self._meanings, 0)
        self._to = _lengths(self._meanings, -1)

    def at(self, words: Sequence[str], start: int) -> Hit[Meaning] | None:
        """Return the longest phrase that begins there."""
        for length in self._from.get(words[start], ()) if start < len(words) else ():
            key = tuple(words[start : start + length])
            if len(key) == length and (meaning := self._meanings.get(key)) is not None:
                return Hit(start, start + length, meaning)
        return None

    def before(self, words: Sequence[str], end: int) -> Hit[Meaning] | None:
        """Return the longest phrase that ends there."""
        for length in self._to.get(words[end - 1], ()) if 0 < end <= len(words) else ():
            key = tuple(words[max(0, end - length) : end])
            if len(key) == length and (meaning := self._meanings.get(key)) is not None:
                return Hit(end - length, end, meaning)
        return None

    def words(self) -> frozenset[str]:
        """Return the words of all phrases as they were given."""
        return self._words

    def items(self) -> Iterable[tuple[tuple[str, ...], Meaning]]:
        """Return the words of each phrase, in the form they are compared in, and what it means."""
        return self._meanings.items()


def _lengths(keys: Iterable[tuple[str, ...]], place: int) -> dict[str, tuple[int, ...]]:
    """Return how long the phrases are that have each word at that place, longest first."""
    lengths: dict[str, set[int]] = {}
    for key in keys:
        if len(key) <= _MOST_WORDS:
            lengths.setdefault(key[place], set()).add(len(key))
    return {word: tuple(sorted(found, reverse=True)) for word, found in lengths.items()}


def taken(sentence: Sentence, phrases: Phrases[Meaning], form: Sequence[str] | None = None) -> list[Hit[Meaning]]:
    """Return the phrases that stand in what is free of a sentence, and take them."""
    hits: list[Hit[Meaning]] = []
    for at in sentence.free():
        hit = phrases.at(form or sentence.words, at)
        if hit is not None and sentence.is_free(hit.start, hit.end) and is_whole(sentence, hit):
            sentence.take(hit.start, hit.end)
            hits.append(hit)
    return hits


def is_said(sentence: Sentence, phrases: Phrases[Meaning]) -> bool:
    """Tell whether one of the phrases stands in a sentence, whoever took it."""
    return any(phrases.at(sentence.words, at) is not None for at in range(len(sentence)))


def is_whole(sentence: Sentence, hit: Hit[Meaning]) -> bool:
    """Tell whether no sentence ends within a phrase."""
    return all(sentence.gap(at) is not Gap.STOP for at in range(hit.start + 1, hit.end))


def phrases_in(text: str) -> tuple[str, ...]:
    """Return the phrases of a list that commas part."""
    return tuple(" ".join(phrase.split()) for phrase in text.split(","))


def all_meaning(meaning: Meaning, phrases: str) -> dict[str, Meaning]:
    """Return the phrases of a list, with the meaning that all of them have."""
    return dict.fromkeys(phrases_in(phrases), meaning)


def any_of(phrases: str) -> Phrases[bool]:
    """Return the phrases of a list, where it matters only that one of them is said."""
    return Phrases(dict.fromkeys(phrases_in(phrases), True))
