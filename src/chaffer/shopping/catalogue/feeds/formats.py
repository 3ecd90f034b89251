"""The formats of a feed by name: what a file is, what reads it, and what writes it."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from io import BufferedReader
from pathlib import PurePath
from typing import Final

from chaffer.shopping.catalogue.feeds.entries import Entry, Refused, Terms
from chaffer.shopping.catalogue.feeds.google_xml import read_google_xml
from chaffer.shopping.catalogue.feeds.json_lines import read_json_lines
from chaffer.shopping.catalogue.feeds.tables import read_table
from chaffer.shopping.catalogue.feeds.text_lines import Note, text_lines
from chaffer.shopping.catalogue.feeds.writing import (
    FeedWriter,
    csv_writer,
    google_table_writer,
    google_xml_writer,
    json_lines_writer,
)
from chaffer.shopping.catalogue.products import Seller


class Format(StrEnum):
    """What a feed is written in."""

    JSON_LINES = "jsonl"
    CSV = "csv"
    GOOGLE_TSV = "google-tsv"
    GOOGLE_XML = "google-xml"


_SUFFIXES: Final[Mapping[str, Format]] = {
    ".jsonl": Format.JSON_LINES,
    ".ndjson": Format.JSON_LINES,
    ".csv": Format.CSV,
    ".tsv": Format.GOOGLE_TSV,
    ".txt": Format.GOOGLE_TSV,
    ".xml": Format.GOOGLE_XML,
}
_FRONT: Final = 64
_MARKS: Final = codecs.BOM_UTF8 + codecs.BOM_UTF16_LE + codecs.BOM_UTF16_BE
_BEFORE: Final = b" \t\r\n\0" + _MARKS


def format_of_name(name: str) -> Format:
    """Return the format that a file's name tells; JSON Lines where it tells none."""
    return _SUFFIXES.get(PurePath(name).suffix.lower(), Format.JSON_LINES)


def format_of_content(file: BufferedReader) -> Format:
    """Return the format that a file begins as; what begins as nothing else is a table."""
    match file.peek(_FRONT)[:_FRONT].lstrip(_BEFORE)[:1]:
        case b"{" | b"[":
            return Format.JSON_LINES
        case b"<":
            return Format.GOOGLE_XML
        case _:
            return Format.CSV


def read_feed(
    file: BufferedReader, format_: Format, terms: Terms, renamed: Mapping[str, str], note: Note
) -> Iterator[Entry | Refused]:
    """Yield what a file holds, in its order. Raises VALIDATION_ERROR where it cannot be read on."""
    match format_:
        case Format.JSON_LINES:
            return read_json_lines(text_lines(file, note), terms)
        case Format.CSV | Format.GOOGLE_TSV:
            return read_table(text_lines(file, note), terms, renamed, note)
        case Format.GOOGLE_XML:
            return read_google_xml(file, terms)


def feed_writer(
    format_: Format, sellers: Sequence[Seller], attributes: Sequence[str], *, with_private: bool
) -> FeedWriter:
    """Return what writes a file of that format. CSV has a column for each of the attributes."""
    match format_:
        case Format.JSON_LINES:
            return json_lines_writer(sellers, with_private=with_private)
        case Format.CSV:
            return csv_writer(attributes, with_private=with_private)
        case Format.GOOGLE_TSV:
            return google_table_writer(with_private=with_private)
        case Format.GOOGLE_XML:
            return google_xml_writer(with_private=with_private)
