"""Understanding a search text by the words that products have: words under way, and words with a slip in them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from enum import IntEnum
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.catalogue.words import Phrase, is_said_to_a_shop, phrases_of

MOST_ENDINGS: Final = 16
"""So many words are tried for one that is still being typed, the most frequent ones."""

MOST_ALIKE: Final = 64
"""So many words are looked at for one with a slip in it: those that share the most trigrams."""

_MOST_CORRECTED: Final = 8
_SHORTEST_BEGINNING: Final = 2
_SHORTEST_CORRECTED: Final = 4
_TWO_SLIPS_FROM: Final = 8
_MANY: Final = 5_000
_LEAST_TELLING: Final = 1e-6


NO_WORD: Final = ""
"""Counted as a word that every product has: so many products there are."""


class Lexicon(Protocol):
    """The words that products have, each with the number of products that have it."""

    def known(self, words: Collection[str]) -> Mapping[str, int]:
        """Return those of the words that products have."""
        ...

    def beginning(self, letters: str) -> Mapping[str, int]:
        """Return the most frequent words that begin so, `MOST_ENDINGS` at most."""
        ...

    def alike(self, word: str) -> Mapping[str, int]:
        """Return the words that share the most trigrams with one, `MOST_ALIKE` at most."""
        ...


Groups = tuple[tuple[tuple[str, ...], ...], ...]
"""Groups of phrases, each of words that stand side by side: one phrase of every group is asked for."""


class Strictness(IntEnum):
    """How much of a text a product must have.

    All of it; of its words those that tell what is sought, not those that are said to a shop; or any of these. With
    NONE the text is left aside. Cursors bear the numbers.
    """

    ALL = 0
    TELLING = 3
    ANY = 1
    NONE = 2


class Sought(Struct, frozen=True):
    """A search text as it was understood.

    `frequency` tells of each word how many products have it. `corrected` is the text that this is, where it is not the
    one that was given; `left_out` tells that it lacks words, since no product has them.
    """

    groups: Groups
    frequency: Mapping[str, int]
    corrected: str | None = None
    has_words: bool = True
    left_out: bool = False

    def ways(self, wanted: Constraints, among: Collection[str] | None) -> tuple[Strictness, ...]:
        """Return how it is searched: one way after the other, until something is found.

        A text of words that nothing has is left aside where something else is wanted, too, and finds nothing elsewhere:
        that some brands are not wanted, or that others may be gone, tells nothing of what is.
        """
        if not self.has_words:
            return (Strictness.NONE,)
        said: dict[Groups, Strictness] = {}
        for way in (Strictness.ALL, Strictness.TELLING, Strictness.ANY) if self.groups else ():
            said.setdefault(self.asked(way), way)  # One word is all, and any.
        said.pop((), None)  # Where nothing tells, all was asked.
        is_alone = among is None and replace(wanted, text="").tells_nothing
        return tuple(said.values()) if is_alone else (*said.values(), Strictness.NONE)

    def is_partial(self, strictness: Strictness) -> bool:
        """Tell whether what is found in a way need not have all words of the text."""
        return self.has_words and (self.left_out or strictness in {Strictness.ANY, Strictness.NONE})

    def asked(self, strictness: Strictness) -> Groups:
        """Return the groups of which a product must have a phrase each: one of single words where any will do.

        Those are the rare ones; without them the frequent ones, which tell little, would have most products compared.
        """
        if strictness is Strictness.ALL:
            return self.groups
        telling = tuple(group for group in self.groups if not all(map(is_said_to_a_shop, group)))
        if strictness is Strictness.TELLING:
            return telling
        words = {word for group in telling or self.groups for phrase in group for word in phrase}
        kept: list[tuple[str, ...]] = []
        reached = 0
        for word in sorted(words, key=lambda word: (self.frequency[word], word)):
            reached += self.frequency[word]
            if kept and reached > _MANY:
                break
            kept.append((word,))
        return (tuple(kept),)


def understood(text: str, lexicon: Lexicon) -> Sought:
    """Return what a text asks for. A word that no product has, and that resembles none, is left out.

    So are, and are never taken for slips, words that are said to a shop and that no product has.
    """
    phrases = phrases_of(text)
    frequency = dict(lexicon.known({word for phrase in phrases for word in (NO_WORD, *phrase.words)}))
    groups: list[tuple[tuple[str, ...], ...]] = []
    said: list[str] = []
    is_changed, left_out, left = False, False, _MOST_CORRECTED
    for number, phrase in enumerate(phrases, start=1):
        read: Phrase | None = phrase
        group: tuple[tuple[str, ...], ...] = (phrase.words,)
        if not all(word in frequency for word in phrase.words):
            endings = _endings(phrase, lexicon) if number == len(phrases) else {}
            frequency.update(endings)
            group = tuple((word,) for word in endings)
            if not endings and is_said_to_a_shop(phrase.words):
                continue  # No `tank` was meant by `thanks`.
            if not endings:
                is_changed, left = True, left - 1
                read = _corrected(phrase, frequency, lexicon) if left >= 0 else None
                group = () if read is None else (read.words,)
        if read is None:
            left_out = True
        else:
            groups.append(group)
            said.append(read.said)
    corrected = " ".join(said) if is_changed and groups else None
    return Sought(tuple(groups), frequency, corrected, has_words=bool(phrases), left_out=left_out)


def _endings(phrase: Phrase, lexicon: Lexicon) -> Mapping[str, int]:
    if len(phrase.words) > 1 or len(phrase.words[0]) < _SHORTEST_BEGINNING:
        return {}
    return lexicon.beginning(phrase.words[0])


def _corrected(phrase: Phrase, frequency: dict[str, int], lexicon: Lexicon) -> Phrase | None:
    """Return a phrase of words that products have, and count these; None where nothing is left of it."""
    words = []
    for word in phrase.words:
        known = word if word in frequency else _nearest(word, lexicon, frequency)
        if known is not None:
            words.append(known)
    if not words:
        return None
    if len(phrase.words) == 1 and phrase.said == f"{phrase.words[0]}s":
        return Phrase(f"{words[0]}s", (words[0],))
    return Phrase(" ".join(words), tuple(words))


def _nearest(word: str, lexicon: Lexicon, frequency: dict[str, int]) -> str | None:
    """Return the word that was meant: the one with the fewest slips, of those the most frequent."""
    if len(word) < _SHORTEST_CORRECTED or not word.isalpha():
        return None
    most = 2 if len(word) >= _TWO_SLIPS_FROM else 1
    near = []
    letters = set(word)
    for other, products in lexicon.alike(word).items():
        # A slip puts one letter in at most and takes one out, so most words are seen to be too far without reckoning.
        is_far = abs(len(other) - len(word)) > most or len(letters.symmetric_difference(other)) > 2 * most
        if not is_far and begin_alike(word, other) and (slips := distance(word, other)) <= most:
            near.append((slips, -products, other))
    if not near:
        return None
    _, less, found = min(near)
    frequency[found] = -less
    return found


def rarity(count: int, having: int) -> float:
    """Return how much a word tells that so many of `count` products have: as BM25 weighs it, and never nothing.

    The idf of Robertson and Zaragoza, The probabilistic relevance framework: BM25 and beyond, 2009, bounded below as
    FTS5 bounds it.
    """
    return max(math.log((count - having + 0.5) / (having + 0.5)), _LEAST_TELLING)


def trigrams_of(word: str) -> frozenset[str]:
    """Return the three-letter pieces of a word with its edges; none of a word that is never corrected to."""
    if len(word) < _SHORTEST_CORRECTED - 1 or not word.isalpha():
        return frozenset()
    edged = f" {word} "
    return frozenset(edged[start : start + 3] for start in range(len(edged) - 2))


def begin_alike(word: str, other: str) -> bool:
    """Tell whether two words begin with the same letter, or with the same two the other way round.

    Hardly anybody gets the first letter wrong (E. J. Yannakoudakis and D. Fawthrop, "The rules of spelling errors",
    1983): `socks` are no docks.
    """
    return word[0] == other[0] or word[:2] == other[1::-1]


def distance(one: str, other: str) -> int:
    """Return how many slips lie between two words: a letter wrong, left out, put in, or two letters swapped.

    The optimal string alignment distance (Boytsov, Indexing methods for approximate dictionary searching, 2011).
    """
    before: Sequence[int] = ()
    row: Sequence[int] = range(len(other) + 1)
    for i, letter in enumerate(one, start=1):
        last, before = before, row
        row = [i]
        for j, against in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != against))
            if last and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]
