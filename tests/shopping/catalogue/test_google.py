"""Google Merchant's TSV and XML, and XML that means harm."""

from __future__ import annotations

from io import BufferedReader, RawIOBase
from typing import Any

import pytest

from chaffer.errors import ChafferError
from tests.support.feeds import Feed, feed_of

RSS = '<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>{}</channel></rss>'
ITEM = "<item><g:id>{0}</g:id><g:title>Kettle {0}</g:title><g:price>15.00 USD</g:price>{1}</item>\n"


def item(more: str = "", number: object = 1) -> str:
    return ITEM.format(number, more)


def xml(*items: str) -> Feed:
    return feed_of(RSS.format("".join(items)))


def told(content: str | bytes | BufferedReader) -> str:
    with pytest.raises(ChafferError) as refused:
        feed_of(content)
    detail = refused.value.details[0]
    return f"{detail.field} {detail.issue}"


class EndlessTag(RawIOBase):
    """An XML file in which a tag begins and does not end."""

    def __init__(self) -> None:
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = b"x" * len(buffer)
        if not self._begun:
            buffer[:5] = b"<rss "
            self._begun = True
        return len(buffer)


def test_tsv_of_google_is_read() -> None:
    cells = {
        "id": "k1",
        "title": "Kettle",
        "price": "20.00 USD",
        "sale_price": "15.00 USD",
        "availability": "in_stock",
        "google_product_category": "604",
        "product_type": "Home > Kitchen > Kettles",
        "product_detail": "General:volume:1.5 l,General:color:red",
        "cost_of_goods_sold": "9.00 USD",
    }
    feed = feed_of("\t".join(cells) + "\n" + "\t".join(cells.values()) + "\n")
    product = feed.only
    assert (product.category, product.price_minor, product.pieces) == ("Kettles", 1_500, 10)
    assert product.attributes == {"volume": "1.5 l", "color": "red"}
    assert feed.stocked[0].limits["Catalogue"].cost_minor == 900


@pytest.mark.parametrize("said", ["out_of_stock", "preorder", "backorder", "Out of stock"])
def test_what_cannot_be_bought_now_has_no_pieces(said: str) -> None:
    assert xml(item(f"<g:availability>{said}</g:availability><g:quantity>4</g:quantity>")).only.pieces == 0


def test_items_of_xml_are_read_with_their_details() -> None:
    detail = (
        "<g:product_detail><g:section_name>General</g:section_name><g:attribute_name>volume</g:attribute_name>"
        "<g:attribute_value>1.5 l</g:attribute_value></g:product_detail>"
    )
    described = (
        "<g:brand>Bosch</g:brand><g:color>red</g:color><description>Fast &amp; <b>quiet</b> kettle</description>"
    )
    feed = xml(item(described + detail), item(number=2))
    first, second = feed.products
    assert first.attributes == {"color": "red", "volume": "1.5 l"}
    assert (first.brand, first.description) == ("Bosch", "Fast & quiet kettle")
    assert second.attributes == {}


def test_entries_of_atom_are_read() -> None:
    entry = "<entry><g:id>k1</g:id><title>Kettle</title><g:price>15 USD</g:price><summary>no field</summary></entry>"
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">{entry}</feed>'
    assert feed_of(atom).only.name == "Kettle"


def test_encoding_that_the_document_declares_is_heeded() -> None:
    document = RSS.replace('"1.0"?', '"1.0" encoding="ISO-8859-1"?').format(item("<g:brand>Käse</g:brand>"))
    assert feed_of(document.encode("latin-1")).only.brand == "Käse"
    assert feed_of(RSS.format(item("<g:brand>Käse</g:brand>")).encode("utf-16")).only.brand == "Käse"


@pytest.mark.parametrize("encoding", ["shift_jis", "klingon"])
def test_encoding_that_is_not_read_is_told(encoding: str) -> None:
    content = RSS.format(item()).replace("?>", f' encoding="{encoding}"?>', 1)
    assert "declares an encoding that is not read here" in told(content.encode())


def test_line_breaks_within_details_are_spaces() -> None:
    head = "id\ttitle\tprice\tproduct_detail\n"
    feed = feed_of(f'{head}k1\tKettle\t15 USD\t"Look:color:dark\r\nred,Size:\rvolume:1.5 l"\n')
    assert feed.only.attributes == {"color": "dark red", "volume": "1.5 l"}


def test_item_is_refused_by_the_line_on_which_it_begins() -> None:
    feed = xml(item(), "\n<item><g:id>k2</g:id></item>\n", item(number=3))
    assert feed.refused == [(3, "price", "is required")]
    assert len(feed.products) == 2


def test_item_that_is_too_long_is_refused_and_the_next_one_taken() -> None:
    feed = xml(item(f"<description>{'x' * 300_000}</description>"), item(number=2))
    ((line, field, reason),) = feed.refused
    assert (line, field) == (1, "item")
    assert "must have at most 262144 characters" in reason
    assert feed.products[0].product_id == "2"


def test_entities_that_swell_are_refused_before_the_first_one() -> None:
    bomb = '<?xml version="1.0"?>\n<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss><item>&b;</item></rss>'
    assert told(bomb).startswith("line 2 declares a document type")
    outside = '<!DOCTYPE rss SYSTEM "file:///etc/passwd"><rss/>'
    assert "declares a document type" in told(outside)


def test_elements_too_deep_in_each_other_are_refused() -> None:
    assert told("<a>" * 100_000) == "line 1 stands deeper than 20 elements in each other"


def test_tag_without_an_end_is_refused() -> None:
    assert told(BufferedReader(EndlessTag())) == "line 1 has a tag of more than 1048576 bytes"


def test_document_that_breaks_off_is_told_with_its_line() -> None:
    assert told("<rss>\n<channel>") == "line 2 is not XML: no element found, at column 10"
    assert told("<rss>\n</channel>").startswith("line 2 is not XML: mismatched tag")
