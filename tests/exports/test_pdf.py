"""PDF exports as a reader sees them."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from chaffer.exports import typesetting
from chaffer.exports.drawing import opened_pdf
from chaffer.exports.pages import LEFT, RIGHT
from chaffer.exports.pdf import MOST_CHARACTERS, SPEAKERS, _Speaker, pdf_of
from chaffer.exports.room_transcript import room_transcript
from chaffer.exports.transcript import Entry, Participant, Table, Transcript, facts
from chaffer.exports.typefaces import FACES, FOLDER, clusters
from chaffer.exports.typesetting import Typesetter
from chaffer.plain_text import legible
from tests.support.exports import exported, room_saying, text_of_pdf
from tests.support.markets import START

SCRIPTS = {
    "Latin": "Zürich naïve Łódź Việt",
    "Greek": "Καλημέρα",
    "Cyrillic": "Здравствуйте",
    "Arabic": "مرحبا",
    "Hebrew": "שלום",
    "Devanagari": "नमस्ते",
    "Bengali": "নমস্কার",
    "Tamil": "வணக்கம்",
    "Thai": "สวัสดี",
    "Georgian": "გამარჯობა",
    "Armenian": "Բարեւ",
    "Han": "你好漢字",
    "Kana": "こんにちは",
    "Hangul": "안녕하세요",
    "signs": "→ ✓ ★ ∑ €₹₿ ①",
    "emoji": "😀 👩‍🌾 🇩🇪 1️⃣ ❤️",
}


def transcript(*texts: str) -> Transcript:
    """Return a transcript in which two speakers say these texts in turn."""
    people = (Participant("a", "Ann", "Buyer"), Participant("b", "Bob", "Seller"))
    entries = tuple(Entry(START, text, "ab"[place % 2], ("Bob",), "Round 1") for place, text in enumerate(texts))
    status = facts(("Status", "completed"))
    return Transcript(
        "Laptop × 2", "A test", is_partial=False, as_of=START, facts=status, participants=people, entries=entries
    )


@pytest.fixture(scope="module")
def setter() -> Iterator[Typesetter]:
    with opened_pdf("", "", START) as pdf:
        yield Typesetter(pdf)


def test_every_page_tells_its_number_and_how_many_there_are() -> None:
    pages = PdfReader(io.BytesIO(pdf_of(transcript(*(["word " * 400] * 8))))).pages
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"{number} / {len(pages)}" in page.extract_text()


def test_a_message_longer_than_a_page_goes_on_on_the_next_and_loses_nothing() -> None:
    words = [f"w{number:04}" for number in range(2_000)]
    shown = text_of_pdf(pdf_of(transcript(" ".join(words)))).split()
    assert [word for word in shown if word in set(words)] == words


def test_title_and_dates_are_those_of_the_conversation() -> None:
    """No «exported at now» inside: the same conversation is the same file."""
    read = PdfReader(io.BytesIO(pdf_of(transcript("hello"))))
    assert read.metadata is not None
    assert read.metadata.title == "Laptop × 2"
    assert read.metadata.creation_date == datetime(2026, 1, 1, tzinfo=UTC)


def test_an_unfinished_conversation_says_so() -> None:
    assert "Partial transcript" in text_of_pdf(pdf_of(room_transcript(exported(room_saying("hello")))))
    assert "Partial transcript" not in text_of_pdf(pdf_of(transcript("hello")))


@pytest.mark.parametrize("heard", [1, 2, 9])
def test_who_heard_a_message_is_told_or_counted(heard: int) -> None:
    """The file is a record: nobody is left out of it in silence."""
    names = tuple(f"Seller of the {number}th house" for number in range(heard))
    (entry,) = transcript("hello").entries
    told = " ".join(text_of_pdf(pdf_of(replace(transcript(), entries=(replace(entry, addressed_to=names),)))).split())
    shown = sum(name in told for name in names)
    assert shown == heard or f"and {heard - shown} more" in told


PRINT_DIGEST = """
import hashlib
from tests.exports.test_pdf import SCRIPTS, transcript
from chaffer.exports.pdf import pdf_of
print(hashlib.sha256(pdf_of(transcript(*SCRIPTS.values()))).hexdigest())
"""


MIXED_WORDS = ["أعتقد", "القهوة", "(بكثير)", "123.أعتقد", "שלום,", "(coffee)", "हिन्दी", "👩\u200d🔬", "«نص»"]


def test_another_process_makes_the_same_bytes() -> None:
    here = hashlib.sha256(pdf_of(transcript(*SCRIPTS.values()))).hexdigest()
    told = subprocess.run(
        [sys.executable, "-c", PRINT_DIGEST],
        env={**os.environ, "PYTHONHASHSEED": "1"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert told.stdout.strip() == here


@pytest.mark.parametrize("script", SCRIPTS)
def test_script_is_drawn_with_fonts_that_are_shipped(setter: Typesetter, script: str) -> None:
    text = SCRIPTS[script]
    runs = [run for line in setter.lines(legible(text), 400, 10) for run in line.runs]
    assert "\ufffd" not in "".join(run.text for run in runs)
    assert all(run.width > 0 for run in runs)


@pytest.mark.parametrize("unknown", ["\U00013000", "ꦲ", "\ue000", "\ud800"])
def test_what_no_font_has_is_drawn_as_a_sign(setter: Typesetter, unknown: str) -> None:
    """Never a crash, never a blank."""
    (line,) = setter.lines(legible(f"a{unknown}b"), 400, 10)
    assert "".join(run.text for run in line.runs) == "a\ufffdb"


def test_text_that_runs_to_the_left_begins_at_the_right(setter: Typesetter) -> None:
    (line,) = setter.lines("שלום 950 abc", 400, 10)
    assert line.is_rtl
    assert [run.text.strip() for run in line.runs if run.text.strip()] == ["abc", "950", "שלום"]
    (line,) = setter.lines("abc שלום", 400, 10)
    assert not line.is_rtl


@pytest.mark.parametrize("joined", ["👩\u200d🔬", "می\u200cکنم"])
@pytest.mark.parametrize("text", ["abc שלום {} שלום", "שלום abc {} abc", "abc {} שלום"])
def test_what_is_joined_stays_whole_where_directions_mix(setter: Typesetter, joined: str, text: str) -> None:
    (line,) = setter.lines(text.format(joined), 400, 10)
    assert any(joined in run.text for run in line.runs)


def test_a_word_that_runs_to_the_left_is_as_wide_alone_as_in_its_line(setter: Typesetter) -> None:
    """Joined letters are narrower than those that stand alone: a wrong width leaves gaps, and lines that run over."""
    (word,), (line,) = setter.lines("بكثير", 400, 10), setter.lines("بكثير أعتقد بكثير", 400, 10)
    (other,) = setter.lines("أعتقد", 400, 10)
    (space,) = setter.lines("بكثير أعتقد", 400, 10)
    assert line.width == pytest.approx(space.width + (space.width - other.width))
    assert word.width < line.width / 2


@given(words=st.lists(st.sampled_from(MIXED_WORDS), min_size=20, max_size=60))
@settings(max_examples=60)
def test_no_line_of_words_of_both_directions_is_wider_than_its_column(setter: Typesetter, words: list[str]) -> None:
    assert all(line.width * 10 <= 481 for line in setter.lines(" ".join(words), 480, 10))


def test_without_the_shaping_engine_text_stands_in_the_order_of_the_eye(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Windows on ARM has no such engine: letters stand unjoined, but in their order."""
    monkeypatch.setattr(typesetting, "can_shape", lambda: False)
    with opened_pdf("", "", START) as pdf:
        (line,) = Typesetter(pdf).lines("(שלום)", 400, 10)
    assert "".join(run.text for run in line.runs) == "(םולש)"
    assert pdf_of(transcript(*SCRIPTS.values())).startswith(b"%PDF-")


