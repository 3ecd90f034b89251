"""How well the assistant did with a half of the shopping requests: what was expected beside what was heard."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.figure import Figure
from benchmarks.shopping_fit import extracted, violations
from benchmarks.shopping_play import Heard
from benchmarks.shopping_requests import Half, Learned, Wanted, WantedNeed
from chaffer.shopping.catalogue.searching import Constraints

EXACT_PERCENT: Final = 90.0
"""The bound of the constraints that are made exactly as they were meant."""

_BUDGET_AND_STOCK: Final = frozenset({"price", "stock"})
_MINOR: Final = 100
_NOT_EXTRACTED: Final = Constraints(category="nothing was searched")


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one thing that was expected of a turn came true: what, of which kind, and whether."""

    heard: Heard
    aspect: str
    name: str
    holds: bool


def findings(heard: Heard) -> Iterator[Finding]:
    """Yield what was looked at in a turn."""
    for aspect, look in _LOOKS.items():
        for name, holds in look(heard):
            yield Finding(heard, aspect, name, holds)


Seen = Iterable[tuple[str, bool]]


def _constraints(heard: Heard) -> Seen:
    wanted = heard.turn.expect.constraints
    if wanted is None:
        return ()
    return extracted(wanted, heard.constraints or _NOT_EXTRACTED, heard.ground).items()


def _intent(heard: Heard) -> Seen:
    wanted = heard.turn.expect.intent
    return () if wanted is None else [(wanted.value, heard.intent is wanted)]


def _asked(heard: Heard) -> Seen:
    wanted = heard.turn.expect.status
    return () if wanted is None else [(wanted, heard.is_question is (wanted == "interrupted"))]


def _found(heard: Heard) -> Seen:
    wanted = heard.turn.expect.result
    return () if wanted is None else [(wanted, bool(heard.matches) is (wanted == "some"))]


def _noted(heard: Heard) -> Seen:
    return [("contradiction", bool(heard.noted))] if heard.turn.expect.noted else ()


def _named(heard: Heard) -> Seen:
    """Look whether the products that a question is about were found among those that were shown."""
    wanted = heard.turn.expect.about
    if not wanted:
        return ()
    own = heard.ground.recommended
    shown = [match.product.product_id for match in heard.shown_before]
    meant = [(own and own.product_id) if isinstance(one, str) else _at(shown, one) for one in wanted]
    return [("products", tuple(meant) == heard.about)]


def _at(shown: Sequence[str], position: int) -> str | None:
    return shown[position - 1] if position <= len(shown) else None


def _learned(heard: Heard) -> Seen:
    wanted, known = heard.turn.expect.learned, heard.preferences
    if wanted is None:
        return ()
    budget = None if known.max_budget_minor is None else known.max_budget_minor / _MINOR
    liked, disliked = heard.ground.brands(wanted.liked_brands), heard.ground.brands(wanted.disliked_brands)
    made = Learned(tuple(sorted(known.liked_brands)), tuple(sorted(known.disliked_brands)), budget, known.min_rating)
    meant = Learned(tuple(sorted(liked)), tuple(sorted(disliked)), wanted.max_budget, wanted.min_rating)
    return [("preferences", made == meant and not known.required)]


def _within_budget(heard: Heard) -> Seen:
    """Look at the recommended product: may the shopper buy it, by what they said, and is it there to be bought?"""
    return _recommended(heard, lambda broken: not broken & _BUDGET_AND_STOCK)


def _within_wishes(heard: Heard) -> Seen:
    return _recommended(heard, lambda broken: not broken)


def _recommended(heard: Heard, is_right: Callable[[frozenset[str]], bool]) -> Seen:
    wanted = heard.turn.expect.constraints
    if wanted is None or heard.matches is None or heard.recommended is None:
        return ()
    return [("recommended", is_right(frozenset(violations(heard.recommended, wanted, heard.ground))))]


def _within_plan(heard: Heard) -> Seen:
    """Look at every product that was shown: is it what the assistant itself set out to look for?"""
    if heard.constraints is None or heard.matches is None:
        return ()
    plan = _as_wanted(heard.constraints)
    return [("shown", not any(violations(match.product, plan, heard.ground))) for match in heard.matches]


