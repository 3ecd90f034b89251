"""PDF exports: transcripts and reports as pages for people. The same transcript gives the same bytes, always."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chaffer.exports.drawing import (
    GREY,
    HEAD,
    INK,
    LABEL,
    PALE,
    SMALL,
    SUBTITLE,
    TITLE,
    VALUE,
    WARNING,
    drawn,
    one_line,
    opened_pdf,
)
from chaffer.exports.pages import LEFT, RIGHT, Bar, Cell, Colour, Composer, Style, columns_of
from chaffer.exports.transcript import PARTIAL, Entry, Fact, Participant, Report, Table, Transcript, listed, moment
from chaffer.exports.typesetting import Typesetter
from chaffer.plain_text import legible

if TYPE_CHECKING:
    from fpdf import FPDF

MOST_CHARACTERS: Final = 400_000
"""A PDF holds so many characters of messages and tables, some 140 pages; what is beyond is counted, and told."""

SPEAKERS: Final[tuple[Colour, ...]] = (
    (29, 78, 216),
    (185, 28, 28),
    (4, 120, 87),
    (109, 40, 217),
    (154, 83, 9),
    (14, 116, 144),
    (190, 24, 93),
    (77, 108, 12),
    (67, 56, 202),
    (124, 45, 18),
    (71, 85, 105),
)
"""The colours of speakers, in their order; each is readable on white and on its own tint."""

_HEADING: Final = Style(13, INK, is_bold=True)
_CHAPTER: Final = Style(9.5, GREY, is_bold=True)
_BODY: Final = Style(10, INK)
_TINT: Final = 0.93


def pdf_of(transcript: Transcript) -> bytes:
    """Return the transcript as the bytes of a PDF."""
    with opened_pdf(transcript.title, transcript.subtitle, transcript.as_of) as pdf:
        return _Writer(pdf, transcript.title).transcript(transcript)


def pdf_of_report(report: Report) -> bytes:
    """Return a report, and the transcripts in it, as the bytes of a PDF."""
    with opened_pdf(report.title, report.subtitle, report.as_of) as pdf:
        return _Writer(pdf, report.title).report(report)


@dataclass(frozen=True, slots=True)
class _Speaker:
    name: str
    colour: Colour

    @property
    def tint(self) -> Colour:
        """Return a background that the colour is readable on."""
        red, green, blue = (round(255 * _TINT + part * (1 - _TINT)) for part in self.colour)
        return red, green, blue


class _Writer:
    """Writes one document."""

    def __init__(self, pdf: FPDF, title: str) -> None:
        self._pdf = pdf
        self._setter = Typesetter(pdf)
        self._on = Composer(self._setter)
        self._title = one_line(title)
        self._left = MOST_CHARACTERS

    def transcript(self, transcript: Transcript) -> bytes:
        self._head(transcript)
        self._people(transcript.participants)
        self._heading("Transcript")
        self._conversation(transcript)
        for table in transcript.tables:
            self._table(table)
        return drawn(self._pdf, self._setter, self._on.pages, self._title)

    def report(self, report: Report) -> bytes:
        self._head(report)
        for table in report.tables:
            self._table(table)
        for transcript in report.transcripts:
            self._on.turn_page()
            self._part(transcript)
        return drawn(self._pdf, self._setter, self._on.pages, self._title)

    def _part(self, transcript: Transcript) -> None:
        self._on.write(one_line(transcript.title), Style(16, INK, is_bold=True))
        self._under_title(transcript)
        self._conversation(transcript)

    def _head(self, document: Transcript | Report) -> None:
        self._on.write(one_line(document.title), TITLE)
        self._under_title(document)

    def _under_title(self, document: Transcript | Report) -> None:
        on = self._on
        on.write(one_line(document.subtitle), SUBTITLE)
        if document.is_partial:
            on.skip(4)
            on.write(PARTIAL, Style(9.5, WARNING, is_bold=True))
        on.skip(10)
        self._facts(document.facts)

    def _facts(self, facts: tuple[Fact, ...]) -> None:
        label, value = columns_of((3, 9))
        for fact in facts:
            self._on.rule(PALE)
            cells = (Cell(one_line(fact.label), *label, LABEL), Cell(legible(fact.value), *value, VALUE))
            self._on.row(cells)
        self._on.rule(PALE)

    def _people(self, participants: tuple[Participant, ...]) -> None:
        self._heading("Participants")
        columns = columns_of((4, 2, 4, 6))
        for one, speaker in zip(participants, _speakers(participants).values(), strict=True):
            texts = (one.name, one.part, one.id, one.about)
            styles = (Style(9, speaker.colour, is_bold=True), VALUE, LABEL, LABEL)
            cells = zip(texts, columns, styles, strict=True)
            self._on.row([Cell(one_line(text), *column, style) for text, column, style in cells], padding=2)

    def _table(self, table: Table) -> None:
        if not table.rows:
            return
        self._heading(table.title)
        columns = columns_of(_shares(table))
        for place, (row, style) in enumerate(((table.head, HEAD), *((row, VALUE) for row in table.rows))):
            if not self._has_room(sum(map(len, row))):
                self._leave_out(len(table.rows) - place + 1, "rows")
                return
            cells = enumerate(zip(row, columns, strict=True))
            self._on.row(
                [Cell(legible(text), *column, style, place in table.numbers) for place, (text, column) in cells]
            )
            self._on.rule(PALE)

    def _heading(self, text: str) -> None:
        self._on.need(70)
        self._on.skip(18)
        self._on.write(one_line(text), _HEADING)
        self._on.skip(4)

    def _conversation(self, transcript: Transcript) -> None:
        speakers = _speakers(transcript.participants)
        if not transcript.entries:
            self._on.write("Nothing has been said.", SMALL)
        chapter = ""
        for place, entry in enumerate(transcript.entries):
            if entry.chapter != chapter:
                chapter = entry.chapter
                self._chapter(chapter)
            if not self._has_room(len(entry.text)):
                self._leave_out(len(transcript.entries) - place, "entries")
                return
            self._entry(entry, speakers)

    def _has_room(self, characters: int) -> bool:
        """Tell whether so many more characters fit into the file, and take their room."""
        self._left -= characters
        return self._left >= 0

    def _leave_out(self, rest: int, what: str) -> None:
        self._on.skip(10)
        self._on.write(f"{rest} more {what} do not fit into this file. The JSON export has all.", _CHAPTER)

    def _chapter(self, chapter: str) -> None:
        self._on.need(80)
        self._on.skip(12)
        end = self._on.beside(one_line(chapter), _CHAPTER, LEFT, RIGHT - LEFT, size=_CHAPTER.size)
        middle = self._on.y + _CHAPTER.leading / 2
        self._on.pages[-1].bars.append(Bar(end + 8, middle, max(RIGHT - end - 8, 0), 0.6, PALE))
        self._on.y += _CHAPTER.leading + 4

    def _entry(self, entry: Entry, speakers: Mapping[str, _Speaker]) -> None:
        on = self._on
        if entry.speaker_id is None:
            on.skip(5)
            on.write(legible(entry.text), SMALL, LEFT + 12, RIGHT - LEFT - 12)
            return
        speaker = speakers.get(entry.speaker_id) or _Speaker(one_line(entry.speaker_id), GREY)
        on.need(_BODY.leading * 3)
        on.skip(9)
        at = moment(entry.at)
        on.beside(at, SMALL, RIGHT - 110, 110, size=10, at_right=True)
        end = on.beside(speaker.name, Style(10, speaker.colour, is_bold=True), LEFT, RIGHT - LEFT - 180, size=10)
        room = max(RIGHT - 116 - end - 6, 24)
        on.beside(self._addressed([one_line(name) for name in entry.addressed_to], room), SMALL, end + 6, room, size=10)
        on.y += _BODY.leading + 2
        on.write_barred(legible(entry.text), _BODY, speaker.colour, LEFT)
        if entry.note:
            on.write_barred(legible(entry.note), Style(8.5, INK), speaker.colour, LEFT, speaker.tint)

    def _addressed(self, names: Sequence[str], room: float) -> str:
        """Return to whom words were said: as many names as fit beside the speaker's, and how many more there are."""
        for left_out in range(len(names)):
            shown = [*names[: len(names) - left_out], *([f"{left_out} more"] if left_out else [])]
            text = f"to {listed(shown)}"
            if len(self._setter.lines(text, room, SMALL.size)) == 1:
                return text
        return f"to {len(names)}" if names else ""


def _speakers(participants: tuple[Participant, ...]) -> dict[str, _Speaker]:
    return {
        one.id: _Speaker(one_line(one.name), SPEAKERS[place % len(SPEAKERS)]) for place, one in enumerate(participants)
    }


def _shares(table: Table) -> list[float]:
    """Return how much of the width each column gets: by its longest cell, within bounds."""
    columns = zip(table.head, *table.rows, strict=True)
    return [min(max(5, *map(len, column)), 28) ** 0.75 for column in columns]
