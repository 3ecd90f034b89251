"""Pages into the bytes of a PDF, and what all PDFs look alike in. The same pages give the same bytes, always."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Final

from chaffer.exports.pages import BOTTOM, LEFT, RIGHT, Page, Placed, Style
from chaffer.exports.typesetting import Line, Typesetter
from chaffer.plain_text import legible

if TYPE_CHECKING:
    from fpdf import FPDF

INK: Final = (31, 35, 40)
GREY: Final = (92, 98, 106)
PALE: Final = (214, 218, 224)
WARNING: Final = (154, 52, 18)

TITLE: Final = Style(21, INK, is_bold=True)
SUBTITLE: Final = Style(9.5, GREY)
SMALL: Final = Style(8.5, GREY)
LABEL: Final = Style(9, GREY)
VALUE: Final = Style(9, INK)
HEAD: Final = Style(8.5, GREY, is_bold=True)

_CREATOR: Final = "Chaffer"


def one_line(text: str) -> str:
    """Return a text on one line, with nothing in it that steers."""
    return " ".join(legible(text).split("\n"))


@contextmanager
def opened_pdf(title: str, subject: str, at: datetime) -> Iterator[FPDF]:
    """Give an empty document whose dates and id come from what it holds; the files of its fonts are closed after it."""
    from fpdf import FPDF  # noqa: PLC0415  A second to import, which only a PDF pays.
    from fpdf.fonts import TTFFont  # noqa: PLC0415

    class Document(FPDF):
        def file_id(self) -> str:
            digest = hashlib.sha256(f"{title}\n{subject}\n{at.isoformat()}".encode(errors="replace"))
            named = digest.hexdigest()[:32].upper()
            return f"<{named}><{named}>"

    pdf = Document(unit="pt", format="A4")
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.alias_nb_pages("")
    pdf.set_title(one_line(title))
    pdf.set_subject(one_line(subject))
    pdf.set_creator(_CREATOR)
    pdf.set_producer(_CREATOR)
    pdf.set_creation_date(at)
    try:
        yield pdf
    finally:
        for font in pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()


def drawn(pdf: FPDF, setter: Typesetter, pages: Sequence[Page], title: str) -> bytes:
    """Draw the pages, each with its number and from the second on with the title, and return the whole document."""
    for number, page in enumerate(pages, 1):
        page.texts.extend(_margins(setter, title, number, len(pages)))
    for page in pages:
        _draw(pdf, page)
    return bytes(pdf.output())


def _margins(setter: Typesetter, title: str, number: int, total: int) -> Iterator[Placed]:
    def line(text: str) -> Line:
        return setter.lines(text, RIGHT - LEFT, SMALL.size)[0]

    count = line(f"{number} / {total}")
    yield Placed(RIGHT - count.width * SMALL.size, BOTTOM + 28, count, SMALL)
    yield Placed(LEFT, BOTTOM + 28, line(_CREATOR), SMALL)
    if number > 1:
        yield Placed(LEFT, 40, line(title), SMALL)


def _draw(pdf: FPDF, page: Page) -> None:
    pdf.add_page()
    for bar in page.bars:
        pdf.set_fill_color(*bar.colour)
        pdf.rect(bar.x, bar.y, bar.width, bar.height, style="F")
    for placed in page.texts:
        _draw_line(pdf, placed)


def _draw_line(pdf: FPDF, placed: Placed) -> None:
    x, style = placed.x, placed.style
    pdf.set_text_color(*style.colour)
    for run in placed.line.runs:
        pdf.set_font(run.face.name, "B" if run.is_bold else "", style.size)
        width = run.width * style.size
        if run.is_shaped:
            pdf.set_text_shaping(direction="rtl" if run.is_rtl else "ltr")
            # A cell of the height of its font puts the baseline 0.8 of it below its top.
            pdf.set_xy(x, placed.y - 0.8 * style.size)
            pdf.cell(width, style.size, run.text)
            pdf.set_text_shaping(use_shaping_engine=False)
        else:
            pdf.text(x, placed.y, run.text)
        x += width
