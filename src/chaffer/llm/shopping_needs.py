"""What one attribute must be, as a model wrote it, in the words and the unit of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from chaffer.llm.json_reader import Value
from chaffer.shopping.catalogue.searching import Need, Property
from chaffer.shopping.catalogue.units import Measure, converted, folded_text, in_unit, measure_of, span_of, unit_of

_YES: Final = "yes"
_NO: Final = "no"
_SWITCHES: Final = {"true": _YES, "false": _NO, "with": _YES, "without": _NO}
_LARGEST_EXPONENT: Final = 11


def need_of(item: Mapping[str, Value], properties: Sequence[Property], category: str | None) -> Need | None:
    """Return the need; None where the catalogue has no such attribute in the category, or no such value.

    One name may stand for several attributes: `type` is one thing of cameras, and another of headphones.
    """
    name = item.get("name")
    wanted = folded_text(name) if isinstance(name, str) else ""
    for known in properties:
        if known.name == wanted and (category is None or category in known.categories):
            need = _measured(item, known) if known.unit else _worded(item, known)
            if need is not None:
                return replace(need, excluded=item.get("excluded") is True)
    return None


def _worded(item: Mapping[str, Value], known: Property) -> Need | None:
    """Return the need of one of the values that the attribute has."""
    has = frozenset(known.texts)
    named = [text for value in _listed(item.get("texts")) if (text := _folded(value))]
    texts = tuple(dict.fromkeys(text for text in named if text in has or not has))
    if named and not texts:
        return None
    return Need(known.name, texts=texts or ((_YES,) if _YES in has else ()))


def _measured(item: Mapping[str, Value], known: Property) -> Need | None:
    """Return the need of a number between bounds, in the attribute's unit."""
    unit = item.get("unit")
    bounds = [_bound(item.get(end), unit if isinstance(unit, str) else "", known.unit) for end in _ENDS]
    at_least, at_most = bounds
    if bounds == [None, None]:
        measures = [converted(measure, known.unit) for measure in map(_measure, _listed(item.get("texts"))) if measure]
        spans = [span_of(measure) for measure in measures if measure is not None]
        if len(spans) != 1:
            return None
        at_least, at_most = spans[0]
    elif at_least is not None and at_least == at_most:
        at_least, at_most = span_of(Measure(at_least, known.unit))
    if at_least is not None and at_most is not None and at_least > at_most:
        return None
    return Need(known.name, at_least=at_least, at_most=at_most, unit=known.unit)


_ENDS: Final = ("at_least", "at_most")


def _bound(value: Value, word: str, unit: str) -> float | None:
    """Return a number of the model's unit in the attribute's; None where it is none, or of another kind."""
    if isinstance(value, str):
        measure = measure_of(value)
    elif isinstance(value, Decimal) and value.is_finite() and value.adjusted() <= _LARGEST_EXPONENT and value >= 0:
        meant = unit_of(word)
        measure = Measure(float(value), "") if meant is None else in_unit(float(value), *meant)
    else:
        return None
    in_its = None if measure is None else converted(measure, unit)
    return None if in_its is None else in_its.number


def _measure(value: Value) -> Measure | None:
    return measure_of(value) if isinstance(value, str) else None


def _folded(value: Value) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    text = folded_text(value) if isinstance(value, str) else ""
    return _SWITCHES.get(text, text)


def _listed(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else [value]
