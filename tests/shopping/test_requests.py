"""The 150 shopping requests are well formed, divided fairly, and right by the sample catalogue itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import jsonschema_rs
import msgspec
import pytest

from benchmarks.shopping_fit import Ground, violations
from benchmarks.shopping_requests import FOLDER, RECOMMENDED, Expected, Half, Request, requests_of
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.sample import sample_products
from chaffer.shopping.catalogue.units import folded_text

SCHEMA = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
REQUESTS = {half: requests_of(half) for half in Half}
EVERY = [request for half in Half for request in REQUESTS[half]]


@pytest.fixture(scope="module")
def sample() -> list[Product]:
    return [stocked.product for stocked in sample_products()[0]]


@pytest.mark.parametrize("half", list(Half))
def test_every_line_obeys_the_committed_schema(half: Half) -> None:
    validator = jsonschema_rs.validator_for(SCHEMA)
    for line in (FOLDER / f"{half}.jsonl").read_text(encoding="utf-8").splitlines():
        validator.validate(json.loads(line))
    assert not validator.is_valid({"id": "t-search-01", "kind": "search", "language": "en", "turns": []})


def test_turn_without_words_is_refused() -> None:
    line = b'{"id": "t-search-01", "kind": "search", "language": "en", "turns": [{"expect": {}}]}'
    with pytest.raises(msgspec.ValidationError, match="either says or answers"):
        msgspec.json.decode(line, type=Request)


def test_halves_hold_the_same_number_of_every_kind_and_language() -> None:
    tuning, held_out = (Counter((one.kind, one.language) for one in REQUESTS[half]) for half in Half)
    assert tuning == held_out
    assert tuning.total() == 75


def test_ids_are_unique() -> None:
    assert len({request.id for request in EVERY}) == len(EVERY)


def test_no_sentence_stands_in_both_halves() -> None:
    tuning, held_out = (_sentences(REQUESTS[half]) for half in Half)
    shared = len(tuning & held_out)  # A number: a failing test does not show what is held out.
    assert shared == 0


def _sentences(requests: tuple[Request, ...]) -> set[str]:
    return {folded_text(turn.text).strip(" .!?") for request in requests for turn in request.turns}


def test_expected_constraints_use_the_words_of_the_sample(sample: list[Product]) -> None:
    brands = {product.brand for product in sample} | {RECOMMENDED}
    attributes = {product.category: set(product.attributes) for product in sample}
    for request, expected in _expectations():
        wanted = expected.constraints
        if wanted is None:
            continue
        assert wanted.category is None or wanted.category in attributes, request.id
        assert brands.issuperset([*wanted.brands, *wanted.not_brands]), request.id
        assert {need.name for need in wanted.needs} <= attributes.get(wanted.category or "", set()), request.id


def test_something_is_there_to_be_found_where_it_is_expected(sample: list[Product]) -> None:
    for request, expected in _expectations():
        wanted = expected.constraints
        if wanted is None or RECOMMENDED in msgspec.json.encode(wanted).decode() or expected.result is None:
            continue
        ground = Ground(sample)
        fitting = [product for product in sample if not any(violations(product, wanted, ground))]
        assert bool(fitting) is (expected.result == "some"), request.id


def _expectations() -> Iterator[tuple[Request, Expected]]:
    return ((request, turn.expect) for request in EVERY for turn in request.turns)
