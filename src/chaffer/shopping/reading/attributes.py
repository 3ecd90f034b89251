"""The values of attributes that a sentence names: `wireless`, `not curved`, `black or white`, `i7`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from chaffer.shopping.catalogue.searching import Need, Property
from chaffer.shopping.reading.denying import continues, denial_before
from chaffer.shopping.reading.figures import is_ceiling
from chaffer.shopping.reading.known import ASKED_RANK, Known, Value
from chaffer.shopping.reading.language.denials import ALSO, BETWEEN, Denial
from chaffer.shopping.reading.language.lifts import BEHIND
from chaffer.shopping.reading.language.opinions import DISLIKING
from chaffer.shopping.reading.phrases import Hit
from chaffer.shopping.reading.sentences import Gap, Sentence

_MOST_BETWEEN: Final = 2
_MOST_IN_A_ROW: Final = 4
_OR: Final = frozenset({"or", "oder", "ou"})
_FINE: Final = (["ok"], ["okay"], ["fine"], ["alright"], ["good"])
"""`Without it is fine` wants nothing."""


@dataclass(frozen=True, slots=True)
class NeedNamed:
    """A need in a sentence: `is_needless` where it need not be so, `is_disliked` where the shopper hates it."""

    start: int
    end: int
    need: Need
    is_needless: bool = False
    is_disliked: bool = False


def needs_in(sentence: Sentence, known: Known, category: str | None, asked: str | None = None) -> list[NeedNamed]:
    """Return the values that a sentence names, as products of a category have them, and take their words.

    Of `asked`, an attribute that the shopper was asked about, any value is understood.
    """
    named: list[NeedNamed] = []
    for at in sentence.free():
        hit = known.values.at(sentence.stems, at)
        if hit is None or not sentence.is_free(hit.start, hit.end) or not sentence.is_one_clause(hit.start, hit.end):
            continue
        value = _meant(sentence, hit, known, category, asked)
        if value is None or is_ceiling(sentence, hit.start, hit.end):
            continue
        named.append(_named(sentence, hit, value, known, named))
    return named


def need_of(known: Known, category: str, text: str) -> Need | None:
    """Return the need for a value that a kind of product has by its name: `in-ear` of earbuds."""
    for each in known.within(category):
        if text in each.texts:
            return Need(each.name, (text,))
    return None


def both_bounds(first: Need, last: Need) -> Need | None:
    """Return the need that keeps a bound below and one above: `over 24 inches`, `not above 32`.

    None where these are no such bounds of one attribute, or no number keeps both.
    """
    for low, high in ((first, last), (last, first)):
        are_bounds = low.at_most is high.at_least is None and not (low.excluded or high.excluded)
        if are_bounds and low.at_least is not None and high.at_most is not None and low.at_least <= high.at_most:
            return replace(low, at_most=high.at_most) if low.unit == high.unit else None
    return None


def merged(named: Sequence[NeedNamed], sentence: Sentence) -> tuple[list[NeedNamed], tuple[str, ...]]:
    """Return one need for an attribute, and notes: values in a row are alternatives, else the later words win."""
    found: dict[str, NeedNamed] = {}
    noted: list[str] = []
    for one in sorted(named, key=lambda each: each.start):
        name, before = one.need.name, found.get(one.need.name)
        if before is None or before.need == one.need:
            found[name] = before or one
        elif one.need.excluded and not before.need.excluded and one.need.texts != before.need.texts:
            continue
        elif (
            one.need.texts and one.need.excluded is before.need.excluded and _in_a_row(sentence, before.end, one.start)
        ):
            texts = tuple(dict.fromkeys((*before.need.texts, *one.need.texts)))
            found[name] = NeedNamed(before.start, one.end, Need(name, texts, excluded=one.need.excluded))
        elif (span := _span_of_both(sentence, before, one)) is not None:
            found[name] = NeedNamed(before.start, one.end, span)
        else:
            noted.append(f"You said two things about the {name}; I went by the last one.")
            found[name] = one
    return list(found.values()), tuple(noted)


def _span_of_both(sentence: Sentence, before: NeedNamed, one: NeedNamed) -> Need | None:
    """Return two needs as the span that both bound, or that reaches over two alternatives: `15 inch or a 17 inch`."""
    first, last = before.need, one.need
    are_alternatives = not _OR.isdisjoint(sentence.words[before.end : one.start])
    if are_alternatives and _in_a_row(sentence, before.end, one.start) and _is_span(first) and _is_span(last):
        return replace(min((first, last), key=_low), at_most=max((first, last), key=_low).at_most)
    return both_bounds(first, last)


def _low(need: Need) -> float:
    return need.at_least or 0.0


def _is_span(need: Need) -> bool:
    return need.at_least is not None and need.at_most is not None and not need.excluded


def _in_a_row(sentence: Sentence, end: int, start: int) -> bool:
    """Tell whether two values are alternatives: `black, white`, `black or white`, `a black backpack or a white one`."""
    between = sentence.words[end:start]
    if len(between) <= 1:
        return all(word in ALSO for word in between)
    others = (at for at in range(end, start) if sentence.words[at] not in _OR and sentence.is_free(at, at + 1))
    is_said_twice = not _OR.isdisjoint(between) and all(sentence.words[at] in BETWEEN for at in others)
    return is_said_twice and len(between) <= _MOST_IN_A_ROW and sentence.gap(start) is not Gap.STOP


def _meant(
    sentence: Sentence, hit: Hit[tuple[Value, ...]], known: Known, category: str | None, asked: str | None
) -> Value | None:
    """Return which value words mean in a category: the nearest one, if that is no other attribute's as well."""
    fitting = [value for value in hit.meaning if category is None or category in value.known.categories]
    fitting = [value for value in fitting if value.rank < ASKED_RANK or value.known.name == asked]
    if asked is not None and any(value.known.name == asked for value in fitting):
        fitting = [value for value in fitting if value.known.name == asked]
    nearest = [value for value in fitting if value.rank == min(each.rank for each in fitting)]
    beside = {each.name for each in _names_beside(sentence, hit, known)}
    if len({value.known.name for value in nearest}) > 1:
        nearest = [value for value in fitting if value.known.name in beside]
    if len({value.known.name for value in nearest}) != 1:
        return None
    texts = dict.fromkeys(text for value in nearest for text in value.texts)
    return Value(nearest[0].known, tuple(texts), nearest[0].rank)


