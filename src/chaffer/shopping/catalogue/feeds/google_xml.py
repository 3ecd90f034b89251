"""Google Merchant's XML: an RSS or Atom document of items, read as it comes and never held whole."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader
from typing import Final, NoReturn
from xml.parsers import expat

from chaffer.errors import ChafferError, Detail, unfit
from chaffer.shopping.catalogue.feeds.entries import Entry, Refused, Terms
from chaffer.shopping.catalogue.feeds.grouping import Record, entries_of
from chaffer.shopping.catalogue.feeds.records import ATTRIBUTE, field_named

LONGEST_ITEM: Final = 262_144
LONGEST_TAG: Final = 1_048_576
DEEPEST: Final = 20
"""Characters of a product, bytes of a tag, and elements inside each other."""

_CHUNK: Final = 65_536
_ITEMS: Final = frozenset({"item", "entry"})
_DETAIL: Final = "product_detail"
_DETAIL_NAME: Final = "attribute_name"
_DETAIL_VALUE: Final = "attribute_value"
_DETAIL_PARTS: Final = frozenset({"section_name", _DETAIL_NAME, _DETAIL_VALUE})


def read_google_xml(file: BufferedReader, terms: Terms) -> Iterator[Entry | Refused]:
    """Yield what each item holds.

    Raises VALIDATION_ERROR where the document is no XML, is nested too deep, or declares entities: a feed needs none,
    and they can be made to swell without end. What was read before counts.
    """
    yield from entries_of(_records(file), terms)


def _records(file: BufferedReader) -> Iterator[tuple[int, Record] | Refused]:
    document = _Document()
    fed = 0
    while True:
        chunk = file.read(_CHUNK)
        fed += len(chunk)
        try:
            document.feed(chunk, fed)
        except ChafferError:
            yield from document.taken()
            raise
        yield from document.taken()
        if not chunk:
            return


class _Document:
    """What expat calls while it reads; the items that are whole wait to be taken."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._refuse_entities
        self._path: list[str] = []
        self._whole: list[tuple[int, Record] | Refused] = []
        self._item: _Item | None = None

    def feed(self, chunk: bytes, fed: int) -> None:
        """Read on; an empty chunk is the end. `fed` counts all bytes with these."""
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as fault:
            reason = expat.ErrorString(fault.code)
            raise unfit(Detail(f"line {fault.lineno}", f"is not XML: {reason}, at column {fault.offset + 1}")) from None
        except (LookupError, ValueError) as fault:
            issue = f"declares an encoding that is not read here: {fault}. Convert the file to UTF-8"
            raise unfit(Detail("the file", issue)) from None
        if fed - self._parser.CurrentByteIndex > LONGEST_TAG:
            self._refuse(f"has a tag of more than {LONGEST_TAG} bytes")

    def taken(self) -> list[tuple[int, Record] | Refused]:
        """Return the items that are whole since it was asked last."""
        whole, self._whole = self._whole, []
        return whole

    def _begin(self, tag: str, _: dict[str, str]) -> None:
        name = _local(tag)
        self._path.append(name)
        if len(self._path) > DEEPEST:
            self._refuse(f"stands deeper than {DEEPEST} elements in each other")
        if self._item is None and name in _ITEMS:
            self._item = _Item(self._parser.CurrentLineNumber, len(self._path))
        elif self._item is not None:
            self._item.begin(name, len(self._path))

    def _text(self, text: str) -> None:
        if self._item is not None:
            self._item.add(text)

    def _end(self, _: str) -> None:
        name = self._path.pop()
        if self._item is None:
            return
        if len(self._path) < self._item.depth:
            self._whole.append(self._item.content())
            self._item = None
        else:
            self._item.end(name, len(self._path) + 1)

    def _refuse_entities(self, *_: object) -> None:
        self._refuse("declares a document type, which a feed does not need and which is refused for safety")

    def _refuse(self, issue: str) -> NoReturn:
        raise unfit(Detail(f"line {self._parser.CurrentLineNumber}", issue))


class _Item:
    """One product while it is read."""

    def __init__(self, line: int, depth: int) -> None:
        self.line = line
        self.depth = depth
        self._size = 0
        self._parts: list[str] = []
        self._record: dict[str, str] = {}
        self._detail: dict[str, str] = {}

    def begin(self, name: str, depth: int) -> None:
        if self._is_field(name, depth):
            self._parts.clear()

    def add(self, text: str) -> None:
        self._size += len(text)
        if self._size <= LONGEST_ITEM:
            self._parts.append(text)

    def end(self, name: str, depth: int) -> None:
        """Take the text of an element that is over; of several of the same name the first counts."""
        if not self._is_field(name, depth):
            return
        text = "".join(self._parts).strip()
        self._parts.clear()
        if name == _DETAIL:
            attribute, value = self._detail.pop(_DETAIL_NAME, ""), self._detail.pop(_DETAIL_VALUE, "")
            if attribute and value:
                self._record.setdefault(ATTRIBUTE + attribute, value)
        elif name in {_DETAIL_NAME, _DETAIL_VALUE}:
            self._detail[name] = text
        elif text and (field := field_named(name)) is not None:
            self._record.setdefault(field, text)

    def _is_field(self, name: str, depth: int) -> bool:
        """Tell whether an element is more than a part of another one's text."""
        return depth == self.depth + 1 or name in _DETAIL_PARTS

    def content(self) -> tuple[int, Record] | Refused:
        if self._size > LONGEST_ITEM:
            return Refused(self.line, Detail("item", f"must have at most {LONGEST_ITEM} characters; got {self._size}"))
        return self.line, self._record


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]
