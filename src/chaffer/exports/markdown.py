"""Markdown transcripts: what was said shows as it was written, and is neither markup nor a link nor an image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chaffer.exports.transcript import PARTIAL, Entry, Table, Transcript, listed, moment
from chaffer.plain_text import legible

_SYNTAX: Final = re.compile(r"[\\`*_\[\]<>#|~$&]|:(?=//)|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_BEGINS_LIST: Final = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=]))(.)")
_AT_IN_ADDRESS: Final = re.compile(r"(?<=[\w.+-])@(?=[\w-])")
_APART: Final = "@&NoBreak;"
"""A character without width. Only it keeps the renderers that look for addresses in finished text from finding one."""


def markdown_of(transcript: Transcript) -> bytes:
    """Return the transcript as the bytes of a Markdown file."""
    return ("\n\n".join(filter(None, _blocks(transcript))) + "\n").encode()


def _blocks(transcript: Transcript) -> Iterator[str]:
    yield f"# {in_line(transcript.title)}"
    yield in_line(transcript.subtitle)
    if transcript.is_partial:
        yield f"> **{PARTIAL}**"
    yield _table(Table("", ("", ""), tuple((fact.label, fact.value) for fact in transcript.facts)))
    yield "## Participants"
    people = ((one.name, one.part, one.id, one.about) for one in transcript.participants)
    yield _table(Table("", ("Name", "Part", "Id", ""), tuple(people)))
    yield "## Transcript"
    yield from _conversation(transcript)
    for table in transcript.tables:
        yield f"## {in_line(table.title)}"
        yield _table(table)


def _conversation(transcript: Transcript) -> Iterator[str]:
    if not transcript.entries:
        yield "Nothing has been said."
    names = {one.id: one.name for one in transcript.participants}
    chapter = ""
    for entry in transcript.entries:
        if entry.chapter != chapter:
            chapter = entry.chapter
            yield f"### {in_line(chapter)}"
        yield from _entry(entry, names)


def _entry(entry: Entry, names: dict[str, str]) -> Iterator[str]:
    if entry.speaker_id is None:
        yield f"*{moment(entry.at)}* — {in_line(entry.text)}"
        return
    to = f" to {in_line(listed(entry.addressed_to))}" if entry.addressed_to else ""
    yield f"**{in_line(names.get(entry.speaker_id, entry.speaker_id))}**{to}, *{moment(entry.at)}*"
    yield "\n".join(f"> {written}" if written else ">" for written in _lines(entry.text))
    if entry.note:
        yield in_line(entry.note)


def _lines(text: str) -> list[str]:
    """Return the lines of a quotation that shows the text as written; each but the last of a paragraph ends in a break.

    Blank lines part paragraphs, as they do in what was written.
    """
    lines = [_escaped(one) for one in legible(text).split("\n")]
    behind = [*lines[1:], ""]
    return [f"{one}\\" if one and after else one for one, after in zip(lines, behind, strict=True)]


def in_line(text: str) -> str:
    """Return a text as one line in which nothing is markup."""
    return _escaped(" ".join(legible(text).split("\n")))


def _escaped(line: str) -> str:
    """Return a line with every sign that Markdown would take for more than itself escaped."""
    text = line.strip()
    indent = "&nbsp;" * (len(line) - len(line.lstrip())) if text else ""
    escaped = _BEGINS_LIST.sub(r"\1\\\2", _SYNTAX.sub(r"\\\g<0>", text))
    return indent + _AT_IN_ADDRESS.sub(_APART, escaped)


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    rule = ["---:" if place in table.numbers else "---" for place in range(len(table.head))]
    rows = (table.head, rule, *([in_line(cell) for cell in row] for row in table.rows))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
