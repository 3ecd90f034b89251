"""CSV and TSV: columns by their names, rows by their sellers, and hostile cells."""

from __future__ import annotations

import codecs

import pytest

from chaffer.errors import ChafferError
from chaffer.shopping.catalogue.feeds.entries import Terms
from tests.support.feeds import feed_of

HEADER = "id,name,price\n"


def refusal(content: bytes | str, **options: dict[str, str]) -> str:
    with pytest.raises(ChafferError) as refused:
        feed_of(content, **options)  # type: ignore[arg-type]  # Only `renamed` is ever given.
    detail = refused.value.details[0]
    return f"{detail.field} {detail.issue}"


def test_row_becomes_a_product_with_what_the_file_leaves_out_filled_in() -> None:
    feed = feed_of(HEADER + "k1,Kettle,100\n")
    product = feed.only
    assert (product.name, product.brand, product.category, product.currency) == ("Kettle", "No brand", "Other", "USD")
    (offer,) = product.offers
    assert (offer.seller, offer.price_minor, offer.pieces) == ("Catalogue", 10_000, 10)
    limits = feed.stocked[0].limits["Catalogue"]
    assert (limits.least_minor, limits.cost_minor) == (8_500, 7_500)


@pytest.mark.parametrize(("price", "limits"), [("0.02", (1, 0)), ("0.03", (2, 1)), ("0.04", (3, 2)), ("0.10", (9, 8))])
def test_made_up_private_numbers_are_in_strict_order_for_the_smallest_prices(
    price: str, limits: tuple[int, int]
) -> None:
    (stocked,) = feed_of(f"{HEADER}k1,Kettle,{price}\n").stocked
    made = stocked.limits["Catalogue"]
    assert (made.least_minor, made.cost_minor) == limits


def test_columns_are_known_by_several_names_in_any_case() -> None:
    feed = feed_of(
        "SKU;Title;Manufacturer;Link;Image_Link;Price;Quantity\nk1;Kettle;Bosch;https://a;https://b;1.234,50;3\n"
    )
    product = feed.only
    assert (product.product_id, product.brand, product.url, product.image) == ("k1", "Bosch", "https://a", "https://b")
    assert (product.price_minor, product.pieces) == (123_450, 3)
    assert feed.notes == []


def test_columns_are_mapped_and_those_that_are_not_taken_are_told() -> None:
    mapping = {"nr": "id", "Bezeichnung": "name", "Preis (EUR)": "price", "RAM": "attributes.memory"}
    content = "Nr;Bezeichnung;Preis (EUR);RAM;Lager\nn1;Notebook;999,99 €;16 GB;hinten\n"
    feed = feed_of(content, renamed=mapping, terms=Terms("EUR", "Laden"))
    assert (feed.only.offers[0].seller, feed.only.price_minor) == ("Laden", 99_999)
    assert feed.only.attributes == {"memory": "16 GB"}
    assert feed.notes == ["Columns that were not taken: 'Lager'. Name a field for one with --map."]


def test_attributes_have_columns_of_their_own() -> None:
    feed = feed_of("id,name,price,attributes.Screen Size,color\nm1,Monitor,100,27 in,\n")
    assert feed.only.attributes == {"Screen Size": "27 in"}


def test_rows_of_one_product_at_several_sellers_are_one_product() -> None:
    rows = "k1,Kettle,40,Alpha,1\nk1,Kettle,30,Beta,0\nk1,Kettle,35,Gamma,5\nk2,Mixer,50,Alpha,2\n"
    feed = feed_of("id,name,price,seller,stock\n" + rows)
    kettle, mixer = feed.products
    assert [offer.seller for offer in kettle.offers] == ["Gamma", "Alpha", "Beta"]
    assert (kettle.price_minor, mixer.pieces) == (3_500, 2)


def test_bad_row_of_one_seller_leaves_the_others() -> None:
    rows = "k1,Kettle,40,Alpha\nk1,Kettle,free,Beta\nk1,Kettle,35,Gamma\n"
    feed = feed_of("id,name,price,seller\n" + rows)
    assert [(line, field) for line, field, _ in feed.refused] == [(3, "price")]
    assert [offer.seller for offer in feed.products[0].offers] == ["Gamma", "Alpha"]


def test_cells_that_were_kept_from_being_formulas_are_what_they_were() -> None:
    assert feed_of(HEADER + "k1,'=1+1,100\n").only.name == "=1+1"
    assert feed_of(HEADER + "k1,'Tis,100\n").only.name == "'Tis"


