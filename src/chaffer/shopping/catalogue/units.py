"""Numbers with units, as attributes have them and persons say them, in one unit a kind: `1.4 kg` is 1400 g."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from msgspec import Struct

_WORDS: Final[dict[str, tuple[str, float]]] = {
    "in": ("in", 1),
    "inch": ("in", 1),
    "inches": ("in", 1),
    '"': ("in", 1),
    "″": ("in", 1),
    "zoll": ("in", 1),
    "pouces": ("in", 1),
    "mm": ("cm", 0.1),
    "cm": ("cm", 1),
    "m": ("cm", 100),
    "ft": ("cm", 30.48),
    "feet": ("cm", 30.48),
    "g": ("g", 1),
    "gram": ("g", 1),
    "grams": ("g", 1),
    "kg": ("g", 1000),
    "kgs": ("g", 1000),
    "kilo": ("g", 1000),
    "kilos": ("g", 1000),
    "kilogram": ("g", 1000),
    "kilograms": ("g", 1000),
    "lb": ("g", 453.592),
    "lbs": ("g", 453.592),
    "pound": ("g", 453.592),
    "oz": ("g", 28.3495),
    "ounce": ("g", 28.3495),
    "ounces": ("g", 28.3495),
    "mb": ("GB", 0.001),
    "gb": ("GB", 1),
    "go": ("GB", 1),
    "gig": ("GB", 1),
    "gigs": ("GB", 1),
    "gigabyte": ("GB", 1),
    "gigabytes": ("GB", 1),
    "tb": ("GB", 1000),
    "to": ("GB", 1000),
    "terabyte": ("GB", 1000),
    "terabytes": ("GB", 1000),
    "ml": ("l", 0.001),
    "l": ("l", 1),
    "liter": ("l", 1),
    "liters": ("l", 1),
    "litre": ("l", 1),
    "litres": ("l", 1),
    "min": ("h", 1 / 60),
    "mins": ("h", 1 / 60),
    "minute": ("h", 1 / 60),
    "minutes": ("h", 1 / 60),
    "h": ("h", 1),
    "hr": ("h", 1),
    "hrs": ("h", 1),
    "hour": ("h", 1),
    "hours": ("h", 1),
    "hz": ("Hz", 1),
    "hertz": ("Hz", 1),
    "khz": ("Hz", 1000),
    "w": ("W", 1),
    "watt": ("W", 1),
    "watts": ("W", 1),
    "kw": ("W", 1000),
    "volt": ("V", 1),
    "volts": ("V", 1),
    "wh": ("Wh", 1),
    "mah": ("mAh", 1),
    "mp": ("MP", 1),
    "megapixel": ("MP", 1),
    "megapixels": ("MP", 1),
    "db": ("dB", 1),
    "decibel": ("dB", 1),
    "decibels": ("dB", 1),
    "bar": ("bar", 1),
    "bars": ("bar", 1),
    "pa": ("Pa", 1),
    "dpi": ("dpi", 1),
    "nit": ("nit", 1),
    "nits": ("nit", 1),
    "fps": ("fps", 1),
    "mm²": ("mm²", 1),
    "%": ("%", 1),
}
"""Each word for a unit: the unit of its kind, and how many of it that is."""

LARGER: Final = {"g": "kg", "GB": "TB", "cm": "m", "W": "kW"}
"""Of a kind's unit, the word for the larger one that people say without naming it."""

_MORE_IS_BETTER: Final = frozenset({"GB", "h", "Hz", "W", "Wh", "mAh", "MP", "bar", "Pa", "dpi", "fps"})
CM_AN_INCH: Final = 2.54
NEXT_BETTER: Final = 0.01
"""How far beyond a value the next better one begins, in the unit of an attribute, and of ratings."""
_SIGNIFICANT: Final = 6

# A unit that is a letter or a sign stands right behind its number or one space away; `to` and `in` are words, too,
# so that `10 to 20` is no 10 terabytes: who reads sentences looks before it measures.
_MEASURE: Final = re.compile(r"(?P<number>\d+(?:\.\d+)?)[\s\u00a0\u202f-]?(?P<unit>[a-z²]+|[\"″%])?", re.IGNORECASE)


class Measure(Struct, frozen=True):
    """A number and its unit, the one of its kind; `` for a bare number."""

    number: float
    unit: str


def folded_text(text: str) -> str:
    """Return a name or a value as it is compared: without case, accents, `_` and doubled spaces."""
    return _folded(text)


@lru_cache(maxsize=65_536)
def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("_", " ")).casefold()
    return " ".join("".join(sign for sign in plain if not unicodedata.combining(sign)).split())


def unit_of(word: str) -> tuple[str, float] | None:
    """Return the unit of the kind that a word means, and how many of it that is; None for a word that is no unit."""
    return _WORDS.get(word.casefold())


def measure_of(text: str) -> Measure | None:
    """Return the measure that a whole text is, as `15.6 in`, `16GB`, `120`; None for any other text."""
    return _measured(text)


@lru_cache(maxsize=16_384)
def _measured(text: str) -> Measure | None:
    found = _MEASURE.fullmatch(text.strip())
    if found is None:
        return None
    number = float(found["number"])
    if found["unit"] is None:
        return Measure(number, "")
    unit = unit_of(found["unit"])
    return None if unit is None else in_unit(number, *unit)


def in_unit(number: float, unit: str, factor: float) -> Measure:
    """Return so many of a unit's word as a measure, without the dust of floating point."""
    return Measure(float(f"{number * factor:.{_SIGNIFICANT}g}"), unit)


def converted(measure: Measure, unit: str) -> Measure | None:
    """Return a measure in another unit; None where there is no way. A bare number takes any unit."""
    if measure.unit in {unit, ""}:
        return Measure(measure.number, unit)
    if (measure.unit, unit) == ("cm", "in"):
        return in_unit(measure.number, "in", 1 / CM_AN_INCH)
    if (measure.unit, unit) == ("in", "cm"):
        return in_unit(measure.number, "cm", CM_AN_INCH)
    return None


def is_more_better(unit: str) -> bool:
    """Tell whether who asks for `16 GB` takes 32, too; who asks for 15 inches does not take 17."""
    return unit in _MORE_IS_BETTER


def span_of(measure: Measure) -> tuple[float, float | None]:
    """Return the bounds, inclusive, of what fits a measure that was named alone, such as `16 GB` or `15-inch`.

    More of what is better with more; a whole number of inches takes what is sold under it, up to .9 more; else that
    very number.
    """
    if is_more_better(measure.unit):
        return measure.number, None
    if measure.unit == "in" and measure.number == int(measure.number):
        return measure.number, measure.number + 0.9
    return measure.number, measure.number
