"""Whether what a sentence names is wanted, or what it says against it."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.reading.language.denials import ALSO, BETWEEN, DENIALS, Denial
from chaffer.shopping.reading.phrases import Hit
from chaffer.shopping.reading.sentences import Gap, Sentence

_MOST_BETWEEN: Final = 3


def denial_before(sentence: Sentence, at: int) -> Hit[Denial] | None:
    """Return the denial of what begins there, if it is denied."""
    end = at
    for _ in range(_MOST_BETWEEN + 1):
        if sentence.gap(end) in {Gap.BREAK, Gap.STOP}:
            return None
        hit = DENIALS.before(sentence.words, end)
        if hit is not None and sentence.is_free(hit.start, hit.end):
            return hit
        if end == 0 or sentence.words[end - 1] not in BETWEEN:
            return None
        end -= 1
    return None


def continues(sentence: Sentence, end: int, start: int) -> bool:
    """Tell whether what begins at `start` is named in one breath with what ends at `end`: `no Sony or Bose`."""
    between = sentence.words[end:start]
    is_short = start - end <= _MOST_BETWEEN and sentence.gap(start) is not Gap.STOP
    joints = sum(word in ALSO for word in between)
    return is_short and joints > 0 and all(word in ALSO or word in BETWEEN for word in between)
