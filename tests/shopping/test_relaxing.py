"""What a shopper reads of a wish that they could give up."""

from __future__ import annotations

import pytest

from chaffer.shopping.catalogue.searching import Constraints, Need
from chaffer.shopping.relaxing import in_words, relaxed


@pytest.mark.parametrize(
    ("need", "words"),
    [
        (Need("screen size", at_least=15, at_most=15.9, unit="in"), "screen size of 15 to 15.9 in"),
        (Need("screen size", at_least=15, at_most=15, unit="in"), "screen size of 15 in"),
        (Need("max load", at_least=140_000, unit="g"), "max load of 140 kg or more"),
        (Need("weight", at_most=63, unit="g"), "weight of 63 g or less"),
        (Need("weight", at_most=990, unit="g"), "weight of 990 g or less"),
        (Need("weight", at_most=2199.99, unit="g"), "weight of less than 2.2 kg"),
        (Need("battery life", at_least=10.01, unit="h"), "battery life of more than 10 h"),
        (Need("weight", at_least=100, at_most=1500, unit="g"), "weight of 100 to 1500 g"),
        (Need("storage", at_least=2000, unit="GB", excluded=True), "no storage of 2 TB or more"),
        (Need("backlit", ("yes",), excluded=True), "no backlit"),
        (Need("use", ("gaming", "office")), "use gaming or office"),
    ],
)
def test_a_need_is_told_as_people_say_it(need: Need, words: str) -> None:
    assert in_words(need) == words


def test_who_wanted_a_better_rating_reads_the_one_that_was_to_be_bettered() -> None:
    wishes = [next(relaxed(Constraints(min_rating=rating), "USD"))[0] for rating in (4.5, 4.51)]
    assert wishes == ["a rating of 4.5 or better", "a rating of more than 4.5"]