@pytest.mark.parametrize(
    ("row", "line", "field", "told"),
    [
        (",Kettle,100", 2, "id", "is required"),
        ("k1,,100", 2, "name", "is required"),
        ("k1,Kettle,", 2, "price", "is required"),
        ("k1,Kettle,ten", 2, "price", "must be a price"),
        ("k1,Kettle,0.01", 2, "price", "must be 0.02 to 1000000000"),
        ("k1,Kettle,1,2", 2, "row", "must have 3 cells, as the header has; got 4"),
        (f"{'x' * 101},Kettle,1", 2, "id", "must have at most 100 characters; got 101"),
        (f"k1,{'x' * 201},1", 2, "name", "must have at most 200 characters; got 201"),
        ("k\x00,Kettle,1", 2, "id", "printable characters only"),
        ("k1,Ket\x1b[2Jtle,1", 2, "name", "printable characters only; got 'Ket\\x1b[2Jtle'"),
        ('k1,"Ket\ntle",1', 2, "name", "printable characters only; got 'Ket\\ntle'"),
        (f'k1,"{"x" * 131_073}",1', 2, "row", "field larger than field limit (131072)"),
    ],
)
def test_row_is_refused_by_line_field_and_reason(row: str, line: int, field: str, told: str) -> None:
    feed = feed_of(f"{HEADER}{row}\nk2,Mixer,5\n")
    ((found_line, found_field, reason),) = feed.refused
    assert (found_line, found_field) == (line, field)
    assert told in reason
    assert [product.product_id for product in feed.products] == ["k2"]


def test_refusals_name_the_columns_of_the_file() -> None:
    feed = feed_of("SKU,Title,Preis\nk1,Kettle,ten\n", renamed={"Preis": "price"})
    assert [(line, field) for line, field, _ in feed.refused] == [(2, "Preis")]


def test_lines_are_those_of_the_file_where_cells_run_over_several() -> None:
    feed = feed_of('id,name,description,price\n\nk1,Kettle,"two\nlines",1\nk2,Mixer,plain,ten\n')
    assert feed.products[0].description == "two lines"
    assert [line for line, _, _ in feed.refused] == [5]


def test_quotation_mark_left_open_costs_rows_and_not_the_memory() -> None:
    rows = "".join(f"k{number},Mixer,5\n" for number in range(20_000))
    feed = feed_of(f'{HEADER}k,"Kettle,1\n{rows}')
    assert "Is a quotation mark left open?" in feed.refused[0][2]
    assert len(feed.products) > 5_000


@pytest.mark.parametrize("field", ["rating", "reviews", "stock", "availability", "seller", "url", "currency", "color"])
def test_each_field_is_checked(field: str) -> None:
    wrong = {
        "rating": "6",
        "reviews": "many",
        "stock": "1.5",
        "availability": "perhaps",
        "seller": "<b>",
        "url": "javascript:alert(1)",
        "currency": "EUR",
        "color": "x" * 301,
    }
    feed = feed_of(f"id,name,price,{field}\nk1,Kettle,1,{wrong[field]}\n")
    ((line, found, _),) = feed.refused
    assert (line, found) == (2, field)


def test_private_numbers_are_taken_and_kept_in_order() -> None:
    header = "id,name,price,least_price,cost_price\n"
    (stocked,) = feed_of(header + "k1,Kettle,100,90,70\n").stocked
    assert (stocked.limits["Catalogue"].least_minor, stocked.limits["Catalogue"].cost_minor) == (9_000, 7_000)
    refused = {"100,70": "least_price", "70,70": "cost_price", "60,70": "cost_price", ",100": "cost_price"}
    for limits, named in refused.items():
        ((_, field, _),) = feed_of(f"{header}k1,Kettle,100,{limits}\n").refused
        assert field == named


def test_file_without_a_usable_header_is_refused_whole() -> None:
    assert refusal("") == refusal("\n\n") == "the file is empty; its first line must name the columns"
    assert refusal("id,name\n") == (
        "the header has no column 'price'; it has 'id', 'name'. Say which column is what with --map"
    )
    assert "'Preis'" in refusal("id,name,price\n", renamed={"Preis": "price"})


def test_header_alone_is_an_empty_file() -> None:
    assert feed_of(HEADER).products == []


@pytest.mark.parametrize(
    "encoded",
    [
        codecs.BOM_UTF8 + "id,name,price\nk1,Käse,5\n".encode(),
        "id,name,price\r\nk1,Käse,5\r\n".encode("utf-16"),
        "id,name,price\rk1,Käse,5\r".encode(),
    ],
    ids=["utf-8 with a mark", "utf-16", "old line ends"],
)
def test_encodings_and_line_ends_are_seen(encoded: bytes) -> None:
    feed = feed_of(encoded)
    assert feed.only.name == "Käse"
    assert feed.notes == []


def test_lines_that_are_no_utf_8_are_read_as_windows_1252_and_it_is_told_once() -> None:
    rows = ["k1,Käse,5", "k2,Brot,3"]
    content = HEADER.encode() + rows[0].encode() + b"\n" + "k2,Köln €,3\nk3,Öl,1\n".encode("cp1252")
    feed = feed_of(content)
    assert [product.name for product in feed.products] == ["Käse", "Köln €", "Öl"]
    assert feed.notes == ["Line 3 is not UTF-8: lines like it are read as Windows-1252 (latin-1)."]
