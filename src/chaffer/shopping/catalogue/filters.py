"""Filters on attributes as people spell them: `memory:>=16 GB`, `screen size:13..14.5 in`, `use:gaming`, `-curved`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from chaffer.errors import ChafferError, Detail, unfit
from chaffer.shopping.catalogue.searching import Need
from chaffer.shopping.catalogue.units import Measure, folded_text, measure_of, span_of

_BOUND: Final = re.compile(r"(?P<sign>>=|<=)\s*(?P<value>.+)")
_SPAN: Final = re.compile(r"(?P<low>\d[\d.]*?)\s*\.\.\s*(?P<high>\d.*)")


def needs_from(filters: Sequence[str], place: str = "attribute[{}]") -> tuple[Need, ...]:
    """Return what attributes must be. Raises VALIDATION_ERROR, with its place, for a filter that says nothing."""
    return tuple(_need(text, place.format(index)) for index, text in enumerate(filters))


def _need(text: str, place: str) -> Need:
    name, colon, value = text.partition(":")
    excluded = name.startswith("-")
    name, value = folded_text(name.removeprefix("-")), value.strip()
    if not name or (colon and not value):
        raise _unreadable(place)
    if not value:
        return Need(name, excluded=excluded)
    bound = _BOUND.fullmatch(value)
    if bound is not None:
        measure = _measure(bound["value"], place)
        low, high = (measure.number, None) if bound["sign"] == ">=" else (None, measure.number)
        return Need(name, (), low, high, measure.unit, excluded)
    span = _SPAN.fullmatch(value)
    if span is not None:
        highest = _measure(span["high"], place)
        lowest = _measure(f"{span['low']} {_unit_of(span['high'])}", place)
        return Need(name, (), lowest.number, highest.number, highest.unit, excluded)
    single = measure_of(value)
    if single is not None:
        return Need(name, (), *span_of(single), single.unit, excluded)
    texts = tuple(folded_text(one) for one in value.split("|") if one.strip())
    return Need(name, texts, excluded=excluded)


def _unit_of(text: str) -> str:
    return text.lstrip("0123456789. ")


def _measure(text: str, place: str) -> Measure:
    measure = measure_of(text)
    if measure is None:
        raise _unreadable(place)
    return measure


def _unreadable(place: str) -> ChafferError:
    return unfit(
        Detail(place, "must be name:value, as in `use:gaming`, `memory:>=16 GB`, `screen size:13..14.5 in`, `-curved`")
    )
