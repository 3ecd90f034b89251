"""The attributes that a shopper does not like in what was shown: `I don't like the color`, `because of the weight`."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.catalogue.idle import IDLE
from chaffer.shopping.catalogue.searching import Property
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.opinions import DISLIKING, LIKING, REJECTING, SAID_OF_IT, Tone
from chaffer.shopping.reading.language.pointers import ORDINALS
from chaffer.shopping.reading.phrases import Hit
from chaffer.shopping.reading.sentences import Sentence, word_set

_BEFORE: Final = word_set("""
    the its this that their because of reason der die das den le la les
    """)
"""Before the name of an attribute that is meant: not in `I don't like it, I use it at work`."""


def faults_in(sentence: Sentence, known: Known, category: str | None) -> tuple[str, ...]:
    """Return the attributes that a sentence finds fault with, naming no value, and take the words of their names.

    What products of the category do not tell is among them: whoever says so is to learn that.
    """
    if category is None or not _finds_fault(sentence):
        return ()
    found: dict[str, None] = {}
    for at in sentence.free():
        hit = known.names.at(sentence.stems, at)
        if hit is not None and _is_bare(sentence, hit, known) and _is_meant(sentence, hit.start, hit.end):
            sentence.take(hit.start, hit.end)
            own = [each.name for each in hit.meaning if category in each.categories]
            found[(own or [hit.meaning[0].name])[0]] = None
        elif hit is None and _is_unknown(sentence, at, known, category):
            sentence.take(at, at + 1)
            found[sentence.words[at]] = None
    return tuple(found)


def _is_bare(sentence: Sentence, hit: Hit[tuple[Property, ...]], known: Known) -> bool:
    """Tell whether a name stands without a value or a figure behind it: not in `I don't like the color black`."""
    has_value = known.values.at(sentence.stems, hit.end) is not None
    has_figure = hit.end < len(sentence) and sentence.tokens[hit.end].number is not None
    return sentence.is_free(hit.start, hit.end) and not has_value and not has_figure


def _is_unknown(sentence: Sentence, at: int, known: Known, category: str) -> bool:
    """Tell whether a word names what is not liked, and no value: `I don't like the sound`, `… the headphones`."""
    words, kind = sentence.words, known.kinds.at(sentence.stems, at)
    is_other_kind = kind is not None and kind.meaning.category != category
    is_known = is_other_kind or known.values.at(sentence.stems, at) is not None
    is_place = sentence.tokens[at].number is not None or ORDINALS.at(words, at) is not None
    is_name = words[at] not in IDLE and not is_known and not is_place
    return is_name and at > 0 and words[at - 1] in {"the", "its"} and DISLIKING.before(words, at - 1) is not None


def _finds_fault(sentence: Sentence) -> bool:
    words = sentence.words
    return any(
        DISLIKING.at(words, at) is not None or REJECTING.at(words, at) is not None or _is_bad(sentence, at)
        for at in range(len(words))
    )


def _is_bad(sentence: Sentence, at: int) -> bool:
    behind = SAID_OF_IT.at(sentence.words, at)
    return behind is not None and behind.meaning is Tone.BAD


def _is_meant(sentence: Sentence, start: int, end: int) -> bool:
    """Tell whether a name stands where a fault is told, and not in praise: `I like the color`, `the color is nice`."""
    words = sentence.words
    behind = SAID_OF_IT.at(words, end)
    if behind is not None and behind.meaning is Tone.GOOD:
        return False
    first = start
    while first > 0 and words[first - 1] in _BEFORE:
        first -= 1
    if DISLIKING.before(words, first) is not None:
        return True
    liked = LIKING.before(words, first)
    return first < start and (liked is None or liked.meaning is not Tone.GOOD)
