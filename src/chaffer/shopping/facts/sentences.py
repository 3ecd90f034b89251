"""Where the sentences of a text end, while it is still being written."""

from __future__ import annotations

import re
from typing import Final

_END: Final = re.compile(r"(?:[.!?…]+[\"”’')\]*_]*(?=\s)|\n)\s*")
_NO_END: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|nr|approx|incl|excl|dr|mr|mrs|inc|ltd|(?-i:[A-Z]))|(?:^|\n)[\s#>*-]*\d{1,2})\.$",
    re.IGNORECASE,
)
"""What a full stop ends without ending a sentence: an abbreviation, an initial, the number of an item."""


def first_sentence(text: str) -> str | None:
    """Return the first sentence of a text with the space behind it, None while it may still go on.

    A line is a sentence, too. The space is whole: a letter follows it, so that nothing of it is still to come.
    """
    for end in _END.finditer(text):
        if end.end() == len(text):
            return None
        if not _NO_END.search(text[: end.start() + 1].rstrip()):
            return text[: end.end()]
    return None
