"""Text into lines of runs: each run is drawn with one font, in one direction. Sizes are in points."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chaffer.exports.typefaces import EMOJI, Face, Typefaces, can_shape, clusters

if TYPE_CHECKING:
    from fpdf import FPDF

_HAN: Final = "\u2e80-\u2fff\u3005-\u3007\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_OPENS: Final = "\uff08\u300c\u300e\u3010\u3008\u300a\u3014\uff5b\uff3b"
_CLOSES: Final = (
    "\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1b\uff1a\uff09\u300d"
    "\u300f\u3011\u3009\u300b\u3015\uff5d\uff3d\u2026\u30fc\u3005\u30fb"
)
_WORD: Final = re.compile(
    rf"[{_OPENS}]*(?:[^\s{_HAN}{_OPENS}{_CLOSES}]+|[{_HAN}])?[{_CLOSES}]*\s*"  # breaks behind every Han character
)
_RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_MARKS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]")
_MIRRORED: Final = str.maketrans("()[]{}<>\u00ab\u00bb\u2039\u203a", ")(][}{><\u00bb\u00ab\u203a\u2039")
_ON_ONE: Final = 100.0
"""Widths are measured at this size, so that the rounding of widths does not show."""

_LONGEST_REORDERED: Final = 400
"""Only towers of marks make a longer line; the reordering of one would recurse too deep."""

_LONGEST_SHAPED: Final = 300
"""A longer run is drawn in pieces, for the same reason."""


@dataclass(frozen=True, slots=True)
class Run:
    """Text for one font. `width` is that of size 1; a run that is not shaped stands in the order of the eye."""

    face: Face
    text: str
    is_bold: bool
    is_shaped: bool
    is_rtl: bool
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of runs from left to right. `is_rtl` says that it begins at the right."""

    runs: tuple[Run, ...]
    width: float
    is_rtl: bool = False


@dataclass(frozen=True, slots=True)
class _Word:
    """What is not broken, with the spaces behind it; `bare` is the width without them."""

    text: str
    width: float
    bare: float


