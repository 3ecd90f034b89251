"""A reader of the JSON that models write: in pieces, while it is being written, and forgiving.

It finds the first object behind prose, code fences and thoughts aloud, and forgives comments, single quotes, bare keys,
missing, stray and trailing commas, NaN, bare line ends in texts, and brackets that are not closed at the end. A key
that comes twice counts the first time: what was acted on must not change afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar

from msgspec import Struct

Value = str | Decimal | bool | None | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

DEEPEST: Final = 8
_LONGEST_LITERAL: Final = 64
_MOST_OBJECTS: Final = 20

_CLOSING: Final = {'"': '"', "'": "'", "“": "”"}
_RUNS: Final = {closing: re.compile(rf"[^\\{closing}]+") for closing in _CLOSING.values()}
_BEHIND_TEXT: Final = frozenset(",:}]")
_LITERAL: Final = re.compile(r"[^\s,:{}\[\]\"'/]+")
_WORDS: Final[dict[str, Value]] = {
    "true": True, "false": False, "null": None, "none": None,
    "nan": Decimal("NaN"), "infinity": Decimal("Infinity"), "-infinity": Decimal("-Infinity"),
}  # fmt: skip
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_THOUGHTS: Final = re.compile(r"<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_LONGEST_TAG: Final = len("<reasoning>")
_THOUGHTS_END: Final = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.IGNORECASE)

_HIGH_SURROGATES: Final = range(0xD800, 0xDC00)
_LOW_SURROGATES: Final = range(0xDC00, 0xE000)
_REPLACEMENT: Final = "\ufffd"

T = TypeVar("T")
_Reading = Generator[None, None, T]


class MalformedError(Exception):
    """The text is no object that could be read."""


class Piece(Struct, frozen=True):
    """The next piece of a text that is still being written."""

    path: Path
    text: str


class Whole(Struct, frozen=True):
    """A value that is complete."""

    path: Path
    value: Value


Found = Piece | Whole


class JsonReader:
    """Reads the first object of a text that comes in pieces. `document` is None until it is whole."""

    def __init__(self) -> None:
        """Wait for the first piece."""
        self.document: dict[str, Value] | None = None
        self.is_closed = True
        self._buffer = ""
        self._at = 0
        self._ended = False
        self._muted = 0
        self._found: list[Found] = []
        self._reading = self._document()
        next(self._reading)

    def feed(self, text: str) -> list[Found]:
        """Return what this piece brings. Raises MalformedError; what follows the object is not looked at."""
        if self.document is not None:
            return []
        self._buffer = self._buffer[self._at :] + text
        self._at = 0
        return self._go_on()

    def finish(self) -> list[Found]:
        """Return what the end of the text brings; `is_closed` tells if all brackets were. Raises MalformedError."""
        if self.document is not None:
            return []
        self._ended = True
        return self._go_on()

    def _go_on(self) -> list[Found]:
        next(self._reading, None)
        found, self._found = self._found, []
        return found

    def _document(self) -> _Reading[None]:
        yield from self._find_object()
        value = yield from self._value((), 0)
        self.document = value if isinstance(value, dict) else {}

    def _find_object(self) -> _Reading[None]:
        while (letter := (yield from self._peek())) != "{":
            if not letter:
                raise MalformedError
            head = (yield from self._need(_LONGEST_TAG)) if letter == "<" else ""
            if thoughts := _THOUGHTS.match(head):
                yield from self._skip_past(f"</{thoughts[1]}>")
            else:
                self._at += 1

    def _value(self, path: Path, depth: int) -> _Reading[Value]:
        letter = yield from self._skip()
        if depth > DEEPEST:
            raise MalformedError
        value: Value
        if letter == "{":
            value = yield from self._object(path, depth)
        elif letter == "[":
            value = yield from self._array(path, depth)
        elif letter in _CLOSING:
            value = yield from self._text(path)
        else:
            value = yield from self._literal()
        self._tell(Whole(path, value))
        return value

    def _object(self, path: Path, depth: int) -> _Reading[Value]:
        self._at += 1
        members: dict[str, Value] = {}
        while True:
            letter = yield from self._next_member("}")
            if not letter:
                return members
            key = (yield from self._text(None)) if letter in _CLOSING else str((yield from self._literal()))
            key = key.strip().casefold()
            if (yield from self._skip()) != ":":
                raise MalformedError
            self._at += 1
            is_again = key in members
            self._muted += is_again
            value = yield from self._value((*path, key), depth + 1)
            self._muted -= is_again
            members.setdefault(key, value)

    def _array(self, path: Path, depth: int) -> _Reading[Value]:
        self._at += 1
        items: list[Value] = []
        while (yield from self._next_member("]")):
            items.append((yield from self._value((*path, len(items)), depth + 1)))
        return items

    def _next_member(self, closing: str) -> _Reading[str]:
        """Return the letter that a further member begins with, or nothing once the bracket is closed."""
        while (letter := (yield from self._skip())) == ",":
            self._at += 1
        if not letter:
            self.is_closed = False
        if letter == closing:
            self._at += 1
            return ""
        return letter

    def _text(self, path: Path | None) -> _Reading[str]:
        """Read a text in quotes; its pieces are told when it has a path."""
        closing = _CLOSING[self._buffer[self._at]]
        self._at += 1
        pieces: list[str] = []
        while True:
            letter = yield from self._peek()
            if not letter:
                raise MalformedError
            if letter == closing and (yield from self._ends_text(closing)):
                self._at += 1
                return "".join(pieces)
            piece = yield from self._piece(letter, closing)
            pieces.append(piece)
            if path is not None:
                self._tell(Piece(path, piece))

    def _piece(self, letter: str, closing: str) -> _Reading[str]:
        if letter == "\\":
            return (yield from self._escape())
        run = _RUNS[closing].match(self._buffer, self._at)
        piece = run.group() if run else letter
        self._at += len(piece)
        return piece

    def _ends_text(self, closing: str) -> _Reading[bool]:
        """Tell whether a closing quote closes: a single one may be an apostrophe."""
        if closing != "'":
            return True
        ahead = 1
        while (letter := (yield from self._need(ahead + 1))[ahead : ahead + 1]).isspace():
            ahead += 1
        return not letter or letter in _BEHIND_TEXT

    def _escape(self) -> _Reading[str]:
        head = yield from self._need(2)
        letter = head[1:2]
        if letter != "u":
            self._at += len(head)
            return _ESCAPES.get(letter, letter)
        code = _code((yield from self._need(6)))
        self._at += 6
        if code in _HIGH_SURROGATES:
            tail = yield from self._need(6)
            low = _code(tail) if tail.startswith("\\u") else 0
            if low not in _LOW_SURROGATES:
                return _REPLACEMENT
            self._at += 6
            return chr(0x10000 + ((code - _HIGH_SURROGATES.start) << 10) + low - _LOW_SURROGATES.start)
        return _REPLACEMENT if code in _LOW_SURROGATES else chr(code)

    def _literal(self) -> _Reading[Value]:
        """Read a number or a word without quotes; one that the end of the text cuts off may be half of another."""
        for letters in range(1, _LONGEST_LITERAL + 2):
            head = yield from self._need(letters)
            literal = _LITERAL.match(head)
            if literal is None or len(head) < letters:
                break
            if literal.end() < letters:
                self._at += literal.end()
                return _meaning(literal.group())
        raise MalformedError

    def _skip(self) -> _Reading[str]:
        """Skip spaces and comments, and return the next letter."""
        while True:
            letter = yield from self._peek()
            if letter.isspace():
                self._at += 1
            elif letter == "/":
                head = yield from self._need(2)
                if head not in {"//", "/*"}:
                    raise MalformedError
                yield from self._skip_past("\n" if head == "//" else "*/")
            else:
                return letter

    def _skip_past(self, mark: str) -> _Reading[None]:
        pattern = re.compile(re.escape(mark), re.IGNORECASE)
        while True:
            if place := pattern.search(self._buffer, self._at):
                self._at = place.end()
                return
            self._at = max(self._at, len(self._buffer) - len(mark) + 1)
            if self._ended:
                self._at = len(self._buffer)
                return
            yield

    def _peek(self) -> _Reading[str]:
        """Return the next letter, or nothing at the end."""
        while self._at >= len(self._buffer):
            if self._ended:
                return ""
            yield
        return self._buffer[self._at]

    def _need(self, letters: int) -> _Reading[str]:
        """Return the next so many letters, or fewer at the end."""
        while len(self._buffer) - self._at < letters and not self._ended:
            yield
        return self._buffer[self._at : self._at + letters]

    def _tell(self, found: Found) -> None:
        if not self._muted:
            self._found.append(found)


def ends_thoughts(text: str) -> bool:
    """Tell whether thoughts aloud end in the text, be it that they begin in it or before it."""
    return _THOUGHTS_END.search(text) is not None


def objects_in(text: str, *, may_be_open: bool) -> Iterator[dict[str, Value]]:
    """Yield the objects that can be read from the text, each from a further opening bracket.

    With `may_be_open` also one whose brackets are not all closed.

    What stands before the end of thoughts aloud comes last: the reply follows them.
    """
    ends = [match.end() for match in _THOUGHTS_END.finditer(text)]
    for part in (text[ends[-1] :], text[: ends[-1]]) if ends else (text,):
        places = [match.start() for match in re.finditer(r"\{", part)]
        for place in places[:_MOST_OBJECTS]:
            document = _object_at(part[place:], may_be_open=may_be_open)
            if document is not None:
                yield document


def _object_at(text: str, *, may_be_open: bool) -> dict[str, Value] | None:
    reader = JsonReader()
    try:
        reader.feed(text)
        reader.finish()
    except MalformedError:
        return None
    return reader.document if reader.is_closed or may_be_open else None


def _code(escape: str) -> int:
    if not re.fullmatch(r"\\u[0-9a-fA-F]{4}", escape[:6]):
        raise MalformedError
    return int(escape[2:6], 16)


def _meaning(literal: str) -> Value:
    word = literal.casefold()
    if word in _WORDS:
        return _WORDS[word]
    try:
        return Decimal(literal)
    except InvalidOperation:
        return literal
