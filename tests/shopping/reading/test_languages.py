"""German and French phrases for prices and what goes with them."""

from __future__ import annotations

import pytest

from chaffer.shopping.catalogue.searching import Constraints, Sort
from chaffer.shopping.events import Intent
from chaffer.shopping.questions import PlanningQuestion
from chaffer.shopping.reading import plan
from tests.support.shoppers import Shopper, has, in_order, lacks, of, searched, span

SEARCHES = {
    "Laptop unter 1.500 €": Constraints(category="Laptops", max_price_minor=150_000),
    "Laptop zwischen 1.000,00 € und 1.500,00 €": Constraints(
        category="Laptops", min_price_minor=100_000, max_price_minor=150_000
    ),
    "Ich suche einen Laptop für unter 1000 €": Constraints(category="Laptops", max_price_minor=100_000),
    "Tablet bis 499,99 €": Constraints(category="Tablets", max_price_minor=49_999),
    "Laptop 1.500,- €": Constraints(category="Laptops", max_price_minor=150_000),
    "Laptop über 1000 Euro": Constraints(category="Laptops", min_price_minor=100_000),
    "Laptop nicht mehr als 1000 Euro": Constraints(category="Laptops", max_price_minor=100_000),
    "Laptop etwa 800 Euro": Constraints(category="Laptops", min_price_minor=68_000, max_price_minor=92_000),
    "Bürostuhl höchstens 300 Franken": Constraints(category="Office Chairs", max_price_minor=30_000),
    "Kaffeevollautomat ab 500 € bis 1.000 €": Constraints(
        category="Coffee Machines",
        min_price_minor=50_000,
        max_price_minor=100_000,
        needs=(of("type", "fully automatic"),),
    ),
    "kabellose Maus unter 40 Euro": Constraints(
        category="Mice", max_price_minor=4_000, needs=(of("connection", "wireless"),)
    ),
    "Kopfhörer mit mindestens 4 Sternen": Constraints(category="Headphones", min_rating=4),
    "Kopfhörer ohne Geräuschunterdrückung": Constraints(category="Headphones", needs=(lacks("noise cancelling"),)),
    "zwei Monitore mit 27 Zoll": Constraints(
        category="Monitors", quantity=2, needs=(span("screen size", "in", 27, 27.9),)
    ),
    "smartphone moins de 1 000 €": Constraints(category="Smartphones", max_price_minor=100_000),
    "smartphone moins de 1\u202f000 €": Constraints(category="Smartphones", max_price_minor=100_000),
    "ordinateur portable jusqu’à 999,99 €": Constraints(category="Laptops", max_price_minor=99_999),
    "laptop Asus entre 800 et 1 200 euros": Constraints(
        category="Laptops", brands=("Asus",), min_price_minor=80_000, max_price_minor=120_000
    ),
    "souris sans fil au plus 50 €": Constraints(
        category="Mice", max_price_minor=5_000, needs=(of("connection", "wireless"),)
    ),
    "tablette à partir de 300 euros": Constraints(category="Tablets", min_price_minor=30_000),
    "smartphone d'au moins 128 Go": Constraints(category="Smartphones", needs=(span("storage", "GB", 128),)),
    "aspirateur robot pas cher": Constraints(
        category="Vacuum Cleaners", needs=(of("type", "robot"),), sort=Sort.CHEAPEST
    ),
    "casque à réduction de bruit": Constraints(category="Headphones", needs=(has("noise cancelling"),)),
    "sac à dos 25 l noir": Constraints(category="Backpacks", needs=(of("color", "black"), span("volume", "l", 25, 25))),
}


@pytest.mark.parametrize(("text", "expected"), SEARCHES.items(), ids=SEARCHES)
def test_prices_and_what_goes_with_them_are_read(text: str, expected: Constraints) -> None:
    assert in_order(searched(text)) == in_order(expected)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a white hat under 40", "hat"),
        ("I want a hat", "hat"),
        ("dog tag", "dog tag"),
        ("fur coat", "fur coat"),
        ("recycling bin", "recycling bin"),
        ("Maus für 50 Euro", ""),
        ("Ich suche fur 50 Euro eine Maus", ""),
        ("Welche Maus hat Bluetooth?", ""),
        ("une souris pour 50 euros", ""),
    ],
)
def test_a_word_that_means_nothing_in_one_language_is_a_thing_in_another(text: str, words: str) -> None:
    planned = plan(PlanningQuestion(Shopper().context(text), Intent.SEARCH))
    assert planned.constraints.text == words


def test_a_foreign_currency_is_taken_at_its_figure_and_that_is_told() -> None:
    shopper = Shopper()
    assert shopper.says("laptop under €500").max_price_minor == 50_000
    assert "EUR" in shopper.noted[0]
    assert "USD" in shopper.noted[0]
    shopper.says("laptop under $500")
    assert shopper.noted == ()


def test_refinements_are_read_in_german_and_french() -> None:
    shopper = Shopper()
    shopper.says("Laptop")
    price = shopper.recommended.price_minor
    assert shopper.says("billiger").max_price_minor == price - 1
    assert shopper.says("nur Dell").brands == ("Dell",)
    assert shopper.says("egal welche Marke", "der Preis ist egal") == Constraints(category="Laptops")
    shopper.says("casque", "seulement Sony", "peu importe la marque")
    price = shopper.recommended.price_minor
    assert shopper.says("trop cher").max_price_minor == price - 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("deux écrans pour 1000 euros", 50_000),
        ("je cherche deux écrans pour 1000 euros", 50_000),
        ("deux écrans pour 1000 euros, je préfère Dell", 50_000),
        ("deux écrans à 300 euros la pièce", 30_000),
        ("zwei Monitore für je 300 Euro", 30_000),
        ("zwei Monitore für 300 Euro je Stück", 30_000),
    ],
)
def test_je_is_each_in_front_of_a_price_and_nowhere_else(text: str, expected: int) -> None:
    found = searched(text)
    assert (found.quantity, found.max_price_minor) == (2, expected)
