"""The brands that a sentence names, and what it says of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from chaffer.shopping.reading.denying import continues, denial_before
from chaffer.shopping.reading.known import Brand, Known
from chaffer.shopping.reading.language.denials import BETWEEN, Denial
from chaffer.shopping.reading.language.opinions import ANY_MORE, DISLIKING, LIKING, SAID_OF_IT, VIEWS, Tone
from chaffer.shopping.reading.language.ordinary import ORDINARY
from chaffer.shopping.reading.phrases import Hit, Meaning, Phrases
from chaffer.shopping.reading.sentences import Gap, Sentence, word_set

_ADDING_BEFORE: Final = word_set("""
    add also and auch aussi include oder or ou plus
    """)
_ADDING_BEHIND: Final = frozenset({"too", "also", "auch", "aussi"})
_FINE: Final = frozenset({"fine", "ok", "okay", "alright", "welcome", "possible"})
_POINTING: Final = frozenset({"the", "this", "that", "dieser", "diese", "dieses", "ce", "cette"})
_SHORTEST_OWNER: Final = 4
_MOST_BETWEEN: Final = 2


class Stance(Enum):
    """What a shopper says of a brand: it shall be it, or not; it need not be; they like it, or they do not.

    It is forgotten where what they said of it is to hold no more, neither for nor against it.
    """

    WANTED = "wanted"
    UNWANTED = "unwanted"
    NEEDLESS = "needless"
    LIKED = "liked"
    DISLIKED = "disliked"
    FORGOTTEN = "forgotten"


_STANCES: Final = {
    Tone.GOOD: Stance.LIKED,
    Tone.BAD: Stance.DISLIKED,
    Tone.FORGOTTEN: Stance.FORGOTTEN,
    Denial.NOT: Stance.UNWANTED,
    Denial.NEEDLESS: Stance.NEEDLESS,
    Denial.ONLY: Stance.WANTED,
}


@dataclass(frozen=True, slots=True)
class BrandNamed:
    """A brand in a sentence.

    `is_added` tells whether it comes to those of the last search: `Bose, too`; `is_pointed` whether it stands for a
    product that was shown: `the Sony`.
    """

    start: int
    end: int
    name: str
    stance: Stance
    is_added: bool = False
    is_pointed: bool = False


def brands_in(sentence: Sentence, known: Known) -> list[BrandNamed]:
    """Return the brands that a sentence names, in order, and take their words."""
    named: list[BrandNamed] = []
    for hit in _hits(sentence, known):
        start, stance, end = _stance(sentence, hit)
        last = named[-1] if named else None
        if last is not None and stance is Stance.WANTED and continues(sentence, last.end, hit.start):
            stance = last.stance
        brand = BrandNamed(hit.start, hit.end, hit.meaning.name, stance)
        is_pointed = hit.start > 0 and sentence.words[hit.start - 1] in _POINTING
        named.append(replace(brand, is_added=_is_added(sentence, hit), is_pointed=is_pointed))
        sentence.take(start, end)
    return named


def _hits(sentence: Sentence, known: Known) -> Iterator[Hit[Brand]]:
    for at in sentence.free():
        hit = known.brands.at(sentence.words, at) or _joined(sentence, known, at)
        if hit is None or not sentence.is_free(hit.start, hit.end) or not sentence.is_one_clause(hit.start, hit.end):
            continue
        if not hit.meaning.is_ordinary or _is_written_as_name(sentence, hit):
            sentence.take(hit.start, hit.end)
            yield hit


def _joined(sentence: Sentence, known: Known, at: int) -> Hit[Brand] | None:
    """Return a brand that is written apart or together otherwise than by the catalogue, or is an owner's: `Sony's`."""
    word = sentence.words[at]
    if at + 1 < len(sentence) and not {word, sentence.words[at + 1]} <= ORDINARY:
        brand = known.joined.get(word + sentence.words[at + 1])
        if brand is not None:
            return Hit(at, at + 2, brand)
    brand = known.joined.get(word)
    if brand is None and word.endswith("s") and len(word) > _SHORTEST_OWNER and word not in ORDINARY:
        brand = known.joined.get(word.removesuffix("s"))
    return None if brand is None else Hit(at, at + 1, brand)


def _is_written_as_name(sentence: Sentence, hit: Hit[Brand]) -> bool:
    """Tell whether ordinary words are meant as a name: spelled as the catalogue spells it, with capitals."""
    said = sentence.slice(hit.start, hit.end)
    is_first = sentence.gap(hit.start) is Gap.STOP and not any(sign.isupper() for sign in said[1:])
    return said == hit.meaning.name and said != said.lower() and not is_first and sentence.said != sentence.said.upper()


def _stance(sentence: Sentence, hit: Hit[Brand]) -> tuple[int, Stance, int]:
    """Return what is said of a brand, from where on and up to where."""
    behind = _behind(sentence, SAID_OF_IT, hit.end)
    if behind is not None:
        return hit.start, _STANCES[behind.meaning], behind.end
    again = _behind(sentence, ANY_MORE, hit.end)
    end = hit.end if again is None else again.end
    view = _view_before(sentence, hit.start)
    if view is not None:
        return view.start, _STANCES[view.meaning], end
    denial = denial_before(sentence, hit.start)
    if denial is None:
        return hit.start, Stance.WANTED, hit.end
    return denial.start, _STANCES[denial.meaning], end


def _view_before(sentence: Sentence, start: int) -> Hit[Tone] | None:
    for _ in range(_MOST_BETWEEN + 1):
        view = VIEWS.before(sentence.words, start)
        if view is not None:
            return view
        disliked = DISLIKING.before(sentence.words, start)
        if disliked is not None:
            return Hit(disliked.start, disliked.end, Tone.BAD)
        liked = LIKING.before(sentence.words, start)
        if liked is not None and liked.meaning is Tone.GOOD:
            return liked
        if start == 0 or sentence.words[start - 1] not in BETWEEN:
            return None
        start -= 1
    return None


def _behind(sentence: Sentence, phrases: Phrases[Meaning], at: int) -> Hit[Meaning] | None:
    """Return what is said right behind a brand; `but not any more than 300` is a bound and not said of it."""
    hit = phrases.at(sentence.words, at)
    if hit is None or sentence.gap(at) in {Gap.BREAK, Gap.STOP} or sentence.words[hit.end : hit.end + 1] == ["than"]:
        return None
    return hit


def _is_added(sentence: Sentence, hit: Hit[Brand]) -> bool:
    before = sentence.words[hit.start - 1] if hit.start else ""
    behind = [*sentence.words[hit.end : hit.end + 2], "", ""]
    is_allowed = behind[0] in {"is", "are"} and behind[1] in _FINE
    return before in _ADDING_BEFORE or behind[0] in _ADDING_BEHIND or behind[:2] == ["as", "well"] or is_allowed
