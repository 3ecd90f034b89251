"""Stored text does nothing wherever an export is opened: a terminal, a page, a renderer, a spreadsheet, a reader."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from chaffer.exports.csv_text import csv_bytes
from chaffer.exports.json_text import json_bytes
from chaffer.exports.markdown import in_line, markdown_of
from chaffer.exports.pdf import pdf_of
from chaffer.exports.room_export import ROOM_EXPORT
from chaffer.exports.room_transcript import OFFER_COLUMNS, offer_rows, room_transcript
from chaffer.plain_text import legible
from tests.support.exports import exported, room_saying, rows_of, text_of_pdf

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "![picture](http://evil.example/track.png) [link](javascript:alert(1)) <http://evil.example>",
    "http://evil.example www.evil.example mailto:a@evil.example somebody@evil.example",
    "# heading\n## more\n- item\n+ item\n* item\n1. one\n2) two\n> quote\n---\n===\n```\ncode\n```\n    indented",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "`code` **bold** _italic_ ~~gone~~ $math$ [^1] &amp; &#60; \\* {x}",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\ \x1b]0;title\x07 \x9b2J \x9d52;c;aGk=\x9c",
    "\u202egnp.exe\u202c \u2066isolated\u2069 \u200f \u061c \ufeff \u200b",
    "nul\x00bell\x07back\x08 half \ud800 other \udfff private \ue000 unassigned \u0378",
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "+1 -1 @SUM(A1)",
    "\t=1",
    "\r=1",
    "@SUM(A1:A9)|cmd",
    "-2+3",
    "a\u2028b\u2029c\x85d\x0be\x0cf",
    '"; DROP TABLE rooms; --,"x"\n=cmd',
)


@pytest.mark.parametrize("said", HOSTILE)
def test_json_is_the_text_as_it_was_said_and_steers_nothing(said: str) -> None:
    content = json_bytes(ROOM_EXPORT, exported(room_saying(said))).decode()
    assert json.loads(content)["messages"][0]["text"] == re.sub("[\ud800-\udfff]", "\ufffd", said)
    steering = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert {c for c in content if unicodedata.category(c) in steering} <= {"\n"}
    assert not set("<>&") & set(content)


@pytest.mark.parametrize("said", HOSTILE)
def test_markdown_shows_the_text_as_it_was_written(said: str) -> None:
    content = markdown_of(room_transcript(exported(room_saying(said)))).decode()
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(content)
    tags = set(re.findall(r"</?([a-z0-9]+)", shown))
    assert tags <= {"h1", "h2", "h3", "p", "blockquote", "em", "strong", "br"} | TABLE
    quotation = re.findall(r"<blockquote>(.*?)</blockquote>", shown, re.DOTALL)[-1]
    assert _words(_plain(quotation)) == _words(legible(said))


TABLE = {"table", "thead", "tbody", "tr", "th", "td"}


def _plain(rendered: str) -> str:
    return html.unescape(re.sub("<[^>]*>", " ", rendered)).replace("\u2060", "")


def _words(text: str) -> str:
    return "".join(text.split())


@given(said=st.text())
def test_no_text_is_markup_in_markdown(said: str) -> None:
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(in_line(said))
    assert set(re.findall(r"<(/?[a-z0-9]+)", shown)) <= {"p", "/p"}
    assert _words(_plain(shown)) == _words(legible(said))


@pytest.mark.parametrize(
    "address", ["http://evil.example", "www.evil.example", "somebody@evil.example", "mailto:x@e.ex"]
)
def test_no_address_becomes_a_link_where_renderers_look_for_them(address: str) -> None:
    """GitHub's Markdown makes links of bare addresses: of `://`, `www.` and `@` between letters."""
    source = in_line(f"see {address} now")
    assert not re.search(r"(?<!\\)://|www\.|\w@\w|mailto:", source)


@pytest.mark.parametrize("said", HOSTILE)
def test_no_cell_is_a_formula(said: str) -> None:
    content = csv_bytes(OFFER_COLUMNS, offer_rows(exported(room_saying("hello", "fine", conditions=said))))
    (row,) = rows_of(content)
    assert not row["conditions"].lstrip(" ").startswith(tuple("=+-@\t\r\n\x00"))
    assert row["conditions"].removeprefix("'") == legible(said)
    assert b"\x1b" not in content
    assert b"\x00" not in content


def test_numbers_in_cells_stay_numbers() -> None:
    content = csv_bytes(("a", "b", "c"), [(-5, 999.5, "-5")]).decode("utf-8-sig")
    assert content == '"a","b","c"\r\n-5,999.5,"\'-5"\r\n'
    (row,) = list(csv.reader(io.StringIO(content), quoting=csv.QUOTE_NONNUMERIC))[1:]
    assert row == [-5.0, 999.5, "'-5"]


@pytest.mark.parametrize("said", HOSTILE)
def test_pdf_shows_the_text_and_does_nothing(said: str) -> None:
    content = pdf_of(room_transcript(exported(room_saying(said))))
    for active in (b"/URI", b"/JavaScript", b"/JS", b"/Launch", b"/Annots", b"/EmbeddedFile"):
        assert active not in content
    shown = _words(text_of_pdf(content))
    for word in re.findall("[A-Za-z0-9]{3,}", legible(said)):
        assert word in shown


@given(said=st.text(max_size=300))
@settings(max_examples=25)
def test_no_text_breaks_a_pdf(said: str) -> None:
    assert pdf_of(room_transcript(exported(room_saying(said)))).startswith(b"%PDF-")


@given(said=st.text())
@example(said="a\n\n")
@example(said="\n\u200b")
def test_legible_text_has_no_control_and_loses_no_letter(said: str) -> None:
    shown = legible(said)
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} for c in shown.replace("\n", ""))
    letters = [c for c in unicodedata.normalize("NFC", said) if unicodedata.category(c).startswith(("L", "N"))]
    assert [c for c in shown if unicodedata.category(c).startswith(("L", "N"))] == letters
    assert legible(shown) == shown
