"""What is written into a run does nothing wherever it is read: as JSON, Markdown, CSV, PDF, or on a terminal."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from markdown_it import MarkdownIt
from pypdf import PdfReader
from pypdf.generic import NameObject
from rich.console import Console

from chaffer.cli.talks import Lines, Speakers, Words
from chaffer.plain_text import legible
from tests.exports.test_inert_texts import HOSTILE, TABLE
from tests.support.exports import rows_of, text_of_pdf
from tests.support.runs import Mouth, RunReader, begun, ended, plan
from tests.support.server import Surface, play, posted

NAMES: Final = (
    "<b>Ada</b>",
    "<script>alert(1)</script>",
    "=cmd|'/C calc'!A0",
    "[x](javascript:alert(1))",
    "![y](http://evil.example)",
    "`@Eve` | # **x**",
)
ACTIVE: Final = {
    f"/{name}" for name in ("URI", "JavaScript", "JS", "Launch", "GoToR", "SubmitForm", "Annots", "AcroForm", "AA")
}
STEERING: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def written(said: str) -> str:
    """Return what the API takes of a text: no NUL, no half characters."""
    return re.sub("[\x00\ud800-\udfff]", "", said)


TEXTS: Final = tuple(written(said) for said in HOSTILE)


async def spoken(at: Surface, said: str, name: str) -> RunReader:
    """Play a run that has a text in every place where one can stand: topic, prompts, messages, a person's words."""
    mouth = Mouth().serve(at)
    bots = ({"name": name, "prompt": said}, {"name": "Ben", "prompt": said})
    run = await begun(at.client, plan(topic=said, max_turns=2, bots=bots))
    await posted(at.client, f"{run}/say", {"text": said, "name": f"{name}!"})
    patched = await at.client.patch(f"{run}/bot/1", json={"prompt": f"{said}!"})
    assert patched.status_code == 200, patched.text
    mouth.say(said, "", said, "")
    reader = await ended(at, run)
    assert reader.told.texts == {0: said, 1: said}
    return reader


@pytest.mark.parametrize(("said", "name"), [*((said, "Ada") for said in TEXTS), *((TEXTS[0], name) for name in NAMES)])
def test_what_is_written_into_a_run_is_inert_wherever_it_is_read(tmp_path: Path, said: str, name: str) -> None:
    """Issue 4, Shown by tests: in JSON, Markdown, PDF and the terminal."""

    async def case(at: Surface) -> None:
        reader = await spoken(at, said, name)
        path = reader.path.replace("/api/stream/", "/api/export/")
        for form, look in FORMS.items():
            answer = await at.client.get(f"{path}.{form}")
            assert answer.status_code == 200, answer.text
            look(answer.content, said, name)
        for shown in _shown(reader.told.frames, name):
            assert all(sign.isprintable() or sign == "\n" for sign in shown), ascii(shown)
            forged = [line for line in shown.split("\n") if line.startswith("Ben: ")]
            assert len(forged) == 1, "nobody speaks in another one's line"

    play(tmp_path, case)


def _json_is_inert(content: bytes, said: str, name: str) -> None:
    text = content.decode()
    assert {sign for sign in text if unicodedata.category(sign) in STEERING} <= {"\n"}
    assert not set("<>&") & set(text)
    document = json.loads(text)
    assert document["topic"] == said
    assert [one["prompt"] for bot in document["bots"] for one in bot["revisions"]] == [said, said, f"{said}!"]
    assert {line["content"] for line in document["transcript"]} == {said}
    assert {line["name"] for line in document["transcript"]} == {name, f"{name}!", "Ben"}


def _markdown_is_inert(content: bytes, said: str, name: str) -> None:
    del said, name
    text = content.decode()
    assert {sign for sign in text if unicodedata.category(sign) in STEERING} <= {"\n", "\u2060", "\u200d"}
    shown = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(text)
    tags = {"h1", "h2", "h3", "p", "blockquote", "em", "strong", "br", "ul", "li"} | TABLE
    assert set(re.findall(r"</?([a-z0-9]+)", shown)) <= tags


def _csv_is_inert(content: bytes, said: str, name: str) -> None:
    del name
    assert b"\x1b" not in content
    rows = rows_of(content)
    assert len(rows) == 3
    for row in rows:
        assert not [cell for cell in row.values() if cell.lstrip(" ").startswith(tuple("=+-@\t\r\n\x00"))]
        assert row["content"].removeprefix("'") == legible(said)


def _pdf_is_inert(content: bytes, said: str, name: str) -> None:
    reader = PdfReader(io.BytesIO(content))
    names = set().union(*(_names(reader.get_object(number)) for number in reader.xref[0]))
    assert "/Font" in names
    assert names & ACTIVE == set()
    shown = "".join(text_of_pdf(content).split())
    assert [word for word in re.findall("[A-Za-z0-9]{3,}", f"{legible(said)} {name}") if word not in shown] == []


def _names(value: object) -> set[str]:
    """Return the names in an object of a PDF, but not those in what it refers to."""
    if isinstance(value, dict):
        return set(map(str, value)).union(*map(_names, value.values()))
    if isinstance(value, list):
        return set().union(*map(_names, value))
    return {str(value)} if isinstance(value, NameObject) else set()


FORMS: Final = {"json": _json_is_inert, "md": _markdown_is_inert, "csv": _csv_is_inert, "pdf": _pdf_is_inert}


def _shown(frames: list[dict[str, Any]], name: str) -> Iterator[str]:
    """Yield what is printed of a run, without colours: each escape is somebody else's."""
    for kind in (Words, Lines):
        file = io.StringIO()
        speakers = Speakers()
        speakers.learn({"bots": [{"role": "bot0", "name": name}, {"role": "bot1", "name": "Ben"}], "transcript": []})
        talk = kind(Console(file=file, width=10_000, color_system=None), speakers)
        for frame in frames:
            talk.see(frame)
        yield file.getvalue()


def test_names_that_steer_are_not_taken(tmp_path: Path) -> None:
    """A name is printable: it stands in heads of lines, in tables and beside every message."""

    async def case(at: Surface) -> None:
        run = await begun(at.client, plan(max_turns=50))
        for name in ("a\x1b[31m", "a\u202eb", "a\nb", "a\x07", "a\u200b", "\u2028", " "):
            refused: list[httpx2.Response] = [
                await at.client.post("/api/run", json=plan(bots=({"name": name}, {}))),
                await at.client.patch(f"{run}/bot/0", json={"name": name}),
                await at.client.post(f"{run}/say", json={"text": "Hello.", "name": name}),
            ]
            assert [answer.status_code for answer in refused] == [400] * 3, ascii(name)
            assert not any(name in answer.text for answer in refused if name.strip())

    play(tmp_path, case, builtin_chars_per_second=10)
