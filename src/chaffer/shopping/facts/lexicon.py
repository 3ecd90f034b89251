"""What a sentence names: products, brands that nobody offers here, sellers, and values of attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from typing import Final

from chaffer.shopping.catalogue.fitting import NO
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.units import measure_of, unit_of
from chaffer.shopping.facts.folding import as_read
from chaffer.shopping.facts.known import Facts
from chaffer.shopping.reading.language.equivalents import SAME_ATTRIBUTE

Words = tuple[str, ...]
Place = tuple[str, int, int]

YES: Final = "yes"
_WORD: Final = re.compile(r"[^\W_]+(?:['.][^\W_]+)*%?")
_PARTING: Final = re.compile(r"\s?[,;:()!?|]|\.\s")
"""No name goes on behind these."""
_SIGNS: Final = range(0xE000, 0xF8FF)
_LONGEST_NAME: Final = 12
_LONGEST_PHRASE: Final = 6
_SHORTEST: Final = 3
_COMMON: Final = frozenset(
    _WORD.findall(
        "a about all an and any are as at be best better both but by can cheap cheaper choice color colour day easy "
        "edition ever every fair few find fit for free from full fully fun gen generation get go good great has have "
        "her here high his home how if in is it its just kind last less light like limit line long look low max may "
        "mini model more most need new nice no not now off old on one only open option or our out over own pack pair "
        "perfect pick plus price pro quick rated real room second series set simple size small smart so solid some "
        "space spec standard still stock such sure than that the their them then there these they this those time to "
        "too top total two type ultra under up use value very was way we well what when which will with without work "
        "world worth would yes you your"
    )
)
"""Words that name nothing by themselves, whatever product or value they are part of."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A name that one product bears, or several."""

    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A brand of the catalogue that no product at hand bears."""


@dataclass(frozen=True, slots=True)
class Sold:
    """A seller's name."""

    seller: str


@dataclass(frozen=True, slots=True)
class Valued:
    """A value that an attribute may have, or a telling word of it, and other words that mean the same."""

    same: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Titled:
    """The name of an attribute with figures in it, such as `5g`."""

    name: str


Thing = Spoken | Foreign | Sold | Valued | Titled


@dataclass(frozen=True, slots=True)
class Marked:
    """A text in which a sign of private use, one each, stands for the things that it names."""

    text: str
    things: tuple[Thing, ...]

    def things_in(self, part: str) -> Iterator[tuple[int, Thing]]:
        """Yield what a part of the text names, in order, each with its place there."""
        signs = ((place, ord(sign)) for place, sign in enumerate(part))
        return ((place, self.things[sign - _SIGNS.start]) for place, sign in signs if sign in _SIGNS)


def words_of(text: str) -> Words:
    """Return the words of a text that was read by `as_read`; `Dell's` is `dell`."""
    return tuple(word.removesuffix("'s") for word in _WORD.findall(text))


def word_places(text: str) -> list[Place]:
    """Return the words of a text with where they begin and end."""
    return [(match.group(), *match.span()) for match in _WORD.finditer(text)]


def equivalents(words: Words) -> tuple[Words, ...]:
    """Return these words of a catalogue and all others that mean the same, as a shopper may say them."""
    return _groups().get(words, (words,))


@cache
def _groups() -> dict[Words, tuple[Words, ...]]:
    groups = (tuple(words_of(as_read(phrase)) for phrase in group) for group in SAME_ATTRIBUTE)
    return {words: group for group in groups for words in group[:1]}


def has_words(product: Product, words: Words) -> bool:
    """Tell whether a product says so of itself: in an attribute, or word by word in its name or what it is."""
    attributes = (words_of(as_read(text)) for text in product.attributes.values())
    own = words_of(as_read(f"{product.name} {product.brand} {product.category}"))
    return any(_holds(text, words) for text in (*attributes, own))


def _holds(text: Words, words: Words) -> bool:
    return any(text[start : start + len(words)] == words for start in range(len(text) - len(words) + 1))


