"""Misspelt names of kinds and brands."""

from __future__ import annotations

import pytest

from chaffer.shopping.catalogue.searching import Constraints
from tests.support.shoppers import Shopper


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("laptpo", Constraints(category="Laptops")),
        ("Logitec mouse", Constraints(category="Mice", brands=("Logitech",))),
        ("samsng smartphne", Constraints(category="Smartphones", brands=("Samsung",))),
        ("lenvo noteboook", Constraints(category="Laptops", brands=("Lenovo",))),
        ("headpohnes", Constraints(category="Headphones")),
        ("hedphones", Constraints(category="Headphones")),
        ("moniter", Constraints(category="Monitors")),
        ("vaccuum cleaner", Constraints(category="Vacuum Cleaners")),
        ("ofice chair", Constraints(category="Office Chairs")),
        ("keybord", Constraints(category="Keyboards")),
        ("De Longhi coffee machine", Constraints(category="Coffee Machines", brands=("DeLonghi",))),
        ("De'Longhi coffee machine", Constraints(category="Coffee Machines", brands=("DeLonghi",))),
        ("Sony's headphones", Constraints(category="Headphones", brands=("Sony",))),
        ("black and decker vacuum", Constraints(category="Vacuum Cleaners", brands=("Black & Decker",))),
    ],
)
def test_slips_are_corrected(text: str, expected: Constraints) -> None:
    assert Shopper().says(text) == expected


def test_a_correction_is_told() -> None:
    shopper = Shopper()
    shopper.says("a Logitec mouse")
    assert shopper.noted == ("I read “Logitec” as “Logitech”.",)


@pytest.mark.parametrize("text", ["quite good", "apply", "for the house", "razor", "mose", "feathers", "phonebook"])
def test_other_words_are_left_as_they_are(text: str) -> None:
    shopper = Shopper()
    assert shopper.says(f"show me something {text}") == Constraints()
    assert shopper.noted == ()
