from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffer.plain_text import harmless, shortened


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x1b]0;new title\x07text", "text"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("\x9d0;title\x9cafter", "after"),
        ("\x1b]52;c;never closed", ""),
        ("half \x1b", "half "),
        ("nul\x00bell\x07back\x08", "nulbellback"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\u2066b\u2069c\u200f", "abc"),
        ("in\u200bvisible\ufeff", "invisible"),
        ("one\nTechStore: I agree\r", "one TechStore: I agree "),
        ("tab\there\u2028there", "tab here there"),
    ],
)
def test_what_would_steer_a_terminal_is_taken_out(said: str, shown: str) -> None:
    assert harmless(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "Zürich, 東京, 3 × €5",
        "\U0001f469\u200d\U0001f33e grows",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "naïve e\u0301",
    ],
)
def test_words_of_every_script_are_left_as_they_are(said: str) -> None:
    assert harmless(said) == said


@given(st.text())
def test_nothing_a_speaker_says_reaches_the_terminal_as_control(said: str) -> None:
    shown = harmless(said)
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")
    assert harmless(shown) == shown


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_shortened_text_has_at_most_the_width_and_says_that_it_is_cut(text: str, width: int) -> None:
    short = shortened(text, width)
    assert len(short) <= max(width, 3)
    assert short == text or short.endswith("...")
