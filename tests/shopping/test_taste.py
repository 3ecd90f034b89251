"""Preferences (issue 5): nobody likes and dislikes a brand, however spelled; needs are in the units of products."""

from __future__ import annotations

from typing import Any, Final

import pytest
from pydantic import ValidationError

from chaffer.shopping.catalogue.searching import Need
from chaffer.shopping.plan import AttributeNeed, PreferencesPatch
from chaffer.shopping.preferences import MOST_BRANDS, PreferenceChange, Preferences, changed
from chaffer.shopping.taste import patched

KNOWN: Final = Preferences(liked_brands=("Bose", "Sony"), disliked_brands=("Apple",), min_rating=4.0)


def test_a_brand_changes_sides_however_it_is_spelled() -> None:
    now = changed(KNOWN, PreferenceChange(like=("APPLE", "bose"), dislike=("sony",)))
    assert (now.liked_brands, now.disliked_brands) == (("Bose", "APPLE"), ("sony",))
    assert changed(now, PreferenceChange(forget_brands=("apple", "SONY"))) == Preferences(("Bose",), min_rating=4.0)


@pytest.mark.parametrize(
    ("patch", "liked", "disliked"),
    [
        ({"liked_brands": ["apple"]}, ("apple",), ()),
        ({"disliked_brands": ["SONY", "Sony"]}, ("Bose",), ("SONY",)),
        ({"disliked_brands": None}, ("Bose", "Sony"), ()),
        ({"liked_brands": ["Apple"], "disliked_brands": ["Bose"]}, ("Apple",), ("Bose",)),
        ({"min_rating": 3}, ("Bose", "Sony"), ("Apple",)),
    ],
)
def test_a_brand_that_is_set_by_hand_stands_on_one_side(
    patch: dict[str, Any], liked: tuple[str, ...], disliked: tuple[str, ...]
) -> None:
    now = patched(KNOWN, PreferencesPatch(**patch))
    assert (now.liked_brands, now.disliked_brands) == (liked, disliked)


def test_what_has_no_brand_is_neither_liked_nor_disliked_for_it() -> None:
    assert changed(KNOWN, PreferenceChange(like=("No brand",), dislike=("no brand",))) == KNOWN


def test_the_latest_brands_are_remembered() -> None:
    known = Preferences()
    for number in range(MOST_BRANDS + 1):
        known = changed(known, PreferenceChange(like=(f"brand {number}",)))
    assert (len(known.liked_brands), known.liked_brands[0]) == (MOST_BRANDS, "brand 1")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"at_least": 1, "unit": "TB"}, Need("storage", at_least=1000, unit="GB")),
        ({"at_least": 16, "at_most": 32, "unit": "gb"}, Need("storage", at_least=16, at_most=32, unit="GB")),
        ({"at_most": 5}, Need("storage", at_most=5)),
    ],
)
def test_a_need_is_in_the_unit_of_products(given: dict[str, Any], meant: Need) -> None:
    assert AttributeNeed(name="Storage", texts=[], **given).need() == meant


def test_a_unit_that_no_product_can_have_is_refused() -> None:
    with pytest.raises(ValidationError, match="unit"):
        AttributeNeed(name="storage", texts=[], at_least=1, unit="parsec")
