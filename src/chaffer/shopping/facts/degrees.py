"""Whether measures are compared truly where no number says so: `lighter`, `the most memory`, `half the price`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from chaffer.amounts.numerals import numerals_in
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.facts.clauses import Clause, is_denied
from chaffer.shopping.facts.known import Facts
from chaffer.shopping.facts.lexicon import Words, words_of
from chaffer.shopping.facts.measures import named_measure

Amount = Callable[[Product], float | None]

_MORE: Final = (
    r"(?:more|larger|bigger|higher|longer|greater|heavier|louder)",
    r"(?:most|largest|biggest|highest|longest|greatest|heaviest|loudest)",
)
_LESS: Final = (
    r"(?:less|fewer|smaller|lower|shorter|lighter|quieter)",
    r"(?:least|fewest|smallest|lowest|shortest|lightest|quietest)",
)
_OWN_NAMES: Final = {"heav": "weight", "ligh": "weight", "loud": "noise", "quie": "noise"}
"""What these words compare by themselves, by how they begin; the others need the name of an attribute beside them."""
_STEM: Final = 4
_NOTHING_NAMED: Final = re.compile(r"\s(?:than|for|to|of|in)\b")
_NEAR: Final = 3
_NEAR_SIGNS: Final = len(" than about $1")

_MULTIPLE: Final = re.compile(
    r"\b(?:(?P<twice>twice|double|two times)|(?P<thrice>thrice|triple|three times)|(?P<half>half)"
    r"|(?:a|one) (?P<part>third|quarter|fifth|tenth)(?= (?:cheaper|less|off|lighter|lower|shorter|smaller|of)))"
)
_FACTORS: Final = {"twice": 2.0, "thrice": 3.0, "half": 0.5}
_PARTS: Final = {"third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
_OF_MONEY: Final = frozenset({"price", "priced", "cost", "costs", "expensive", "much", "money", "cheap", "cheaper"})
_LEEWAY: Final = 0.05


def are_degrees_true(clause: Clause, facts: Facts) -> bool:
    """Tell whether each measure that a clause compares in words is as it says; of the shopper's wishes nothing is."""
    if clause.is_about_shopper:
        return True
    compared = (_is_compared_truly(clause, *words, sign=sign) for words, sign in ((_MORE, -1), (_LESS, 1)))
    return all(compared) and all(_is_multiple(clause, found, facts) for found in _MULTIPLE.finditer(clause.text))


def _is_compared_truly(clause: Clause, more: str, most: str, *, sign: int) -> bool:
    for found in re.finditer(rf"\b{more}\b", clause.text):
        amount = _named_beside(clause, found)
        if amount is not None and not any(
            (sign * one < sign * other) is not is_denied(clause, *found.span())
            for one, other in _known_pairs(clause, found, amount)
        ):
            return False
    for found in re.finditer(rf"\b{most}\b", clause.text):
        amount = _named_beside(clause, found)
        if amount is not None and not _is_extreme(clause, found, amount, sign):
            return False
    return True


def _is_extreme(clause: Clause, found: re.Match[str], amount: Amount, sign: int) -> bool:
    known = [sign * value for one in (*clause.scope, *clause.rivals) if (value := amount(one)) is not None]
    best, is_not = min(known, default=0), is_denied(clause, *found.span())

    def is_best(product: Product) -> bool:
        value = amount(product)
        return value is not None and (sign * value == best) is not is_not

    return clause.holds(is_best)


def _known_pairs(clause: Clause, found: re.Match[str], amount: Amount) -> Iterator[tuple[float, float]]:
    for one, other in clause.pairs(clause.text[: found.start()], clause.text[found.end() :]):
        mine, theirs = amount(one), amount(other)
        if mine is not None and theirs is not None:
            yield mine, theirs


def _named_beside(clause: Clause, found: re.Match[str]) -> Amount | None:
    """Return the measure that a comparison is about, None where it is about none that products here have.

    `less than 3 kg` is a number's bound.
    """
    own = _OWN_NAMES.get(found.group()[:_STEM])
    if own is not None:
        return _measure_of_any(clause, (own,))
    behind = clause.text[found.end() :]
    if behind.startswith(" than ") and any(number.start < _NEAR_SIGNS for number in numerals_in(behind)):
        return None
    around = () if _NOTHING_NAMED.match(behind) else words_of(behind)[:_NEAR]
    before = words_of(clause.text[: found.start()])[-_NEAR:]
    return _measure_of_any(clause, around) or _measure_of_any(clause, before)


def _measure_of_any(clause: Clause, words: Words) -> Amount | None:
    def amount(product: Product) -> float | None:
        return named_measure(product, words)

    at_hand = chain(clause.scope, clause.rivals, clause.meant)
    return amount if any(amount(product) is not None for product in at_hand) else None


def _is_multiple(clause: Clause, found: re.Match[str], facts: Facts) -> bool:
    """Tell whether what is called half or twice of another is about so, if it is a price or a measure."""
    behind = words_of(clause.text[found.end() :])[:_NEAR]
    before = words_of(clause.text[: found.start()])[-1:]
    amount: Amount | None = facts.price_of
    if _OF_MONEY.isdisjoint((*behind, *before)):
        amount = _measure_of_any(clause, behind)
    if amount is None:
        return True
    factor = _FACTORS.get(found.lastgroup or "")
    if factor is None:
        part = _PARTS[found["part"]]
        factor = part if behind[:1] == ("of",) else 1 - part
    return any(abs(one - factor * other) <= _LEEWAY * other for one, other in _known_pairs(clause, found, amount))
