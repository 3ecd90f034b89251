"""Vectors of products: what is near is found by bits and by angle, and two rankings become one."""

from __future__ import annotations

import random
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.shopping.catalogue.vectors import (
    Code,
    CodeIndex,
    by_angle,
    bytes_of,
    code_of,
    fused,
    unit_vector,
    vector_of,
)

NUMBERS = st.lists(st.floats(-1, 1, width=32), min_size=8, max_size=64).filter(
    lambda each: any(abs(n) > 0.01 for n in each)
)


def vector(*numbers: float) -> array[float]:
    return unit_vector(numbers)


def drawn(seed: int, size: int = 64) -> array[float]:
    chance = random.Random(seed)
    return unit_vector(chance.gauss(0, 1) for _ in range(size))


def indexed(count: int) -> CodeIndex:
    index = CodeIndex()
    index.add(Code(number, f"p{number}", code_of(drawn(number))) for number in range(1, count + 1))
    return index


@given(NUMBERS)
def test_a_vector_has_length_one_and_comes_back_from_its_bytes(numbers: list[float]) -> None:
    made = unit_vector(numbers)
    assert sum(number * number for number in made) == pytest.approx(1, abs=1e-4)
    assert vector_of(bytes_of(made)) == made


@pytest.mark.parametrize("numbers", [[], [0.0] * 8, [float("nan")] * 8, [float("inf"), *[1.0] * 7]])
def test_what_points_nowhere_is_no_vector(numbers: list[float]) -> None:
    with pytest.raises(ValueError, match="length"):
        unit_vector(numbers)


def test_bytes_are_the_same_on_every_machine() -> None:
    assert bytes_of(vector(*[0.0] * 7, 1.0))[-4:] == b"\x00\x00\x80\x3f"


def test_a_code_has_a_bit_for_each_number_above_zero() -> None:
    assert code_of(vector(1, -1, 1, 1, 0, -1, 1, 1)) == bytes([0b10110011])


def test_a_product_is_its_own_nearest_whatever_stands_before_it() -> None:
    index = indexed(300)
    for number in (1, 150, 300):
        found = index.nearest(code_of(drawn(number)), 10)
        assert found[0] == f"p{number}"
        assert len(set(found)) == 10


def test_nearest_by_bits_are_those_that_a_sort_would_find() -> None:
    index, wanted = indexed(300), int.from_bytes(code_of(drawn(1000)))
    distances = {f"p{n}": (int.from_bytes(code_of(drawn(n))) ^ wanted).bit_count() for n in range(1, 301)}
    found = index.nearest(code_of(drawn(1000)), 50)
    assert [distances[product_id] for product_id in found] == sorted(distances.values())[:50]


def test_a_code_that_comes_again_takes_the_former_ones_place() -> None:
    index = indexed(20)
    index.add([Code(99, "p7", code_of(drawn(1000)))])
    assert len(index) == 20
    assert index.place == 99
    assert index.nearest(code_of(drawn(1000)), 1) == ("p7",)


def test_an_empty_index_and_a_small_one_find_what_there_is() -> None:
    assert CodeIndex().nearest(code_of(drawn(1)), 10) == ()
    assert len(indexed(3).nearest(code_of(drawn(1)), 10)) == 3


def test_angles_order_what_bits_found_and_vectors_of_another_length_are_left_out() -> None:
    others = {
        "far": bytes_of(vector(-1, *[0] * 7)),
        "near": bytes_of(vector(1, 0.1, *[0] * 6)),
        "between": bytes_of(vector(1, 1, *[0] * 6)),
        "of another model": bytes_of(vector(1, *[0] * 15)),
    }
    assert by_angle(vector(1, *[0] * 7), others) == ("near", "between", "far")


@given(st.lists(st.permutations("abcdef"), min_size=1, max_size=4))
def test_what_all_rankings_put_first_is_first(rankings: list[list[str]]) -> None:
    front = [["x", *ranking] for ranking in rankings]
    ids = fused(*front)
    assert ids[0] == "x"
    assert sorted(ids) == sorted("abcdefx")


def test_two_rankings_are_fused_by_their_ranks() -> None:
    assert fused(("a", "b", "c"), ("b", "d")) == ("b", "a", "d", "c")
    assert fused(("a", "b"), ()) == ("a", "b")
    assert fused((), ()) == ()