class Lexicon:
    """All that can be named where these facts are known."""

    def __init__(self, facts: Facts) -> None:
        """Take in what the facts name."""
        self._phrases = facts.phrases
        self._numbered = facts.numbered
        self._things: dict[Words, Thing] = {}
        self._add_values(facts)
        titles = [words_of(as_read(name)) for name in _names(facts)]
        dull = _COMMON.union(*self._things, *titles, *({word.removesuffix("s") for word in words} for words in titles))
        self._things |= dict.fromkeys(_foreign(facts, dull), Foreign())
        self._add_products(facts.products, dull)
        for product in facts.products:
            for offer in product.offers:
                self._things[words_of(as_read(offer.seller))] = Sold(offer.seller)
        self._things.pop((), None)
        self._longest = max(map(len, self._things), default=0)

    def _add_values(self, facts: Facts) -> None:
        values = set(_values(facts))
        for words in values:
            same = equivalents(words)
            self._things |= dict.fromkeys(same, Valued(same))
        for run in {words[start:end] for words in values for start, end in combinations(range(len(words) + 1), 2)}:
            if any(_is_telling(word, _COMMON) for word in run):
                self._things.setdefault(run, Valued((run,)))
        for name in _names(facts):
            if any(sign.isdigit() for sign in name):
                self._things[words_of(as_read(name))] = Titled(as_read(name))

    def _add_products(self, products: tuple[Product, ...], dull: frozenset[str]) -> None:
        named: dict[Words, dict[str, Product]] = {}
        for product in products:
            brand = words_of(as_read(product.brand))
            name = words_of(as_read(product.name))[:_LONGEST_NAME]
            for start, end in combinations(range(len(name) + 1), 2):
                part = name[start:end]
                if _holds(part, brand) or any(_is_telling(word, dull) for word in part):
                    named.setdefault(part, {})[product.product_id] = product
            named.setdefault(brand, {})[product.product_id] = product
        brands = {words_of(as_read(product.brand)) for product in products}
        for words, bearers in named.items():
            # What most of them are called, such as a kind of product, names none of them.
            if len(bearers) <= max(len(products) // 2, 1) or any(_holds(words, brand) for brand in brands):
                self._things[words] = Spoken(tuple(bearers.values()))

    def marked(self, text: str) -> Marked:
        """Return a text that was read by `as_read` with what it names marked; the longest names go first."""
        for phrase in self._phrases:
            text = text.replace(phrase, " ")
        found: list[Thing] = []

        def mark(thing: Thing) -> str:
            found.append(thing)
            return chr(_SIGNS[len(found) - 1])

        text = _NUMBERED.sub(lambda match: self._counted(match, mark), text)
        return Marked(self._replaced(text, mark), tuple(found))

    def _counted(self, match: re.Match[str], mark: Callable[[Thing], str]) -> str:
        place = next(place for place, group in enumerate(match.groups()) if group is not None)
        products = {product.product_id: product for listed in self._numbered for product in listed[place : place + 1]}
        return mark(Spoken(tuple(products.values()))) if products else match.group()

    def _replaced(self, text: str, mark: Callable[[Thing], str]) -> str:
        matches = list(_WORD.finditer(text))
        words = [match.group().removesuffix("'s") for match in matches]
        last = [bool(_PARTING.match(text, match.end())) for match in matches]
        pieces: list[str] = []
        at = end = 0
        while at < len(words):
            key = self._longest_from(words, last, at) if len(pieces) < len(_SIGNS) else ()
            if key:
                pieces += [text[end : matches[at].start()], mark(self._things[key])]
                end = matches[at + len(key) - 1].end()
            at += max(len(key), 1)
        return "".join((*pieces, text[end:]))

    def _longest_from(self, words: list[str], last: list[bool], at: int) -> Words:
        """Return the longest name that begins at a word and does not go on behind a comma, or nothing."""
        most = next((end for end in range(at, len(words)) if last[end]), len(words)) + 1 - at
        for size in range(min(self._longest, most), 0, -1):
            if (key := tuple(words[at : at + size])) in self._things:
                return key
        return ()


_NUMBERED: Final = re.compile(
    "|".join(
        rf"((?<!\w)(?:the {word}(?: (?:one|option|product|choice|pick|model))?(?![\w-])"
        rf"(?! (?:of|in|time|thing|place|half|generation|gen))|(?:#|no\. ?|number |option ){number}(?![\w.]\d|\d)))"
        for word, number in (("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("fifth", 5))
    )
)


def _is_telling(word: str, dull: frozenset[str]) -> bool:
    """Tell whether a word names something by itself: a made-up one, or one with letters and figures."""
    if word in dull or unit_of(word) is not None or word.isdigit():
        return False
    has_digit = any(sign.isdigit() for sign in word)
    return measure_of(word) is None if has_digit else len(word) >= _SHORTEST


def _categories(facts: Facts) -> frozenset[str]:
    return frozenset(product.category for product in facts.products)


def _names(facts: Facts) -> Iterable[str]:
    """Return the names of the attributes and categories of the products at hand."""
    categories = _categories(facts)
    known = (each.name for each in facts.vocabulary.properties if not categories.isdisjoint(each.categories))
    own = (name for product in facts.products for name in product.attributes)
    return {*known, *own, *categories}


def _values(facts: Facts) -> Iterator[Words]:
    """Yield the values that attributes of such products may have, in words; numbers and yes or no are none."""
    categories = _categories(facts)
    texts = {text for product in facts.products for text in product.attributes.values() if measure_of(text) is None}
    for known in facts.vocabulary.properties:
        if not known.unit and not categories.isdisjoint(known.categories):
            texts.update(known.texts)
    for text in texts:
        words = words_of(as_read(text))
        if len(words) <= _LONGEST_PHRASE and words not in {(YES,), (NO,)} and not text.isdigit():
            yield words


def _foreign(facts: Facts, dull: frozenset[str]) -> Iterator[Words]:
    borne = {words_of(as_read(product.brand)) for product in facts.products}
    return (brand for brand in _brands(facts.vocabulary.brands) - borne if not dull.issuperset(brand))


@lru_cache(maxsize=4)
def _brands(brands: tuple[str, ...]) -> frozenset[Words]:
    return frozenset(words_of(as_read(brand))[:_LONGEST_PHRASE] for brand in brands)
