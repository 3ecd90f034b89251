"""The fonts of PDF exports: which of them draws a character, and loading it when the first one asks for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from chaffer.plain_text import REPLACEMENT

if TYPE_CHECKING:
    from fpdf import FPDF

FOLDER: Final = Path(__file__).parent / "fonts"


@dataclass(frozen=True, slots=True)
class Face:
    """A font: its file, the blocks of code points it is asked for, and whether its letters take forms in company."""

    name: str
    blocks: tuple[tuple[int, int], ...]
    is_shaped: bool = False
    has_bold: bool = False

    def claims(self, code: int) -> bool:
        """Tell whether the code point lies in one of its blocks."""
        return any(first <= code <= last for first, last in self.blocks)


MAIN: Final = Face("NotoSans", ((0, 0x10FFFF),), has_bold=True)
EMOJI: Final = Face("NotoEmoji", ((0x23, 0x39), (0xA9, 0xAE), (0x203C, 0x3299), (0x1F000, 0x1FAFF)), is_shaped=True)
_MATHEMATICS: Final = Face("NotoSansMath", ((0x2190, 0x23FF), (0x25A0, 0x25FF), (0x27C0, 0x2BFF)))
_SYMBOLS: Final = Face("NotoSansSymbols2", ((0x2000, 0x2BFF),))
FACES: Final = (
    MAIN,
    Face("NotoSansArabic", ((0x600, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)), is_shaped=True),
    Face("NotoSansHebrew", ((0x590, 0x5FF), (0xFB1D, 0xFB4F))),
    Face("NotoSansDevanagari", ((0x900, 0x97F), (0xA8E0, 0xA8FF), (0x1CD0, 0x1CFF)), is_shaped=True),
    Face("NotoSansBengali", ((0x980, 0x9FF),), is_shaped=True),
    Face("NotoSansTamil", ((0xB80, 0xBFF),), is_shaped=True),
    Face("NotoSansThai", ((0xE00, 0xE7F),), is_shaped=True),
    Face("NotoSansGeorgian", ((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2F))),
    Face("NotoSansArmenian", ((0x530, 0x58F), (0xFB13, 0xFB17))),
    _MATHEMATICS,
    _SYMBOLS,
    EMOJI,
    Face("NotoSansKR", ((0x1100, 0x11FF), (0x3130, 0x318F), (0xAC00, 0xD7A3)), is_shaped=True),
    Face("NotoSansSC", ((0x2460, 0x24FF), (0x3000, 0x9FFF), (0xF900, 0xFAFF), (0xFF00, 0xFFEF))),
)

_LONGEST_CLUSTER: Final = 16
"""The longest emoji have fifteen characters; marks beyond are left out: a tower of them would cover other lines."""

_UNDRAWN: Final = frozenset({0x200C, 0x200D, 0x2060, *range(0xFE00, 0xFE10)})
_JOINER: Final = "\u200d"
_SKIN_TONES: Final = ("\U0001f3fb", "\U0001f3ff")
_FLAG_LETTERS: Final = ("\U0001f1e6", "\U0001f1ff")
_EMOJI_STYLE: Final = frozenset("\ufe0f\u20e3")


@cache
def can_shape() -> bool:
    """Tell whether the shaping engine is installed; without it letters stand unjoined."""
    return find_spec("uharfbuzz") is not None


class Typefaces:
    """The fonts that one document has loaded."""

    def __init__(self, pdf: FPDF) -> None:
        """Load fonts into that document."""
        self._pdf = pdf
        self._maps: dict[str, frozenset[int]] = {}
        self._picked: dict[str, Face | None] = {}
        self._map_of(MAIN)

    def pick(self, cluster: str) -> Face | None:
        """Return the font that has every character of a cluster, or None."""
        if cluster not in self._picked:
            self._picked[cluster] = self._find(cluster)
        return self._picked[cluster]

    def _find(self, cluster: str) -> Face | None:
        codes = [ord(character) for character in cluster if ord(character) not in _UNDRAWN]
        wants_emoji = not _EMOJI_STYLE.isdisjoint(cluster) or cluster[0] >= "\U0001f000"
        order = (EMOJI, *FACES) if wants_emoji else FACES
        for face in order:
            if codes and face.claims(codes[0]) and self._map_of(face).issuperset(codes):
                return face
        return None if codes else MAIN

    def _map_of(self, face: Face) -> frozenset[int]:
        """Return the code points that a font has, loading it for the first of them."""
        if face.name not in self._maps:
            self._pdf.add_font(face.name, "", FOLDER / f"{face.name}-Regular.ttf")
            if face.has_bold:
                self._pdf.add_font(face.name, "B", FOLDER / f"{face.name}-Bold.ttf")
            font = self._pdf.fonts[face.name.lower()]
            self._maps[face.name] = frozenset(getattr(font, "cmap", ()))
        return self._maps[face.name]

    def drawn(self, cluster: str) -> tuple[Face, str]:
        """Return the font of a cluster and what it draws: the cluster, or for what no font has a visible sign."""
        face = self.pick(cluster)
        if face is not None:
            return face, cluster
        if len(cluster) > 1:
            base = self.pick(cluster[0])
            if base is not None:
                return base, cluster[0]
        return self.pick(REPLACEMENT) or MAIN, REPLACEMENT


def clusters(text: str) -> Iterator[str]:
    """Yield what a reader takes for one character each: a letter with its marks, an emoji with all that it joins."""
    cluster = ""
    for character in text:
        joins = bool(cluster) and _joins(cluster, character)
        if joins and len(cluster) < _LONGEST_CLUSTER:
            cluster += character
        elif not joins or not _is_mark(character):
            if cluster:
                yield cluster
            cluster = character
    if cluster:
        yield cluster


def _joins(cluster: str, character: str) -> bool:
    if character < "\u0300":
        return False
    if cluster[-1] == _JOINER or _is_mark(character):
        return True
    if _FLAG_LETTERS[0] <= character <= _FLAG_LETTERS[1]:
        return len(cluster) == 1 and _FLAG_LETTERS[0] <= cluster <= _FLAG_LETTERS[1]
    return _SKIN_TONES[0] <= character <= _SKIN_TONES[1]


def _is_mark(character: str) -> bool:
    return ord(character) in _UNDRAWN or unicodedata.category(character).startswith("M")
