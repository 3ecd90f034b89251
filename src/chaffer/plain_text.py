"""Text of agents made fit to be shown: what it says stays, what would steer the one who shows it goes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

REPLACEMENT: Final = "\ufffd"
"""What is shown for what is no character, or one that nobody here can draw."""

_SEQUENCES: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor, screen
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|\x9c|$)"  # OSC, DCS, SOS, PM, APC: titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"  # all other escapes
    r"|\x9b[0-?]*[ -/]*[@-~]"  # CSI as one character
    r"|[\x9d\x90\x98\x9e\x9f].*?(?:\x07|\x1b\\|\x9c|$)",
    re.DOTALL,
)
_JOINERS: Final = frozenset("\u200c\u200d")
_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_STEERING: Final = frozenset({"Cc", "Cf", "Zl", "Zp"})
_SPACES: Final = frozenset("\t\n\r\v\f\x85\u2028\u2029")
_NO_CHARACTERS: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_CONTROL_PICTURES: Final = 0x2400
_TAB: Final = 4
# The last four are the wide forms that East Asian spreadsheets take for the first four.
_FORMULA_STARTS: Final = tuple("=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20")


def harmless(text: str) -> str:
    """Return the text without escape sequences, control, bidirectional and other invisible characters.

    Line breaks and tabs become spaces, so that a speaker cannot forge another one's line. The two joiners that emoji
    and several scripts need are kept.
    """
    without = _SEQUENCES.sub("", text)
    return "".join(filter(None, map(_fit, without)))


def _fit(character: str) -> str:
    if character in _SPACES:
        return " "
    if character in _JOINERS:
        return character
    return "" if unicodedata.category(character) in _DROPPED else character


def legible(text: str) -> str:
    """Return the text for a record: in its lines, with nothing that steers, and nothing of it gone unseen.

    A control character becomes its picture, so that ESC reads `\u241b`, and what is no character U+FFFD; bidirectional
    and invisible characters go, as in `harmless`. Lines end in a line feed, empty ones at the end go, a tab is spaces,
    and what a reader sees as one composed character is one.
    """
    lines = ("".join(map(_seen, line)) for line in text.expandtabs(_TAB).splitlines())
    return unicodedata.normalize("NFC", "\n".join(lines).rstrip("\n"))


def _seen(character: str) -> str:
    if " " <= character < "\x7f":
        return character
    if character < " ":
        return chr(_CONTROL_PICTURES + ord(character))
    category = unicodedata.category(character)
    return REPLACEMENT if category in _NO_CHARACTERS else _fit(character)


def is_steering(character: str) -> bool:
    """Tell whether a character is a control, bidirectional or invisible one, which texts for machines escape."""
    return unicodedata.category(character) in _STEERING and character not in _JOINERS


def shortened(text: str, width: int) -> str:
    """Return the text, or as much of its beginning as fits into that many characters with dots at its end."""
    return text if len(text) <= width else f"{text[: max(width - 3, 0)]}..."


def unformed(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, by an apostrophe in front, which means «this is text»."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


def reformed(text: str) -> str:
    """Return a text as it was before `unformed`."""
    return text[1:] if text.startswith("'") and text[1:].lstrip(" ").startswith(_FORMULA_STARTS) else text
