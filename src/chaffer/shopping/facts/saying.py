"""A number in its clause: what stands around it, and whether it says `under`, `about`, or by how much two differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from chaffer.amounts.numerals import Numeral
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.facts.clauses import Clause
from chaffer.shopping.facts.known import Facts

_ARTICLE: Final = r"(?:(?:your|the|a|an|its) )?[$€£¥]?$"
_UNDER: Final = re.compile(rf"\b(?:under|below|less than|within|inside|at most|(?:no|not) more than) {_ARTICLE}")
_OVER: Final = re.compile(rf"\b(?:over|above|more than|at least|(?:no|not) less than|exceeds?|beyond) {_ARTICLE}")
_ABOUT: Final = re.compile(rf"(?:\b(?:about|around|roughly|nearly|almost|approximately|close to)|~) ?{_ARTICLE}")
_ABOUT_SHARE: Final = 0.05

_WORDS: Final = r"^\s(?:of )?(?:\w+ )?"
_LESS: Final = re.compile(
    rf"{_WORDS}(?:less|cheaper|below|under|lower|lighter|smaller|shorter|quieter|fewer|slower|off|saved|savings?)\b"
)
_MORE: Final = re.compile(
    rf"{_WORDS}(?:more|dearer|pricier|above|over|higher|heavier|larger|bigger|longer|extra|better|louder|faster)\b"
)
_APART: Final = re.compile(
    r"\b(?:saves?(?: you)?|saving(?: you| of)?|difference (?:of|is)|gap of|leaves?(?: you)?|by)"
    r" [$€£¥]?$"
)
_DUST: Final = 1e-6


@dataclass(frozen=True)
class Saying:
    """A number, the clause that it stands in, and what is known."""

    number: Numeral
    clause: Clause
    facts: Facts

    @property
    def value(self) -> float:
        """Return the number itself."""
        return self.number.value

    @cached_property
    def before(self) -> str:
        """Return what the clause says before the number."""
        return self.clause.text[: self.number.start]

    @cached_property
    def after(self) -> str:
        """Return what the clause says behind the number."""
        return self.clause.text[self.number.end :]

    def holds(self, truths: Callable[[Product], Iterable[float]], value: float | None = None) -> bool:
        """Tell whether one of a product's numbers is as it is said to be: that, under it, over it or about it."""
        said = self.value if value is None else value
        return self.clause.holds(lambda product: any(self._agrees(truth, said) for truth in truths(product)))

    def _agrees(self, truth: float, said: float) -> bool:
        if _UNDER.search(self.before):
            return truth <= said
        if _OVER.search(self.before):
            return truth >= said
        return abs(truth - said) <= self._leeway(truth)

    def difference(self, unit: str) -> Callable[[float], bool] | None:
        """Return what is a difference of that number, `-120` for `$120 less`; None where it says no difference.

        `unit` is what belongs to the number in the text behind it.
        """
        behind, leeway = self.after.removeprefix(unit), self._leeway(self.value)
        if _LESS.search(behind):
            return lambda apart: abs(apart + self.value) <= leeway
        if _MORE.search(behind):
            return lambda apart: abs(apart - self.value) <= leeway
        if _APART.search(self.before):
            return lambda apart: abs(abs(apart) - self.value) <= leeway
        return None

    def _leeway(self, value: float) -> float:
        """Return how far what is said of a value may be from it."""
        return (_ABOUT_SHARE if _ABOUT.search(self.before) else _DUST) * abs(value)

    def pairs(self) -> Iterator[tuple[Product, Product]]:
        """Yield which products are compared where it is a difference."""
        return self.clause.pairs(self.before, self.after)
