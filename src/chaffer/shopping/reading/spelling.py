"""Misspelt names: a word that is nothing by itself, and one slip away from a single word that the catalogue knows.

Words are found by what is left of them without one letter or two (W. Garbe's symmetric delete, after F. S. Bocast,
1991), and compared by the optimal string alignment distance: a letter too many, too few, another, or two swapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from chaffer.shopping.catalogue.spelling import begin_alike, distance
from chaffer.shopping.reading.sentences import Sentence, stem

SHORTEST: Final = 5
_LONG: Final = 8
"""From so many letters on, words of the language of shops may have two slips."""
_LONGEST: Final = 24
_MOST_CORRECTED: Final = 40
"""So many words of a text are looked up at most, however long it is."""


class Spelling:
    """Words as they are spelled: `names` are proper names, `words` those of the language."""

    def __init__(self, names: Iterable[str], words: Iterable[str], known: frozenset[str]) -> None:
        """Correct to these; what is in `known` is never corrected."""
        self._names = frozenset(name for name in names if SHORTEST - 1 <= len(name) <= _LONGEST)
        self._words = frozenset(word for word in words if SHORTEST <= len(word) <= _LONGEST)
        self._known = known | self._names | self._words
        self._by_rest: dict[str, list[str]] = {}
        for word in sorted(self._names | self._words):
            for rest in _rests(word, _slips(word) if word in self._words else 1):
                self._by_rest.setdefault(rest, []).append(word)

    def correct(self, sentence: Sentence) -> dict[int, str]:
        """Read misspelt words of a sentence as what they are meant to be, and return which, by place."""
        corrected: dict[int, str] = {}
        doubtful = (at for at, word in enumerate(sentence.words) if self._is_doubtful(word))
        for at, _ in zip(doubtful, range(_MOST_CORRECTED), strict=False):
            meant = self.meant_by(sentence.words[at])
            if meant is not None:
                sentence.correct(at, meant)
                corrected[at] = meant
        return corrected

    def _is_doubtful(self, word: str) -> bool:
        return SHORTEST <= len(word) <= _LONGEST and word.isalpha() and not self.knows(word)

    def knows(self, word: str) -> bool:
        """Tell whether a word is spelled right, as far as anybody knows here."""
        return word in self._known or stem(word) in self._known

    def meant_by(self, word: str) -> str | None:
        """Return the one word that is nearest to a misspelt one, of several the one as long; None where none is."""
        rests = _rests(word, _slips(word))
        near = {other for rest in rests for other in self._by_rest.get(rest, ()) if begin_alike(word, other)}
        distances = sorted((distance(word, other), other) for other in near)
        fitting = [(far, other) for far, other in distances if far <= self._slips_allowed(word, other)]
        if not fitting:
            return None
        nearest = [other for far, other in fitting if far == fitting[0][0]]
        if len(set(map(stem, nearest))) > 1:
            nearest = [other for other in nearest if len(other) == len(word)]
        return nearest[0] if len(set(map(stem, nearest))) == 1 else None

    def _slips_allowed(self, word: str, other: str) -> int:
        return min(_slips(word), _slips(other)) if other in self._words else 1


def _slips(word: str) -> int:
    return 2 if len(word) >= _LONG else 1


def _rests(word: str, slips: int) -> Iterator[str]:
    """Yield a word, and what is left of it without so many letters or fewer."""
    yield word
    for count in range(1, slips + 1):
        for gone in combinations(range(len(word)), count):
            yield "".join(letter for at, letter in enumerate(word) if at not in gone)
