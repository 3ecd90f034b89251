"""Texts of others as a script can say them again: words taken apart, and quotes that are short and hold one line."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_JOINERS: Final = "\u200c\u200d"
"""They make one sign of several, as in emoji and in Persian, and are no printable characters by themselves."""
_OUTER: Final = " \"'\u201c\u201d\u2018\u2019\u201e«».,;:!?…"
_SPACED_UP_TO: Final = "\u0e00"
_HANGUL: Final = ("\uac00", "\ud7a3")
LONGEST_READ: Final = 20_000


def words_of(text: str) -> list[str]:
    """Return the words of a text as they are written, without numbers."""
    return _WORD.findall(text[:LONGEST_READ].replace("’", "'"))


def is_one_word(word: str) -> bool:
    """Tell whether it is a word, and not a run of a script that puts no spaces between words."""
    return all(sign < _SPACED_UP_TO or _HANGUL[0] <= sign <= _HANGUL[1] for sign in word)


def in_one_line(text: str) -> str:
    """Return a text without line breaks, control characters and signs that turn the direction of writing."""
    return " ".join("".join(sign if sign.isprintable() or sign in _JOINERS else " " for sign in text).split())


def quoted(text: str, longest: int) -> str:
    """Return a text in quotes, in one line, shortened at a word."""
    line = in_one_line(text)
    bare = line.strip(_OUTER.replace("?", "").replace("!", "")) or line
    if len(bare) > longest:
        bare = (bare[:longest].rsplit(" ", 1)[0] if " " in bare[:longest] else bare[:longest]).rstrip() + "…"
    return f"“{bare}”"


def bare(text: str) -> str:
    """Return a text without the signs around it."""
    return text.strip(_OUTER)
