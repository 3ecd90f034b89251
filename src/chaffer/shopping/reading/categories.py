"""The kind of product that a sentence asks for: one, though it may name others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chaffer.counting import listed
from chaffer.shopping.catalogue.units import unit_of
from chaffer.shopping.reading.denying import denial_before
from chaffer.shopping.reading.known import Kind, Known
from chaffer.shopping.reading.language.denials import ALSO, Denial
from chaffer.shopping.reading.language.kinds import ACCESSORIES
from chaffer.shopping.reading.phrases import Hit, any_of
from chaffer.shopping.reading.sentences import Gap, Sentence, word_set

_FOR_ANOTHER: Final = any_of("""
    for my, for our, for a, for the, for an, for, with my, to my, on my, from my, für mein, für meinen, für meine,
    für, pour mon, pour ma, pour, fits a, fits my, fit a, fit my, my, holds a, hold a, hold my, goes with my,
    connect to a, compatible with, my old, our old
    """)
"""What the product is for, or what there is already."""
_INSTEAD_OF: Final = any_of("""
    instead of, rather than, instead of a, rather than a, statt, anstatt, au lieu de, instead of an, rather than an,
    instead of the, statt einem, au lieu d'un
    """)
_PART_OF: Final = word_set("""
    with has have having its mit avec big bigger large larger good better best great decent nice small smaller sharp
    bright touch curved the inch inches
    """)
_CHANGES_OF_MIND: Final = frozenset({"actually", "wait", "sorry", "instead", "rather", "eigentlich", "plutot", "mean"})
_LOOKING: Final = frozenset(
    {"looking", "look", "search", "searching", "shopping", "market", "hunting", "asking", "suche"}
)
_SHARING: Final = frozenset({"or", "oder", "ou", "&", "with", "including", "mit", "avec"})
_MOST_BETWEEN: Final = 2


@dataclass(frozen=True, slots=True)
class KindNamed:
    """The kind of product that a sentence asks for: a category, texts of its attributes, and how it was understood.

    `left_out` are the tokens that tell of other kinds, which are looked for another time.
    """

    start: int
    end: int
    category: str
    texts: tuple[str, ...]
    noted: tuple[str, ...]
    left_out: frozenset[int] = frozenset()


def kind_in(sentence: Sentence, known: Known, current: str | None) -> KindNamed | None:
    """Return the kind of product that a sentence asks for, if it does.

    `current` is the category of the last search, if this one may go on from it.
    """
    named = [hit for hit in _named(sentence, known) if not _is_refused(sentence, hit)]
    wanted = [hit for hit in named if not _is_part(sentence, hit, known, current, named)]
    wanted = [hit for hit in wanted if not _is_what_for(sentence, hit) or len(wanted) == 1] or wanted[:1]
    if not wanted:
        return None
    changes_mind = not _CHANGES_OF_MIND.isdisjoint(sentence.words)
    chosen = wanted[-1] if changes_mind else wanted[0]
    for hit in named:
        if hit.meaning.category == chosen.meaning.category or (changes_mind and hit in wanted):
            sentence.take(hit.start, hit.end)
    category = chosen.meaning.category
    same = [hit for hit in wanted if hit.meaning.category == category]
    noted: tuple[str, ...] = ()
    left_out: frozenset[int] = frozenset()
    if len(same) < len(wanted) and not changes_mind:
        others = dict.fromkeys(hit.meaning.category for hit in wanted if hit not in same)
        rest = f"what you said of {listed(tuple(others))} I left out."
        noted = (f"I look for one kind of product at a time, and began with {category}; {rest}",)
        left_out = frozenset(at for part in _parts_of_others(sentence, wanted, category) for at in part)
        for at in left_out:
            sentence.take(at, at + 1)
    texts = dict.fromkeys(text for hit in same for text in hit.meaning.texts)
    return KindNamed(chosen.start, chosen.end, category, tuple(texts), noted, left_out)


def _parts_of_others(sentence: Sentence, wanted: list[Hit[Kind]], category: str) -> Iterator[range]:
    """Yield the tokens that tell of other kinds: from what joins such a kind to the one before, to the next comma.

    What stands behind `or` or a bundle is for both, unless the first one has numbers of its own: `a laptop or a tablet
    under 500`, `a laptop with a mouse under 900`.
    """
    for at, hit in enumerate(wanted):
        if hit.meaning.category == category:
            continue
        begin = _joint_before(sentence, wanted[at - 1].end, hit.start)
        between = range(wanted[at - 1].end, hit.start)
        is_joined = any(sentence.words[place] in _SHARING for place in between)
        is_shared = is_joined and all(sentence.tokens[place].number is None for place in between)
        end = hit.end
        following = wanted[at + 1] if at + 1 < len(wanted) else None
        last = len(sentence) if following is None else _joint_before(sentence, hit.end, following.start)
        while not is_shared and end < last and sentence.gap(end) not in {Gap.BREAK, Gap.STOP}:
            end += 1
        yield range(begin, end)


def _joint_before(sentence: Sentence, end: int, start: int) -> int:
    """Return where what joins a kind to the one before begins, the kind itself where nothing does."""
    for at in range(start, end, -1):
        if sentence.gap(at) in {Gap.BREAK, Gap.STOP}:
            return at
        if at < start and sentence.words[at] in ALSO:
            return at
    return end if end < start and sentence.words[end] in ALSO else start


def _named(sentence: Sentence, known: Known) -> Iterator[Hit[Kind]]:
    """Yield the kinds that a sentence names. Of two in a row the last one is meant: a `laptop backpack` is a bag."""
    last: Hit[Kind] | None = None
    end = 0
    for at in sentence.free():
        hit = known.kinds.at(sentence.stems, at) if at >= end else None
        if hit is None or not sentence.is_free(hit.start, hit.end) or not sentence.is_one_clause(hit.start, hit.end):
            continue
        end = hit.end
        follows = last is not None and last.end == hit.start and _is_close(sentence, hit.start)
        name = known.names.at(sentence.stems, hit.start)
        if follows and name is not None and name.end > hit.end:
            # The `screen size` of a laptop is no screen.
            continue
        if last is not None and not follows:
            yield last
        last = None if _is_accessory(sentence, hit) else hit
    if last is not None:
        yield last


def _is_close(sentence: Sentence, at: int) -> bool:
    return sentence.gap(at) in {Gap.SPACE, Gap.JOINT} and not sentence.between(at).startswith("/")


def _is_accessory(sentence: Sentence, hit: Hit[Kind]) -> bool:
    return hit.end < len(sentence) and sentence.words[hit.end] in ACCESSORIES and _is_close(sentence, hit.end)


def _is_refused(sentence: Sentence, hit: Hit[Kind]) -> bool:
    denial = denial_before(sentence, hit.start)
    if denial is not None and denial.meaning is Denial.NOT:
        sentence.take(denial.start, hit.end)
        return True
    instead = _INSTEAD_OF.before(sentence.words, hit.start)
    if instead is not None:
        sentence.take(instead.start, hit.end)
    return instead is not None


def _is_part(sentence: Sentence, hit: Hit[Kind], known: Known, current: str | None, named: list[Hit[Kind]]) -> bool:
    """Tell whether a word for a kind is a part of another product: the `screen` of `a laptop with a good screen`."""
    name = known.names.at(sentence.stems, hit.start)
    if name is None or name.end < hit.end:
        return False
    others = {other.meaning.category for other in named if other is not hit} | ({current} - {None})
    whole = {category for each in name.meaning for category in each.categories} & (others - {hit.meaning.category})
    return bool(whole) and _is_described(sentence, hit.start)


def _is_described(sentence: Sentence, start: int) -> bool:
    """Tell whether what stands before makes it a part: `with a`, `bigger`, `15-inch`."""
    words = sentence.words[max(0, start - 1 - _MOST_BETWEEN) : start]
    last = words[-1] if words else ""
    is_measured = bool(last) and (last.isdigit() or (unit_of(last) is not None and last not in {"to", "go", "m"}))
    return is_measured or not _PART_OF.isdisjoint(words)


def _is_what_for(sentence: Sentence, hit: Hit[Kind]) -> bool:
    """Tell whether it is what the product is for: the laptop of `a backpack for a 15-inch laptop`."""
    first = max(0, hit.start - _MOST_BETWEEN * 2)
    ways = (_FOR_ANOTHER.before(sentence.words, end) for end in range(first, hit.start + 1))
    return any(
        way is not None
        and sentence.is_one_clause(way.start, hit.start + 1)
        and (way.start == 0 or sentence.words[way.start - 1] not in _LOOKING)
        for way in ways
    )
