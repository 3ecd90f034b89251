"""Text of agents made fit for a terminal: what it says stays, what would steer the terminal goes."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

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
_SPACES: Final = frozenset("\t\n\r\v\f\x85\u2028\u2029")


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


def shortened(text: str, width: int) -> str:
    """Return the text, or as much of its beginning as fits into that many characters with dots at its end."""
    return text if len(text) <= width else f"{text[: max(width - 3, 0)]}..."
