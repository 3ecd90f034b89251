"""What is written is read back: everything by JSON Lines, by the others what they can hold."""

from __future__ import annotations

import csv

import pytest
from msgspec.structs import replace

from chaffer.shopping.catalogue.feeds.formats import Format, feed_writer, format_of_content, format_of_name
from chaffer.shopping.catalogue.products import Limits, Offer, Product, Seller, Stocked
from chaffer.shopping.catalogue.sample import sample_products
from tests.support.feeds import Feed, feed_of, opened

STOCKED, SELLERS = sample_products()
HOSTILE = Stocked(
    Product(
        product_id="=1+1",
        name='<b>&"\'@Kettle, "large"; ü漢',
        brand="+49",
        category="-x",
        description="=HYPERLINK(1), then;\tmore: 'quoted'",
        currency="USD",
        attributes={"a:b,c": 'x:y,"z"', "=n": "@v"},
        offers=(Offer("Alpha", 2, 0),),
        rating=0.0,
        url="https://a/?b=1&c=<d>",
    ),
    {"Alpha": Limits(0, 1)},
)
ONE_LINE = "=HYPERLINK(1), then; more: 'quoted'"


def written(form: Format, *stocked: Stocked, with_private: bool = True) -> bytes:
    attributes = sorted({name for each in stocked for name in each.product.attributes})
    writer = feed_writer(form, SELLERS, attributes, with_private=with_private)
    return writer.head + b"".join(map(writer.product, stocked)) + writer.tail


def read_back(form: Format, *stocked: Stocked, with_private: bool = True) -> Feed:
    content = written(form, *stocked, with_private=with_private)
    return feed_of(content, format_of_content(opened(content)))


def test_json_lines_keep_everything() -> None:
    feed = read_back(Format.JSON_LINES, *STOCKED, HOSTILE)
    assert feed.stocked == [*STOCKED, replace(HOSTILE, product=replace(HOSTILE.product, description=ONE_LINE))]
    assert tuple(feed.sellers) == SELLERS


def test_csv_keeps_products_their_sellers_and_their_limits() -> None:
    feed = read_back(Format.CSV, *STOCKED, HOSTILE)
    assert feed.stocked == [*STOCKED, replace(HOSTILE, product=replace(HOSTILE.product, description=ONE_LINE))]


@pytest.mark.parametrize("form", [Format.GOOGLE_TSV, Format.GOOGLE_XML])
def test_googles_feeds_keep_what_a_shopper_sees_but_sellers_and_opinions(form: Format) -> None:
    feed = read_back(form, *STOCKED, HOSTILE)
    assert feed.refused == []
    for before, after in zip((*STOCKED, HOSTILE), feed.stocked, strict=True):
        was, is_ = before.product, after.product
        assert (is_.product_id, is_.name, is_.brand, is_.category) == (
            was.product_id,
            was.name,
            was.brand,
            was.category,
        )
        assert (is_.price_minor, bool(is_.pieces), is_.url) == (was.price_minor, bool(was.pieces), was.url)
        assert after.limits["Catalogue"].cost_minor == before.limits[was.offers[0].seller].cost_minor
        assert len(is_.attributes) == len(was.attributes)
    assert [each.product.attributes for each in feed.stocked[:-1]] == [each.product.attributes for each in STOCKED]


@pytest.mark.parametrize("form", list(Format))
def test_private_numbers_are_in_no_file_that_nobody_asked_them_for(form: Format) -> None:
    asked = tuple(replace(offer, price_minor=99_999) for offer in STOCKED[0].product.offers)
    own = {offer.seller: Limits(77_771, 77_772) for offer in asked}
    canary = Stocked(replace(STOCKED[0].product, offers=asked), own)
    assert b"777.7" in written(form, canary)
    public = written(form, canary, with_private=False)
    assert b"777.7" not in public
    assert b"customer_retention" not in public


@pytest.mark.parametrize("form", [Format.CSV, Format.GOOGLE_TSV])
def test_no_cell_of_a_table_is_a_formula(form: Format) -> None:
    delimiter = "," if form is Format.CSV else "\t"
    rows = list(csv.reader(written(form, HOSTILE).decode("utf-8-sig").splitlines(), delimiter=delimiter))
    assert len(rows) == 2
    assert not [cell for row in rows for cell in row if cell.startswith(tuple("=+-@"))]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.csv", Format.CSV), ("A.TSV", Format.GOOGLE_TSV), ("a.xml", Format.GOOGLE_XML), ("-", Format.JSON_LINES)],
)
def test_format_is_told_by_the_name_of_a_file(name: str, form: Format) -> None:
    assert format_of_name(name) is form


def test_seller_of_a_seller_line_is_not_taken_for_a_product() -> None:
    assert read_back(Format.JSON_LINES).sellers[0] == Seller("Bargain Barn", "customer_retention", "rude")
