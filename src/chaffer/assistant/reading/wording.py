"""Words as rules look for them."""

from __future__ import annotations

import re
from typing import Final

_QUOTES: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-"})  # noqa: RUF001  Typeset.


def plain_words(text: str) -> str:
    """Return a text with plain quotes and dashes, and with single spaces."""
    return " ".join(text.translate(_QUOTES).split())


def phrases(*alternatives: str) -> re.Pattern[str]:
    """Return the pattern of any of these phrases, as whole words."""
    return re.compile(rf"(?<![\w'])(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)


def opening(*alternatives: str) -> re.Pattern[str]:
    """Return the pattern of a text that begins with any of these phrases."""
    return re.compile(rf"(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)


def blanked(text: str, start: int, end: int) -> str:
    """Return the text with blanks in the place of what was understood."""
    return text[:start] + " " * (end - start) + text[end:]
