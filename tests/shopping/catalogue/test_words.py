"""The words by which products are found, and how a search text is understood by them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.shopping.catalogue.searching import Constraints
from chaffer.shopping.catalogue.spelling import Sought, Strictness, distance, rarity, trigrams_of, understood
from chaffer.shopping.catalogue.words import MOST_WORDS, phrases_of, words_begun, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Sony WH-1000XM5", ["sony", "wh", "1000", "xm", "5"]),
        ("15.6 in, 16GB", ["15.6", "16", "gb"]),
        ("Größe: Café Crème", ["grosse", "cafe", "creme"]),
        ("boxes, batteries and lenses", ["boxe", "battery", "lense"]),
        ("mice for the bus, glass & gas", ["mouse", "bus", "glass", "gas"]),
        ("1.000,50", ["1.000", "50"]),
        ("'\"*()\0", []),
    ],
)
def test_a_text_becomes_its_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("quiet keyb", ("quiet", "keyb")),
        ("Keyboards, keyboards  CAFÉS", ("keyboard", "cafe")),
        ("a keyboard for the", ("keyboard", "the")),
        ("the", ("the",)),
        ("wh-1000xm5", ("wh", "1000", "xm", "5")),
        ("?!", ()),
        ("", ()),
    ],
)
def test_the_last_word_of_a_search_may_still_be_written(text: str, words: tuple[str, ...]) -> None:
    assert words_begun(text) == words


def test_of_an_endless_search_the_beginning_is_taken() -> None:
    assert len(words_begun(" ".join(f"w{number}x" for number in range(10_000)))) <= MOST_WORDS


@given(st.text())
def test_words_of_any_text_can_stand_in_a_query_of_every_server(text: str) -> None:
    for word in words_of(text):
        assert word.replace(".", "").isalnum()
        assert not {" ", "'", '"', "\0", "\\"} & set(word)
        word.encode()


@given(st.text(max_size=5_000))
def test_a_query_has_so_many_words_at_most(text: str) -> None:
    assert sum(len(phrase.words) for phrase in phrases_of(text)) <= MOST_WORDS


def test_what_is_written_in_one_piece_stays_side_by_side() -> None:
    assert [phrase.words for phrase in phrases_of("sony wh-1000xm5, sony/bose")] == [
        ("sony",),
        ("wh", "1000", "xm", "5"),
        ("bose",),
    ]


def test_endless_texts_are_read_at_once() -> None:
    began = time.process_time()
    for text in ("a-" * 500_000, "1." * 500_000, "x1" * 500_000, "é" * 1_000_000):
        phrases_of(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("laptop", "laptop", 0),
        ("lpatop", "laptop", 1),
        ("laptp", "laptop", 1),
        ("lapptop", "laptop", 1),
        ("lagtop", "laptop", 1),
        ("headfone", "headphone", 2),
        ("", "abc", 3),
    ],
)
def test_slips_are_counted(one: str, other: str, slips: int) -> None:
    assert distance(one, other) == distance(other, one) == slips


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_slips_are_none_between_equal_words_alone_and_never_more_than_letters(one: str, other: str) -> None:
    assert (distance(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= distance(one, other) <= max(len(one), len(other))


def test_words_that_most_products_have_still_tell_something() -> None:
    assert rarity(100, 1) > rarity(100, 10) > rarity(100, 90) == rarity(100, 100) > 0


class _Words:
    """A lexicon of a few words."""

    def __init__(self, **counts: int) -> None:
        self._counts = Counter(counts)

    def known(self, words: Collection[str]) -> Mapping[str, int]:
        return {word: self._counts[word] for word in words if word in self._counts}

    def beginning(self, letters: str) -> Mapping[str, int]:
        return {word: count for word, count in self._counts.items() if word.startswith(letters)}

    def alike(self, word: str) -> Mapping[str, int]:
        return {other: count for other, count in self._counts.items() if trigrams_of(other) & trigrams_of(word)}


LEXICON = _Words(gaming=50, laptop=900, mouse=300, mousepad=20, moose=5, wireless=2_000, black=6_000, you=40, tank=9)


def read(text: str) -> Sought:
    """Return how a text is understood."""
    return understood(text, LEXICON)


@pytest.mark.parametrize(
    ("text", "groups", "corrected"),
    [
        ("gaming laptops", ((("gaming",),), (("laptop",),)), None),
        ("gaming lap", ((("gaming",),), (("laptop",),)), None),
        ("lap gaming", ((("gaming",),),), "gaming"),
        ("mous", ((("mouse",), ("mousepad",)),), None),
        ("mouse", ((("mouse",),),), None),
        ("mouze gaming", ((("mouse",),), (("gaming",),)), "mouse gaming"),
        ("wierless mouse", ((("wireless",),), (("mouse",),)), "wireless mouse"),
        ("zzzzzz laptop", ((("laptop",),),), "laptop"),
        ("zzzzzz", (), None),
        ("hello, could you find me a mouse? thanks", ((("you",),), (("mouse",),)), None),
        ("thanks", (), None),
    ],
)
def test_a_text_is_understood_by_the_words_there_are(
    text: str, groups: tuple[tuple[tuple[str, ...], ...], ...], corrected: str | None
) -> None:
    sought = read(text)
    assert (sought.groups, sought.corrected) == (groups, corrected)


def test_a_slip_is_read_as_the_more_frequent_of_two_words() -> None:
    assert read("mosse laptop").corrected == "mouse laptop"


def test_a_word_that_begins_otherwise_is_another_word() -> None:
    assert read("house").groups == ()
    assert read("omuse").corrected == "mouse"


def test_where_any_word_will_do_the_frequent_ones_that_tell_little_are_left_out() -> None:
    assert read("black gaming wireless").asked(Strictness.ANY) == ((("gaming",), ("wireless",)),)
    assert read("black").asked(Strictness.ANY) == ((("black",),),)


def test_words_that_are_said_to_a_shop_are_asked_for_only_where_products_have_all() -> None:
    sought = read("would you have a wireless mouse for me, please")
    assert sought.asked(Strictness.ALL) == ((("you",),), (("wireless",),), (("mouse",),))
    assert sought.asked(Strictness.TELLING) == ((("wireless",),), (("mouse",),))
    assert sought.asked(Strictness.ANY) == ((("mouse",), ("wireless",)),)
    assert not sought.left_out
    told = {way: sought.is_partial(way) for way in Strictness}
    assert told == {Strictness.ALL: False, Strictness.TELLING: False, Strictness.ANY: True, Strictness.NONE: True}


@pytest.mark.parametrize(
    ("text", "wanted", "ways"),
    [
        ("", Constraints(), [Strictness.NONE]),
        ("laptop", Constraints(), [Strictness.ALL]),
        ("laptop", Constraints(category="Laptops"), [Strictness.ALL, Strictness.NONE]),
        ("gaming laptop", Constraints(), [Strictness.ALL, Strictness.ANY]),
        ("gaming laptop", Constraints(category="Laptops"), [Strictness.ALL, Strictness.ANY, Strictness.NONE]),
        ("do you have a laptop", Constraints(), [Strictness.ALL, Strictness.TELLING]),
        ("do you have a gaming mouse", Constraints(), [Strictness.ALL, Strictness.TELLING, Strictness.ANY]),
        ("for you", Constraints(), [Strictness.ALL]),
        ("thank you for you", Constraints(category="Laptops"), [Strictness.ALL, Strictness.NONE]),
        ("zzzzzz", Constraints(), []),
        ("zzzzzz", Constraints(category="Laptops"), [Strictness.NONE]),
    ],
)
def test_a_text_is_given_up_only_where_something_else_is_wanted(
    text: str, wanted: Constraints, ways: list[Strictness]
) -> None:
    assert list(read(text).ways(wanted, None)) == ways
