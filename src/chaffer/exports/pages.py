"""Pages of a PDF export, laid out before anything is drawn: only then is known how many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from chaffer.exports.typesetting import Line, Typesetter

WIDTH: Final = 595.28
HEIGHT: Final = 841.89
LEFT: Final = 57.0
RIGHT: Final = WIDTH - 57.0
TOP: Final = 62.0
BOTTOM: Final = HEIGHT - 66.0
"""A4, in points; the text stands between LEFT and RIGHT, TOP and BOTTOM."""

LEADING: Final = 1.45
"""From line to line, in sizes: what the tallest of the scripts needs."""

_BASELINE: Final = 1.06

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks."""

    size: float
    colour: Colour
    is_bold: bool = False

    @property
    def leading(self) -> float:
        """Return the height of a line."""
        return self.size * LEADING


@dataclass(frozen=True, slots=True)
class Placed:
    """A line at its place; `y` is its baseline."""

    x: float
    y: float
    line: Line
    style: Style


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle, by its upper left corner."""

    x: float
    y: float
    width: float
    height: float
    colour: Colour


@dataclass(slots=True)
class Page:
    """What stands on a page; bars lie below the text."""

    bars: list[Bar] = field(default_factory=list)
    texts: list[Placed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in a column from `x` on, so wide; figures stand at its right edge."""

    text: str
    x: float
    width: float
    style: Style
    is_number: bool = False


class Composer:
    """Puts lines on pages from top to bottom and begins a new page where one is full."""

    def __init__(self, setter: Typesetter) -> None:
        """Begin with an empty page."""
        self._setter = setter
        self.pages = [Page()]
        self.y = TOP

    def turn_page(self) -> None:
        """Go on at the top of a new page."""
        self.pages.append(Page())
        self.y = TOP

    def need(self, height: float) -> None:
        """Turn the page unless there is so much room."""
        if self.y + height > BOTTOM:
            self.turn_page()

    def skip(self, height: float) -> None:
        """Leave room, but none at the top of a page."""
        if self.y > TOP:
            self.y += height

    def rule(self, colour: Colour, x: float = LEFT, width: float = RIGHT - LEFT) -> None:
        """Draw a thin line across."""
        self.pages[-1].bars.append(Bar(x, self.y, width, 0.6, colour))

    def write(self, text: str, style: Style, x: float = LEFT, width: float = RIGHT - LEFT) -> None:
        """Write a text in a column, over as many pages as it takes."""
        for line in self._setter.lines(text, width, style.size, bold=style.is_bold):
            self.need(style.leading)
            self._place(line, style, x + self._indent(line, style, width))
            self.y += style.leading

    def beside(self, text: str, style: Style, x: float, width: float, *, size: float, at_right: bool = False) -> float:
        """Write the first line of a text beside text of that size without going on, and return where it ends."""
        line = self._setter.lines(text, width, style.size, bold=style.is_bold)[0]
        self._place(line, style, x + (width - line.width * style.size if at_right else 0), self.y + size * _BASELINE)
        return x + line.width * style.size

    def write_barred(self, text: str, style: Style, bar: Colour, x: float, tint: Colour | None = None) -> None:
        """Write a text with a bar at its left on every page it comes to, on a tint if one is given."""
        column = x + 12
        for line in self._setter.lines(text, RIGHT - column, style.size, bold=style.is_bold):
            self.need(style.leading)
            if tint is not None:
                self.pages[-1].bars.append(Bar(x, self.y, RIGHT - x, style.leading, tint))
            self.pages[-1].bars.append(Bar(x, self.y, 2.4, style.leading, bar))
            self._place(line, style, column + self._indent(line, style, RIGHT - column))
            self.y += style.leading

    def row(self, cells: Sequence[Cell], padding: float = 3.0) -> None:
        """Write cells beside each other. A row that is higher than a page goes on on the next one, line by line."""
        columns = [
            self._setter.lines(cell.text, cell.width, cell.style.size, bold=cell.style.is_bold) for cell in cells
        ]
        leading = max(cell.style.leading for cell in cells)
        self.y += padding
        self.need(min(max(map(len, columns)) * leading, (BOTTOM - TOP) / 2))
        for level in range(max(map(len, columns))):
            self.need(leading)
            for cell, lines in zip(cells, columns, strict=True):
                if level < len(lines):
                    rest = cell.width - lines[level].width * cell.style.size
                    self._place(lines[level], cell.style, cell.x + (rest if cell.is_number else 0))
            self.y += leading
        self.y += padding

    @staticmethod
    def _indent(line: Line, style: Style, width: float) -> float:
        """Return where a line of a paragraph begins: what is read from the right stands at the right."""
        return width - line.width * style.size if line.is_rtl else 0.0

    def _place(self, line: Line, style: Style, x: float, y: float | None = None) -> None:
        if line.runs:
            self.pages[-1].texts.append(Placed(x, self.y + style.size * _BASELINE if y is None else y, line, style))


def columns_of(widths: Iterable[float], gap: float = 10.0) -> list[tuple[float, float]]:
    """Return where columns begin and how wide they are, for shares of the whole width."""
    shares = list(widths)
    room = RIGHT - LEFT - gap * (len(shares) - 1)
    columns, x = [], LEFT
    for share in shares:
        width = room * share / sum(shares)
        columns.append((x, width))
        x += width + gap
    return columns
