"""What a catalogue calls things, made ready for reading: built once for a vocabulary, used for every sentence."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Final, TypeVar

from chaffer.shopping.catalogue.searching import Property, Vocabulary
from chaffer.shopping.reading.language.equivalents import SAME_ATTRIBUTE, WHEN_ASKED
from chaffer.shopping.reading.language.kinds import KINDS_OF, SAME_KIND
from chaffer.shopping.reading.language.ordinary import HOLLOW, ORDINARY
from chaffer.shopping.reading.phrases import Phrases
from chaffer.shopping.reading.sentences import stem, words_of
from chaffer.shopping.reading.spelling import Spelling

Named = TypeVar("Named", Property, "Value")

_KEPT: Final = 4
_MAKING: Final = Lock()
_SUM: Final = re.compile(r"\s*[&,]\s*|\s+and\s+")
ASKED_RANK: Final = 3
YES: Final = frozenset({"yes", "true", "ja", "oui", "y"})
NO: Final = frozenset({"no", "false", "nein", "non", "n", "none"})
_LONGEST_PART: Final = 3
_SHORTEST_SPELLED: Final = 6
_ALIASES: Final = {"hewlett packard": "hp", "hewlett-packard": "hp"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A category, or a kind of its products that has one of these texts somewhere among its attributes."""

    category: str
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Value:
    """What an attribute can be: `texts` as a need bears them, none where the product must just have it.

    `rank` tells how near the words are to the catalogue's: 0 its own, 1 the same in other words, 2 a part of it, 3 one
    that mean it only where it was asked for.
    """

    known: Property
    texts: tuple[str, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand as the catalogue spells it.

    One of ordinary words, or of another brand with such words, is taken for a brand only where it is written so.
    """

    name: str
    is_ordinary: bool


class Known:
    """The names of a vocabulary as phrases."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Index a vocabulary."""
        self.vocabulary = vocabulary
        self.kinds = _kinds(vocabulary.categories)
        self.names: Phrases[tuple[Property, ...]] = Phrases(_by_phrase(_names(vocabulary.properties)), stem)
        self.values: Phrases[tuple[Value, ...]] = Phrases(_by_phrase(_values(vocabulary.properties)), stem)
        self._own_words = {words_of(name) for each in vocabulary.properties for name in (each.name, *each.texts)}
        self._brand_phrases = frozenset(" ".join(words_of(name)) for name in vocabulary.brands)
        self.brands = Phrases(dict(self._brands()))
        self.joined = {"".join(phrase): brand for phrase, brand in self.brands.items() if not brand.is_ordinary}
        self.spelling = self._spelling()

    def _spelling(self) -> Spelling:
        """Return how the names are spelled."""
        names = {word for name in self.vocabulary.brands for word in words_of(name)} - ORDINARY
        kinds = self.kinds.words()
        attributes = {word for key in self._own_words for word in key if len(word) >= _SHORTEST_SPELLED} - ORDINARY
        heard = {*kinds, *attributes, *self.names.words(), *self.values.words()}
        return Spelling(names, kinds | attributes, ORDINARY.union(heard, map(stem, heard)))

    def within(self, category: str | None) -> tuple[Property, ...]:
        """Return the attributes that products of a category have; those of all for none."""
        return tuple(each for each in self.vocabulary.properties if category is None or category in each.categories)

    def has(self, category: str | None, name: str) -> bool:
        """Tell whether products of a category have an attribute."""
        return any(each.name == name for each in self.within(category))

    def has_foreign_kind(self, words: Sequence[str]) -> bool:
        """Tell whether words name a kind of product that is none of the catalogue's: `tv`, `running shoes`."""
        stems = [stem(word) for word in words]
        return any(
            tuple(stems[start:end]) in _same_kinds() and self.kinds.at(stems, start) is None
            for start in range(len(stems))
            for end in range(start + 1, len(stems) + 1)
        )

    def _brands(self) -> Iterator[tuple[str, Brand]]:
        spelled = {" ".join(words_of(name)): name for name in self.vocabulary.brands}
        spelled |= {alias: spelled[name] for alias, name in _ALIASES.items() if name in spelled}
        for phrase, name in spelled.items():
            words = phrase.split()
            brand = Brand(name, self._is_ordinary(words))
            yield phrase, brand
            if "&" in words:
                yield from ((phrase.replace("&", joint), brand) for joint in ("and", "") if len(words) > 1)
            if words[:1] == ["the"] and (short := phrase.removeprefix("the ")) not in spelled:
                yield short, Brand(name, self._is_ordinary(words[1:]))

    def _is_ordinary(self, words: list[str]) -> bool:
        kind = self.kinds.at(list(map(stem, words)), 0)
        is_kind = kind is not None and kind.end == len(words)
        telling = " ".join(word for word in words if word not in ORDINARY and not word.isdigit())
        is_another = telling != " ".join(words) and telling in self._brand_phrases
        return not telling or is_another or is_kind or tuple(words) in self._own_words


@lru_cache(maxsize=_KEPT)
def known_of(vocabulary: Vocabulary) -> Known:
    """Return a vocabulary made ready for reading; kept for the next sentence."""
    return Known(vocabulary)


def made_ready(vocabulary: Vocabulary) -> None:
    """Make a vocabulary ready for reading where nobody waits for it: of 5,000 brands that takes most of a second.

    Of several threads that want it at once one does it.
    """
    with _MAKING:
        known_of(vocabulary)


def is_switch(known: Property) -> bool:
    """Tell whether products have an attribute or have it not."""
    return bool(known.texts) and YES.union(NO).issuperset(known.texts)


def switched_on(known: Property) -> tuple[str, ...]:
    """Return the texts of those that have it."""
    return tuple(text for text in known.texts if text in YES) or ("yes",)


def _kinds(categories: Iterable[str]) -> Phrases[Kind]:
    """Return what categories are called: their own names before other ones; what may be two of them is none."""
    ranked: defaultdict[tuple[str, ...], dict[int, set[Kind]]] = defaultdict(lambda: defaultdict(set))
    spelled: dict[tuple[str, ...], str] = {}
    for category in categories:
        for phrase, rank, kind in _called(category):
            key = tuple(map(stem, words_of(phrase)))
            ranked[key][rank].add(kind)
            spelled.setdefault(key, phrase)
    best = {key: found[min(found)] for key, found in ranked.items()}
    return Phrases({spelled[key]: next(iter(kinds)) for key, kinds in best.items() if len(kinds) == 1}, stem)


def _called(category: str) -> Iterator[tuple[str, int, Kind]]:
    """Yield phrases for a category, how near they are to its name, and what they mean."""
    own = Kind(category)
    last = category.replace("/", ">").rpartition(">")[2]
    if all(word in HOLLOW for word in words_of(last)):
        return
    yield from ((category, 0, own), (last, 1, own))
    parts = _SUM.split(last)
    for part in parts:
        words = words_of(part)
        if len(parts) > 1:
            yield part, 3, own
        key, head = tuple(map(stem, words)), tuple(map(stem, words[-1:]))
        for rank, group in ((2, _same_kinds().get(key)), (3, _same_kinds().get(head))):
            for phrase in group or ():
                yield phrase, rank, own
            special = ((phrase, texts) for phrase, (kind, texts) in KINDS_OF.items() if group and kind in group)
            yield from ((phrase, rank, Kind(category, texts)) for phrase, texts in special)


@cache
def _same_kinds() -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the names of a kind by each of them."""
    return {tuple(map(stem, words_of(phrase))): group for group in SAME_KIND for phrase in group}


def _names(properties: Iterable[Property]) -> Iterator[tuple[str, Property]]:
    for known in properties:
        yield known.name, known
        yield from ((phrase, known) for phrase in _equivalents(known.name))


def _values(properties: Iterable[Property]) -> Iterator[tuple[str, Value]]:
    for known in properties:
        if is_switch(known):
            yield from _said(known.name, known, switched_on(known))
            continue
        if not NO.isdisjoint(known.texts):
            yield from _said(known.name, known, ())
        for text in known.texts:
            if text not in YES | NO:
                yield from _said(text, known, (text,))
        yield from ((part, Value(known, texts, 2)) for part, texts in _parts(known).items())


def _said(phrase: str, known: Property, texts: tuple[str, ...]) -> Iterator[tuple[str, Value]]:
    """Yield the phrases for a value. Single letters and bare numbers mean too much to mean it."""
    if not (len(phrase) == 1 or phrase.isdigit() or all(word in HOLLOW for word in words_of(phrase))):
        yield phrase, Value(known, texts, 0)
    yield from ((other, Value(known, texts, 1)) for other in _equivalents(phrase))
    yield from ((other, Value(known, texts, ASKED_RANK)) for other in WHEN_ASKED.get(phrase, ()))


def _parts(known: Property) -> dict[str, tuple[str, ...]]:
    """Return runs of words within values, and the values that have them: `i7`, `ryzen 7`, `intel`."""
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for text in known.texts:
        words = words_of(text)
        for start in range(len(words)):
            for end in range(start + 1, min(start + _LONGEST_PART, len(words)) + 1):
                run = words[start:end]
                if run != words and not all(word in ORDINARY or word.isdigit() or len(word) == 1 for word in run):
                    parts[" ".join(run)].append(text)
    return {part: tuple(dict.fromkeys(texts)) for part, texts in parts.items()}


def _by_phrase(pairs: Iterable[tuple[str, Named]]) -> dict[str, tuple[Named, ...]]:
    """Return what phrases mean, all forms of a phrase as one."""
    found: defaultdict[tuple[str, ...], dict[Named, None]] = defaultdict(dict)
    spelled: dict[tuple[str, ...], str] = {}
    for phrase, named in pairs:
        key = tuple(map(stem, words_of(phrase)))
        found[key][named] = None
        spelled.setdefault(key, phrase)
    return {spelled[key]: tuple(named) for key, named in found.items()}


@cache
def _groups() -> tuple[dict[tuple[str, ...], tuple[str, ...]], dict[tuple[str, ...], tuple[str, ...]]]:
    """Return the phrases that mean the same, by the first phrase of a group, and by any other."""
    first: dict[tuple[str, ...], tuple[str, ...]] = {}
    other: dict[tuple[str, ...], tuple[str, ...]] = {}
    for group in SAME_ATTRIBUTE:
        keys = [tuple(map(stem, words_of(phrase))) for phrase in group]
        first[keys[0]] = (*first.get(keys[0], ()), *group)
        for key in keys[1:]:
            other.setdefault(key, group)
    return first, other


def _equivalents(phrase: str) -> tuple[str, ...]:
    """Return the phrases that mean the same as one of the catalogue."""
    key = tuple(map(stem, words_of(phrase)))
    first, other = _groups()
    return first.get(key) or other.get(key, ())
