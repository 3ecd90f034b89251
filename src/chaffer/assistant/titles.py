"""What a conversation is called, as long as nobody gives it a name."""

from __future__ import annotations

import re
from typing import Final

LONGEST_TITLE: Final = 200
_LONGEST_MADE: Final = 60
_END: Final = re.compile(r"(?<=[.!?])\s")
_GREETING: Final = re.compile(
    r"(?:hi|hello|hey|good (?:morning|afternoon|evening))(?: (?:there|again))?(?![\w'’-])[\s,.!]*", re.IGNORECASE
)


def title_of(text: str) -> str:
    """Return a title made from what was said first: its first sentence behind a greeting, cut at a word.

    A greeting alone gives an empty one.
    """
    words = " ".join(text.split())
    greeting = _GREETING.match(words)
    bare = words[greeting.end() :] if greeting else words
    sentence = _END.split(bare, maxsplit=1)[0].rstrip(".!")
    if len(sentence) > _LONGEST_MADE:
        cut = sentence[: _LONGEST_MADE - 1]
        sentence = (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(",;:") + "…"
    return sentence[:1].upper() + sentence[1:]
