"""`chaffer catalog`: files in and out, what is told of refused rows, and what an interruption leaves."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Chaffer, Ran, command, environment
from tests.support.server import Server

HEADER = "id,name,price,stock\n"
ITEM = "<item><id>p{0}</id><title>Product {0}</title><price>5 USD</price></item>\n"
BATCH = 1_000


def document(ran: Ran) -> Any:
    """Return what a command with --json printed."""
    assert ran.err == "" or ran.code == 0, ran.err
    return json.loads(ran.out)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """Return a file of three products."""
    path = tmp_path / "shelf.csv"
    path.write_text(HEADER + "k1,Kettle,40,3\nk2,Toaster,25.50,0\nk3,Mixer,60,1\n", encoding="utf-8")
    return path


def test_products_of_a_file_can_be_searched_shown_counted_and_removed(chaffer: Chaffer, shelf: Path) -> None:
    """Issue 5: `chaffer catalog import`, `export`, `search` and `stats`."""
    ran = chaffer("catalog", "import", str(shelf))
    assert (ran.code, ran.out) == (0, "Products added: 3, replaced: 0. Rows refused: 0.\n")
    found = document(chaffer("catalog", "search", "kettle", "--max-price", "50", "--json"))
    assert [each["id"] for each in found["products"]] == ["k1"]
    assert "Mixer" in chaffer("catalog", "search").out
    assert "Toaster" not in chaffer("catalog", "search").out
    assert "Toaster" in chaffer("catalog", "search", "--sold-out").out
    some = "No product has all the words: these have some of them."
    assert some in chaffer("catalog", "search", "kettle", "zzzzzz", "--words").out
    assert some not in chaffer("catalog", "search", "kettle", "--words").out
    assert "$40.00" in chaffer("catalog", "show", "k1").out
    assert document(chaffer("catalog", "stats", "--json"))["products"] == 3
    assert chaffer("catalog", "clear", stdin="n\n").code == 130
    assert document(chaffer("catalog", "stats", "--json"))["products"] == 3
    assert chaffer("catalog", "clear", stdin="y\n").code == 0
    assert document(chaffer("catalog", "stats", "--json"))["products"] == 0


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="a bar is shown on a terminal alone")
def test_a_bar_shows_how_far_an_import_is(tmp_path: Path) -> None:
    """Issue 5: a progress bar. What is told in the end is no part of it."""
    rows = "".join(f"k{number},Kettle,40,3\n" for number in range(2 * BATCH + 5))
    (tmp_path / "many.csv").write_text(HEADER + rows, encoding="utf-8")
    ours, theirs = os.openpty()
    with subprocess.Popen(
        command("catalog", "import", "many.csv"),
        cwd=tmp_path,
        env=environment(tmp_path, TERM="xterm", COLUMNS="80"),
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as run:
        os.close(theirs)
        shown = "".join(_until_closed(ours))
        told, _ = run.communicate(timeout=60)
    assert (run.returncode, told) == (0, b"Products added: 2,005, replaced: 0. Rows refused: 0.\n")
    assert "many.csv" in shown
    assert "━" in shown
    assert "2,005 products" in shown
    assert "100%" in shown


def _until_closed(terminal: int) -> Iterator[str]:
    """Yield what stands on a terminal, and close it when nobody writes to it any more."""
    with suppress(OSError), open(terminal, encoding="utf-8") as file:
        while shown := file.read(1):
            yield shown


def test_server_answers_search_and_stats_as_well(chaffer: Chaffer, tmp_path: Path) -> None:
    with Server(tmp_path / "server", DEMO_CATALOG="true") as server:
        found = document(chaffer("catalog", "search", "gaming laptop", "--url", server.url, "--json", "--limit", "2"))
        assert len(found["products"]) == 2
        narrow = ("--brand", "Dell", "--brand", "Acer", "--attribute", "use:gaming", "--attribute", "memory:>=32")
        order = ("--sort", "least", "--sort-by", "weight")
        fitting = document(chaffer("catalog", "search", *narrow, *order, "--url", server.url, "--json"))["products"]
        assert {each["brand"] for each in fitting} == {"Dell", "Acer"}
        assert {each["attributes"]["memory"] for each in fitting} == {"32 GB"}
        weights = [float(each["attributes"]["weight"].removesuffix(" kg")) for each in fitting]
        assert weights == sorted(weights)
        said = chaffer("catalog", "search", "15-inch", "laptop", "under", "1500", "--url", server.url).out
        assert "Searched by the limit of $1,500.00, the category Laptops, screen size of 15 to 15.9 in." in said
        as_words = chaffer("catalog", "search", "laptop", "under", "500", "--words", "--url", server.url).out
        assert "Searched by" not in as_words
        assert "Laptops" in chaffer("catalog", "stats", "--url", server.url).out
        assert chaffer("catalog", "show", "no-such", "--url", server.url).code == 2


def test_refused_rows_are_told_in_the_order_of_the_file(chaffer: Chaffer, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEADER}k1,Ket\x07tle,40,1\nk2,,1,1\nk3,Mixer,free,1\n", encoding="utf-8")
    rows = document(chaffer("catalog", "import", str(path), "--json"))["rows"]
    assert [row["line"] for row in rows] == [2, 3, 4]


def test_refused_rows_are_told_by_line_field_and_reason(chaffer: Chaffer, tmp_path: Path) -> None:
    rows = "".join(f"b{number},Bad,free,1\n" for number in range(60))
    path = tmp_path / "bad.csv"
    path.write_text(f"{HEADER}k1,Kettle,40,3\n{rows}", encoding="utf-8")
    report = tmp_path / "refused.jsonl"
    ran = chaffer("catalog", "import", str(path), "--report", str(report))
    assert ran.code == 2
    assert "must be a price, as 1499.00 or 1499.00 USD; got 'free'" in ran.out
    assert f"... and 10 more: {report}." in ran.out
    assert ran.out.endswith("Products added: 1, replaced: 0. Rows refused: 60.\n")
    told = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert (len(told), told[0]["line"], told[0]["field"]) == (60, 3, "price")
    assert document(chaffer("catalog", "stats", "--json"))["products"] == 1


def test_all_or_nothing_leaves_the_catalogue_as_it_was_when_a_row_is_refused(chaffer: Chaffer, shelf: Path) -> None:
    bad = shelf.read_text(encoding="utf-8") + "k4,Bad,free,1\n"
    ran = chaffer("catalog", "import", "-", "--all-or-nothing", "--json", stdin=bad)
    told = json.loads(ran.out)
    assert (ran.code, told["imported"], told["added"], told["refused"]) == (2, False, 0, 1)
    good = chaffer("catalog", "import", "-", "--all-or-nothing", "--json", stdin=shelf.read_text(encoding="utf-8"))
    assert document(good)["added"] == 3


def test_columns_are_mapped_and_the_seller_is_named(chaffer: Chaffer, tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    path.write_bytes("Nr;Bezeichnung;Preis;RAM;Farbe\nn1;Gerät;1.299,50 $;16 GB;rot\n".encode("cp1252"))
    columns = ("--map", "Nr=id", "--map", "Bezeichnung=name", "--map", "Preis=price", "--map", "RAM=attributes.memory")
    ran = chaffer("catalog", "import", str(path), *columns, "--seller", "Laden")
    assert ran.code == 0
    assert "Windows-1252" in ran.err
    assert "'Farbe'" in ran.err
    shown = document(chaffer("catalog", "show", "n1", "--json"))
    assert (shown["name"], shown["price"], shown["attributes"]) == ("Gerät", 1299.5, {"memory": "16 GB"})
    assert shown["sellers"][0]["seller"] == "Laden"


def test_export_with_private_numbers_brings_the_same_catalogue_back(chaffer: Chaffer, tmp_path: Path) -> None:
    sample = files("chaffer.shopping.catalogue") / "sample.jsonl"
    assert chaffer("catalog", "import", str(sample)).out.startswith("Products added: 675")
    whole = tmp_path / "all.jsonl"
    assert chaffer("catalog", "export", "--with-private", "-o", str(whole)).code == 0
    assert chaffer("catalog", "clear", "--yes").code == 0
    assert chaffer("catalog", "import", str(whole)).code == 0
    assert chaffer("catalog", "export", "--with-private").out.encode() == whole.read_bytes()
    public = chaffer("catalog", "export", "--format", "csv").out
    assert "least_price" not in public
    assert "cost_price" not in public


def test_import_that_broke_off_goes_on_where_it_was(chaffer: Chaffer, tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    items = "".join(ITEM.format(number) for number in range(BATCH + 5))
    path.write_text(f"<rss><channel>\n{items}<item><id>half", encoding="utf-8")
    broken = chaffer("catalog", "import", str(path))
    assert broken.code == 2
    assert f"line {BATCH + 7} is not XML" in broken.err
    assert f"{BATCH + 5:,} products that stood before are in the catalogue" in broken.err
    assert list((tmp_path / "data" / "imports").iterdir())
    again = chaffer("catalog", "import", str(path))
    assert f"It was interrupted before and goes on behind its first {BATCH + 5:,} products." in again.err


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "the file is empty; its first line must name the columns"),
        ("\n\n", "the file is empty"),
        ("id,name\n", "the header has no column 'price'"),
        ("<rss>\n<b", "line 2 is not XML"),
        ("<!DOCTYPE a []><rss/>", "declares a document type"),
        ("<a>" * 30, "stands deeper than 20 elements"),
        ("x" * 2_000_000, "line 1 has more than 1048576 characters"),
    ],
)
def test_file_that_cannot_be_read_is_told_with_its_name_and_the_place(
    chaffer: Chaffer, tmp_path: Path, content: str, told: str
) -> None:
    path = tmp_path / "hostile"
    path.write_text(content, encoding="utf-8")
    ran = chaffer("catalog", "import", str(path))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"{path}: ")
    assert told in ran.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("no-such-file",), "no-such-file cannot be read"),
        (("-", "--map", "price"), "--map must be COLUMN=FIELD"),
        (("-", "--map", "a=colour"), "got 'a=colour'"),
        (("-", "--format", "xlsx"), "must be one of jsonl, csv, google-tsv, google-xml; got 'xlsx'"),
        (("-", "--seller", "<b>"), "must have 1 to 50 characters"),
        (("-", "--report", "no/such/folder"), "no/such/folder could not be written"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_read(
    chaffer: Chaffer, arguments: tuple[str, ...], told: str
) -> None:
    ran = chaffer("catalog", "import", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert told in ran.err


def test_export_to_a_pipe_leaves_the_pipe_in_its_place(chaffer: Chaffer, shelf: Path, tmp_path: Path) -> None:
    chaffer("catalog", "import", str(shelf))
    os.mkfifo(pipe := tmp_path / "pipe")
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ran = chaffer("catalog", "export", "--format", "csv", "--out", str(pipe))
        content = os.read(reading, 65_536)
    finally:
        os.close(reading)
    assert ran.code == 0, ran.err
    assert pipe.is_fifo()
    assert content.count(b"\n") == 4


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="no device that is full here")
def test_report_for_which_there_is_no_room_is_told(chaffer: Chaffer, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(HEADER + "b1,Bad,free,1\n", encoding="utf-8")
    ran = chaffer("catalog", "import", str(tmp_path / "bad.csv"), "--report", "/dev/full")
    assert ran.code == 2
    assert "/dev/full could not be written" in ran.err
