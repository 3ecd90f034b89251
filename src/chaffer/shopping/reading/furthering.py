"""Who wants to see more of what was found: `more`, `show me 5 more`, `the next ones`."""

from __future__ import annotations

from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.intents import AROUND_MORE, MORE_OF_THEM
from chaffer.shopping.reading.numerals import spoken_value
from chaffer.shopping.reading.sentences import Sentence


def more_in(sentence: Sentence, known: Known, current: str | None) -> int | None:
    """Return how many more products are wanted, 0 where no number is said, and take the words; None for no such wish.

    It counts only where nothing else is said: `more memory` wants something else. Of another kind than the `current`
    one nothing was found yet, so that kind is left to others, and the other words mean nothing.
    """
    words, stems = sentence.words, sentence.stems
    kinds = [hit for at in range(len(words)) if (hit := known.kinds.at(stems, at)) is not None]
    of_kinds = {at for hit in kinds for at in range(hit.start, hit.end)}
    counts: list[int] = []
    for at in range(len(words)):
        count = _count(sentence, at)
        if count is not None:
            counts.append(count)
        elif at not in of_kinds and words[at] not in MORE_OF_THEM | AROUND_MORE:
            return None
    if MORE_OF_THEM.isdisjoint(words) or len(counts) > 1:
        return None
    is_other = any(hit.meaning.category != current for hit in kinds)
    for at in set(range(len(words))) - (of_kinds if is_other else set()):
        sentence.take(at, at + 1)
    return None if is_other else next(iter(counts), 0)


def _count(sentence: Sentence, at: int) -> int | None:
    number = sentence.tokens[at].number
    spoken = spoken_value(sentence.words, at)
    value = spoken[0] if number is None and spoken is not None else number
    return None if value is None or value < 1 else int(value)