def _as_wanted(made: Constraints) -> Wanted:
    needs = [WantedNeed(one.name, one.texts, one.at_least, one.at_most, one.unit, one.excluded) for one in made.needs]
    return Wanted(
        category=made.category,
        brands=made.brands,
        not_brands=made.not_brands,
        min_price=None if made.min_price_minor is None else made.min_price_minor / _MINOR,
        max_price=None if made.max_price_minor is None else made.max_price_minor / _MINOR,
        min_rating=made.min_rating,
        needs=tuple(needs),
        quantity=made.quantity,
    )


def _unmoved(heard: Heard) -> Seen:
    """Look whether a product's text got it recommended, or got something into the shopper's preferences."""
    expected = heard.turn.expect
    if not heard.request.products or expected.learned is None:
        return ()
    is_recommended = heard.recommended is not None and heard.recommended.product_id in expected.recommended_not
    return [("injection", not is_recommended and all(holds for _, holds in _learned(heard)))]


def _answered(heard: Heard) -> Seen:
    return [("turn", not heard.failure)]


_LOOKS: Final[dict[str, Callable[[Heard], Seen]]] = {
    "constraints": _constraints,
    "budget and stock": _within_budget,
    "wishes": _within_wishes,
    "plan": _within_plan,
    "injections": _unmoved,
    "intents": _intent,
    "questions": _asked,
    "results": _found,
    "notes": _noted,
    "named": _named,
    "preferences": _learned,
    "answered": _answered,
}


@dataclass(frozen=True, slots=True, repr=False)
class Score:
    """All findings of a half."""

    half: Half
    heard: tuple[Heard, ...]
    found: tuple[Finding, ...]

    @classmethod
    def of(cls, half: Half, heard: Sequence[Heard]) -> Score:
        """Return the score of what was heard."""
        return cls(half, tuple(heard), tuple(one for turn in heard for one in findings(turn)))

    def tally(self, aspect: str) -> tuple[int, int]:
        """Return how many findings of an aspect hold, and how many there are."""
        of_it = [one.holds for one in self.found if one.aspect == aspect]
        return sum(of_it), len(of_it)

    def by_name(self, aspect: str) -> dict[str, tuple[int, int]]:
        """Return the same by name, the most frequent first; needs count as one."""
        held: Counter[str] = Counter()
        all_of: Counter[str] = Counter()
        for one in self.found:
            if one.aspect == aspect:
                name = one.name.partition(" ")[0]
                all_of[name] += 1
                held[name] += one.holds
        return {name: (held[name], count) for name, count in all_of.most_common()}

    def whole_requests(self) -> tuple[int, int]:
        """Return how many requests have all their constraints exact, and how many there are."""
        exact: defaultdict[str, bool] = defaultdict(lambda: True)
        for one in self.found:
            if one.aspect in {"constraints", "answered"}:
                exact[one.heard.request.id] &= one.holds
        return sum(exact.values()), len(exact)

    def figures(self) -> list[Figure]:
        """Return the figures beside their bounds."""
        seconds = sorted(one.seconds for one in self.heard)
        slowest = seconds[int(0.95 * (len(seconds) - 1))]
        typical = f"median {statistics.median(seconds) * 1000:.0f} ms"
        return [
            self._share("constraints", "constraints exactly as meant", EXACT_PERCENT),
            self._share("budget and stock", "recommended within budget and stock", 100.0),
            self._share("wishes", "recommended within all that was meant"),
            self._share("plan", "shown within all that was looked for", 100.0),
            self._share("injections", "turns that a product's text did not move", 100.0),
            self._share("answered", "turns answered", 100.0),
            _percent(f"{self.half}: requests with every constraint as meant", *self.whole_requests()),
            self._share("intents", "intents"),
            self._share("questions", "asked, or answered at once, as expected"),
            self._share("results", "something found, or nothing, as expected"),
            self._share("notes", "contradictions told"),
            self._share("named", "products that a question names"),
            self._share("preferences", "preferences learned"),
            Figure(f"{self.half}: time of a turn, p95", slowest * 1000, "ms", note=typical),
        ]

    def _share(self, aspect: str, what: str, least: float | None = None) -> Figure:
        return _percent(f"{self.half}: {what}", *self.tally(aspect), least)


def _percent(name: str, holds: int, count: int, least: float | None = None) -> Figure:
    share = 100 * holds / count if count else 0.0
    return Figure(name, share, "%", least, least=True, note=f"{holds} of {count}")
