"""Names in a request: sellers and brands, which are known by where they stand, and by their capitals."""

from __future__ import annotations

import re
from typing import Final

from chaffer.assistant.reading.memory import Memory
from chaffer.assistant.reading.wording import phrases

_NAME: Final = r"[A-Z][\w'.-]*(?:\s+(?:&\s+|and\s+(?=[A-Z]))?[A-Z&][\w'.-]*){0,5}"
_BY: Final = re.compile(rf"\b(?:[Ff]rom|[Bb]y|[Aa]t|[Ww]ith|[Oo]f|[Tt]o|[Oo]we)\s+(?:the\s+)?(?P<name>{_NAME})")
_OWNED: Final = re.compile(
    rf"(?<![\w'.-])(?P<name>{_NAME}?)(?:'s|'|s')\s+(?:\w+\s+)?(?:offer|price|deal|bid|invoice|bill)s?\b"
)
_SMALL: Final = re.compile(
    r"\b(?:from|by|at)\s+(?!(?:the|my|this|that|month|seller|category|shop|store|it|them|all|least|most|last|now|first)\b)"
    r"(?P<name>[a-z][\w'&.-]*(?:\s+(?!(?:in|on|since|for|this|last|and|or|please|so|yet|paid|unpaid)\b)[a-z&][\w'.-]*){0,2})"
)
_NO_NAMES: Final = frozenset({"I", "I'd", "I'm", "INV", "OK", "Ok", "Please", "Take", "Accept", "Let's", "Go"})
_ENDINGS: Final = phrases(
    r"products?", r"things?", r"stuff", r"items?", r"brands?", r"ones?", r"devices?", r"gear", r"a lot", r"most",
    r"again", r"anything", r"any", r"the", r"much", r"very", r"best", r"any ?more", r"please",
)  # fmt: skip
_PARTED: Final = re.compile(r",|\band\b|\bor\b|\bnor\b|&", re.IGNORECASE)
_MOST_WORDS: Final = 3


def seller_in(text: str, memory: Memory) -> str | None:
    """Return the seller that a text names: one of those who were shown, or a name behind `from`, `by` and the like.

    The text must have lost its dates before, whose months are names, too.
    """
    folded = text.lower()
    for seller in memory.sellers:
        if seller.lower() in folded:
            return seller
    for match in (*_OWNED.finditer(text), *_BY.finditer(text)):
        name = re.sub(r"'s?$", "", match["name"])
        kept = " ".join(word for word in name.split() if word not in _NO_NAMES)
        if kept:
            return kept
    small = _SMALL.search(text)
    return small["name"].strip(" .?!'") if small is not None else None


def brands_in(text: str) -> tuple[str, ...]:
    """Return the brands of an enumeration, as they were said."""
    parts = (_ENDINGS.sub(" ", part).strip(" .!?;:'\"") for part in _PARTED.split(text))
    return tuple(dict.fromkeys(" ".join(part.split()) for part in parts if 0 < len(part.split()) <= _MOST_WORDS))