class Typesetter:
    """Breaks texts into lines and lines into runs, for one document."""

    def __init__(self, pdf: FPDF) -> None:
        """Measure with the fonts of that document."""
        self._pdf = pdf
        self._faces = Typefaces(pdf)
        self._words: dict[tuple[str, bool], _Word] = {}
        self._widths: dict[tuple[str, str, bool, bool, bool], float] = {}

    def lines(self, text: str, width: float, size: float, *, bold: bool = False) -> list[Line]:
        """Return the lines of a text that are at most so wide at that size; an empty paragraph is an empty line."""
        room = width / size
        return [line for paragraph in text.split("\n") for line in self._broken(paragraph, room, bold=bold)]

    def _broken(self, paragraph: str, room: float, *, bold: bool) -> Iterator[Line]:
        is_rtl = _is_rtl(paragraph)
        line, used = "", 0.0
        for word in self._words_of(paragraph, room, bold=bold):
            if line and used + word.bare > room:
                yield self._set(line.rstrip(), is_rtl=is_rtl, bold=bold)
                line, used = "", 0.0
            line += word.text
            used += word.width
        yield self._set(line.rstrip(), is_rtl=is_rtl, bold=bold)

    def _words_of(self, paragraph: str, room: float, *, bold: bool) -> Iterator[_Word]:
        for match in _WORD.finditer(paragraph):
            word = self._word(match.group(), bold=bold)
            if word.bare <= room:
                yield word
            else:
                yield from self._pieces(word.text, room, bold=bold)

    def _pieces(self, text: str, room: float, *, bold: bool) -> Iterator[_Word]:
        """Yield the pieces of a word that is wider than a line, each as much as fits."""
        piece, used = "", 0.0
        for cluster in clusters(text):
            width = self._word(cluster, bold=bold).width
            if piece and used + width > room:
                yield _Word(piece, used, used)
                piece, used = "", 0.0
            piece += cluster
            used += width
        yield self._word(piece, bold=bold)

    def _word(self, text: str, *, bold: bool) -> _Word:
        known = self._words.get((text, bold))
        if known is None:
            is_rtl = _RIGHT_TO_LEFT.search(text) is not None
            bare = sum(run.width for run in self._runs(text.rstrip(), is_rtl=is_rtl, bold=bold))
            spaces = sum(run.width for run in self._runs(text[len(text.rstrip()) :], is_rtl=is_rtl, bold=bold))
            known = self._words[text, bold] = _Word(text, bare + spaces, bare)
        return known

    def _set(self, text: str, *, is_rtl: bool, bold: bool) -> Line:
        """Return a line, its runs in the order of the eye."""
        if len(text) > _LONGEST_REORDERED or not (is_rtl or _RIGHT_TO_LEFT.search(text)):
            runs = tuple(self._runs(text, is_rtl=False, bold=bold))
        else:
            parts = _reordered(text, is_rtl=is_rtl)
            runs = tuple(run for part, rtl in parts for run in self._runs(part, is_rtl=rtl, bold=bold))
        return Line(runs, sum(run.width for run in runs), is_rtl)

    def _runs(self, text: str, *, is_rtl: bool, bold: bool) -> list[Run]:
        """Return the runs of a text in one direction, in the order of the eye."""
        found: list[tuple[Face, bool, str]] = []
        for cluster in (text,) if text.isascii() and text else clusters(text):
            face, drawn = self._faces.drawn(cluster) if not cluster.isascii() else self._plain(cluster)
            shaped = can_shape() and (face.is_shaped or is_rtl or bool(_MARKS.search(drawn)))
            if found and _goes_on(found[-1], face, drawn, shaped=shaped):
                before_face, before_shaped, before = found[-1]
                found[-1] = before_face, before_shaped, before + drawn
            else:
                found.append((face, shaped, drawn))
        runs = [self._run(face, drawn, shaped=shaped, is_rtl=is_rtl, bold=bold) for face, shaped, drawn in found]
        return runs[::-1] if is_rtl else runs

    def _plain(self, text: str) -> tuple[Face, str]:
        return self._faces.drawn(text[0])[0], text

    def _run(self, face: Face, text: str, *, shaped: bool, is_rtl: bool, bold: bool) -> Run:
        heavy = bold and face.has_bold
        if is_rtl and not shaped:
            text = "".join(reversed(list(clusters(text)))).translate(_MIRRORED)
        key = face.name, text, heavy, shaped, is_rtl
        width = self._widths.get(key)
        if width is None:
            width = self._widths[key] = self._measured(face, text, bold=heavy, shaped=shaped, is_rtl=is_rtl)
        return Run(face, text, heavy, shaped, is_rtl, width)

    def _measured(self, face: Face, text: str, *, bold: bool, shaped: bool, is_rtl: bool) -> float:
        self._pdf.set_font(face.name, "B" if bold else "", _ON_ONE)
        if not shaped:
            return float(self._pdf.get_string_width(text)) / _ON_ONE
        self._pdf.set_text_shaping(direction="rtl" if is_rtl else "ltr")
        asked = self._pdf.text_shaping or {}
        self._pdf.set_text_shaping(use_shaping_engine=False)
        # The font itself is asked: the document would first look for directions in what has but one.
        font = self._pdf.fonts[face.name.lower() + ("B" if bold else "")]
        _, width = font.get_text_width(text, _ON_ONE, {**asked, "fragment_direction": asked.get("direction")})
        return width / _ON_ONE


def _goes_on(before: tuple[Face, bool, str], face: Face, drawn: str, *, shaped: bool) -> bool:
    """Tell whether a cluster belongs to the run before it; spaces do, but for those behind an emoji, which are wide."""
    if shaped and len(before[2]) >= _LONGEST_SHAPED:
        return False
    return before[:2] == (face, shaped) or (drawn.isspace() and before[0] is not EMOJI)


def _is_rtl(paragraph: str) -> bool:
    """Tell whether a paragraph begins at the right: its first letter decides (Unicode Annex 9, rules P2 and P3)."""
    classes = (unicodedata.bidirectional(character) for character in paragraph)
    return next((one for one in classes if one in {"L", "R", "AL"}), "L") != "L"


def _reordered(text: str, *, is_rtl: bool) -> Sequence[tuple[str, bool]]:
    """Return the parts of a line from left to right, each in the order of reading, and whether it runs to the left."""
    from fpdf.bidi import BidiParagraph  # noqa: PLC0415  A second to import, which only a PDF pays.
    from fpdf.enums import TextDirection  # noqa: PLC0415

    base = TextDirection.RTL if is_rtl else TextDirection.LTR
    whole = list(clusters(text))  # A cluster goes where its first character does: what it joins is not torn from it.
    parts: list[tuple[str, bool]] = []
    firsts = "".join(cluster[0] for cluster in whole)
    for one in BidiParagraph(firsts, base, preserve_bn_chars=True).get_reordered_characters():
        cluster, rtl = whole[one.character_index], bool(one.embedding_level % 2)
        if parts and parts[-1][1] == rtl:
            before = parts[-1][0]
            parts[-1] = (cluster + before if rtl else before + cluster), rtl
        else:
            parts.append((cluster, rtl))
    return parts