@given(text=st.text(), width=st.floats(min_value=60, max_value=480))
@settings(max_examples=60)
def test_no_line_is_wider_than_its_column(setter: Typesetter, text: str, width: float) -> None:
    for line in setter.lines(legible(text), width, 10):
        assert line.width * 10 <= width + 1 or sum(len(list(clusters(run.text))) for run in line.runs) <= 1


@pytest.mark.parametrize("tower", ["e" + "\u0301" * 4_000, "\u200d" * 4_000, "👩\u200d" * 2_000, "!" * 4_000 + "ש"])
def test_towers_and_chains_of_marks_are_drawn_within_the_column(setter: Typesetter, tower: str) -> None:
    assert all(line.width * 10 <= RIGHT - LEFT + 1 for line in setter.lines(legible(tower), RIGHT - LEFT, 10))
    assert pdf_of(transcript(tower)).startswith(b"%PDF-")


def test_beyond_the_bound_the_file_tells_how_much_is_left_out() -> None:
    half = "word " * (MOST_CHARACTERS // 10)
    entries = transcript(half, half, "later", "later still").entries
    text = text_of_pdf(pdf_of(replace(transcript(), entries=entries)))
    assert "2 more entries do not fit" in text
    assert "later still" not in text


def test_tables_are_bounded_too_and_leave_the_room_to_what_was_said() -> None:
    """A bot can be changed 200 times, with a prompt of 20 000 characters each time."""
    rows = tuple((f"row {number}", "word " * (MOST_CHARACTERS // 20)) for number in range(8))
    told = text_of_pdf(pdf_of(replace(transcript("hello"), tables=(Table("Prompts", ("Bot", "Prompt"), rows),))))
    assert [f"row {number}" in told for number in range(8)] == [True] * 3 + [False] * 5
    assert "5 more rows do not fit" in told
    assert told.index("hello") < told.index("row 0")


def test_colours_of_speakers_are_readable_and_differ() -> None:
    """WCAG 2.2, 1.4.3: a contrast of at least 4.5 to 1, on white and on the speaker's own tint."""
    assert len(set(SPEAKERS)) == 11
    for colour in SPEAKERS:
        for ground in ((255, 255, 255), _Speaker("", colour).tint):
            assert (_luminance(ground) + 0.05) / (_luminance(colour) + 0.05) >= 4.5


def _luminance(colour: tuple[int, int, int]) -> float:
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_font_is_there_with_its_licence_and_its_source() -> None:
    told = (FOLDER / "README.md").read_text(encoding="utf-8")
    for face in FACES:
        licence = (FOLDER / f"LICENSE-{face.name}.txt").read_text(encoding="utf-8")
        assert "SIL Open Font License, Version 1.1" in licence
        assert f"`{face.name}-Regular.ttf`" in told
    files = {path.name for path in FOLDER.glob("*.ttf")}
    assert files == {f"{face.name}-Regular.ttf" for face in FACES} | {"NotoSans-Bold.ttf"}
    assert sum(path.stat().st_size for path in FOLDER.glob("*.ttf")) < 11_500_000


def test_pdf_library_is_loaded_by_the_first_pdf_alone() -> None:
    asked = (
        "import sys, chaffer.api.app, chaffer.cli.exports; sys.exit(not {'fpdf', 'uharfbuzz'}.isdisjoint(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", asked], timeout=60, check=False).returncode == 0