def _names_beside(sentence: Sentence, hit: Hit[tuple[Value, ...]], known: Known) -> tuple[Property, ...]:
    behind = known.names.at(sentence.stems, hit.end)
    before = known.names.before(sentence.stems, hit.start)
    return (*(behind.meaning if behind else ()), *(before.meaning if before else ()))


def _named(
    sentence: Sentence, hit: Hit[tuple[Value, ...]], value: Value, known: Known, named: Sequence[NeedNamed]
) -> NeedNamed:
    """Return a value as a need, and take its words with the attribute's name and what denies it."""
    end = _past_name(sentence, hit.end, value, known)
    denial = denial_before(sentence, hit.start)
    disliked = _dislike_before(sentence, hit.start)
    start = hit.start if denial is None else denial.start
    is_against = denial is not None and denial.meaning is Denial.NOT
    is_needless = denial is not None and denial.meaning is Denial.NEEDLESS
    last = named[-1] if named else None
    if denial is None and last is not None and last.need.excluded and "or" in sentence.words[last.end : hit.start]:
        is_against = continues(sentence, last.end, hit.start)
    before = known.names.before(sentence.stems, start)
    if before is not None and value.known in before.meaning and sentence.is_free(before.start, start):
        start = before.start
        disliked = disliked or _dislike_before(sentence, start)
    if disliked is not None:
        start, is_against = min(start, disliked.start), True
    sentence.take(start, end)
    is_allowed = is_against and sentence.words[end : end + 1] == ["is"] and sentence.words[end + 1 :][:1] in _FINE
    is_needless = is_needless or is_allowed or _does_not_matter(sentence, end)
    need = Need(value.known.name, value.texts, excluded=is_against)
    return NeedNamed(start, end, need, is_needless, disliked is not None)


def _dislike_before(sentence: Sentence, start: int) -> Hit[bool] | None:
    for _ in range(_MOST_BETWEEN + 1):
        hit = DISLIKING.before(sentence.words, start)
        if hit is not None or start == 0 or sentence.words[start - 1] not in BETWEEN:
            return hit
        start -= 1
    return None


def _does_not_matter(sentence: Sentence, end: int) -> bool:
    """Tell whether it is said behind a value that it does not matter: `curved or flat, I don't care`."""
    for at in range(end, min(end + _MOST_BETWEEN + 2, len(sentence))):
        hit = BEHIND.at(sentence.words, at)
        if hit is not None and sentence.is_free(hit.start, hit.end) and sentence.gap(at) is not Gap.STOP:
            sentence.take(hit.start, hit.end)
            return True
    return False


def _past_name(sentence: Sentence, end: int, value: Value, known: Known) -> int:
    """Return where the attribute's name ends that stands behind a value: `mechanical switches`."""
    behind = known.names.at(sentence.stems, end)
    if behind is None or value.known not in behind.meaning or not sentence.is_free(behind.start, behind.end):
        return end
    return behind.end if sentence.gap(end) not in {Gap.BREAK, Gap.STOP} else end
