"""What follows a number and makes it something else than an amount: what is counted, and plausible sizes.

A count or a size passes only up to a limit, so that no price passes as `950 keys` or `950 watts`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from chaffer.money import MINOR_PER_MAJOR

_MOST_COUNTED: Final = 99
_LONG_TIMES: Final = frozenset({100, 120, 180, 365})
_PER_CENT: Final = 100
_MOST_PRECISE: Final = 10
"""From here on a size with two decimals looks more like a price."""

_SIGN: Final = r"[$€£¥₹₩₽]"
_CODE: Final = (
    r"(?:usd|us\$|eur|gbp|jpy|inr|chf|cad|aud|nzd|cny|rmb|sek|nok|dkk|pln|czk|huf|brl|mxn|zar|sgd|hkd|krw)(?![a-z])"
)
_MONEY: Final = (
    rf"(?:{_SIGN}|{_CODE}|(?:us\s)?(?:dollars?|euros?|pounds?|bucks?|quid|rupees?|yen|yuan|francs?|rubles?|kroner)"
    r"(?![a-z]))"
)
MONEY_BEFORE: Final = re.compile(rf"(?:{_SIGN}|(?<![a-z]){_CODE})\s{{0,2}}$", re.IGNORECASE)
LONGEST_CURRENCY: Final = len("USD  ")
"""From so many characters before a number MONEY_BEFORE is searched for."""

_TIME: Final = (
    r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|weekends?|months?|quarters?|years?|yrs?|"
    r"decades?|centur(?:y|ies)|degrees?)"
)
_NOUNS: Final = (
    r"(?:units?|pieces?|pcs|items?|copy|copies|parcels?|pallets?|bottles?|cartons?|pages?|reviews?|ratings?|stars?|"
    r"customers?|clients?|buyers?|sellers?|shops?|vendors?|competitors?|suppliers?|dealers?|rivals?|persons?|people|"
    r"m[ae]n|wom[ae]n|friends?|kids?|child(?:ren)?|employees?|colleagues?|guys|families|teams?|hands?|eyes?|ears?|legs?|"
    r"thumbs?|minds?|cores?|threads?|ports?|slots?|keys?|buttons?|speakers?|cameras?|microphones?|batter(?:y|ies)|"
    r"displays?|monitors?|laptops?|computers?|phones?|tablets?|devices?|chargers?|adapters?|cables?|accessor(?:y|ies)|"
    r"drives?|modules?|bays?|channels?|axes|axis|colou?rs?|sizes?|options?|features?|generations?|gens?|versions?|"
    r"categor(?:y|ies)|things?|reasons?|ideas?|words?|letters?|tries|attempts?|chances?|problems?|conditions?|"
    r"installments?|instalments?|doors?|wheels?|gears?|layers?|zones?|modes?|levels?|stages?|phases?|locations?|"
    r"branch(?:es)?|cit(?:y|ies)|countr(?:y|ies)|warehouses?|desks?|chairs?|left|in\s+stock|remaining|"
    r"of\s+(?:them|these|those|you|us|my|our|the))"
)
_DOUBLE: Final = (  # Verbs as well: only in the plural, or joined by a hyphen.
    r"(?:(?:round|turn|set|pair|pack|time|deal|offer|bid|quote|point|order|move|step|store|model|case|question|way|"
    r"screen|seat|fan|side|box|brand|word|excuse|story|try)(?:e?s|ies)"
    r"(?!\s+(?:out|it|off|up|down|an?|the|are|well|me|us|my|your|what|nothing)(?![a-z]))"
    r"|(?<=-)(?:round|turn|set|pair|pack|time|point|step|way|fold|sided?|seater|person|pronged))"
)
_ADJECTIVE: Final = (
    r"(?:business|working|calendar|consecutive|full|whole|more|other|extra|additional|further|new|old|happy|loyal|"
    r"satisfied|different|separate|similar|identical|great|good|big|small|simple|short|long|quick|easy|final|last|such|"
    r"serious|interested|potential|paying|solid|strong|very|free|spare|usb(?:-?[abc])?|hdmi|displayport|thunderbolt|"
    r"cpu|gpu|performance|efficiency|memory|ram)"
)
_COUNT: Final = (
    rf"(?:{_ADJECTIVE}[\s-]{{1,2}}){{0,2}}(?:(?P<time>{_TIME})|(?P<count>{_NOUNS})|(?P<double>{_DOUBLE}))(?![a-z])"
)
_UNIT: Final = (
    r"(?:inch(?:es)?|cm|mm|km|m|feet|ft|meters?|metres?|g|grams?|kgs?|kilos?|kilograms?|lbs?|oz|ounces?|[mgt]b|gigs?|"
    r"(?:mega|giga|tera)bytes?|[mgt]bps|ml|l|lit(?:er|re)s?|h|[mgk]?hz|(?:kilo|mega|giga)?hertz|fps|k?w|watts?|wh|mah|"
    r"mp|megapixels?|volts?|nits?|dpi|db|decibels?|bars?|pa)(?![a-z])"
)
_AFTER: Final = re.compile(
    rf"(?P<money>\s{{0,2}}{_MONEY})|\s{{0,2}}(?P<cents>cents?|¢)(?![a-z])"
    r"|[\s-]{0,2}(?P<percent>%|percent|per\s?cent|pct)(?![a-z])"
    r"|(?P<ordinal>st|nd|rd|th)(?![a-z])|(?P<quotes>\"|”)|\s?(?P<inches>″)"
    rf"|[\s-]{{0,2}}(?:{_COUNT}|(?P<unit>{_UNIT}))",
    re.IGNORECASE,
)

_FORWARD: Final = 44
LOOKAHEAD: Final = 64
"""So many characters behind a number are enough to judge it: of a range it is the second number that is followed."""

_OPEN_QUOTES: Final = re.compile(r"[“„«]|(?<!\d)\"")
_SENTENCE: Final = re.compile(r"[.!?]\s|\n")


def _up_to(most: int) -> Callable[[int], bool]:
    return lambda minor: 0 < minor <= most * MINOR_PER_MAJOR


def _one_of(*sizes: int) -> Callable[[int], bool]:
    return lambda minor: minor in {size * MINOR_PER_MAJOR for size in sizes}


def _multiple_of(step: int, least: int, most: int) -> Callable[[int], bool]:
    return lambda minor: (
        least * MINOR_PER_MAJOR <= minor <= most * MINOR_PER_MAJOR and minor % (step * MINOR_PER_MAJOR) == 0
    )


def _any(*tests: Callable[[int], bool]) -> Callable[[int], bool]:
    return lambda minor: any(test(minor) for test in tests)


_STORED: Final = _any(_up_to(64), _one_of(96, 120, 128, 240, 250, 256, 384, 480, 500, 512, 960, 1000, 1024, 2000))
_SMALL: Final = _up_to(99)
_PLAUSIBLE: Final = {
    "g": _one_of(),
    "m": _one_of(),
    "cm": _up_to(300),
    "gb": _STORED,
    "mb": _STORED,
    "hz": _one_of(50, 60, 75, 90, 100, 120, 144, 160, 165, 175, 180, 200, 240, 280, 300, 360, 480, 500, 540),
    "mhz": _multiple_of(200, 800, 9000),
    "fps": _any(_SMALL, _one_of(120, 144, 240)),
    "w": _any(_SMALL, _one_of(100, 140, 180, 230, 240)),
    "mah": _multiple_of(100, 1000, 50_000),
    "mp": _any(_SMALL, _one_of(108, 200)),
    "volt": _any(_SMALL, _one_of(110, 120, 220, 230, 240)),
    "nit": _one_of(250, 300, 350, 400, 500, 600, 1000, 1600),
    "dpi": _multiple_of(400, 400, 32_000),
}
"""Sizes by unit; all others up to 99. `2g` and `2m` excuse nothing: they may be two grand and two million."""

_UNITS: Final = {
    "watt": "w", "watts": "w", "megapixel": "mp", "megapixels": "mp", "volts": "volt", "nits": "nit", "gig": "gb",
    "gigs": "gb", "gigabyte": "gb", "gigabytes": "gb", "megabyte": "mb", "megabytes": "mb", "hertz": "hz",
}  # fmt: skip
"""Other words for units that have sizes of their own."""


class Follower:
    """What follows a number."""

    def __init__(self, text: str, end: int) -> None:
        """Read what stands behind `end`."""
        self._text = text
        self._end = end
        self._match = _AFTER.match(text, end, end + _FORWARD)
        self.kind = self._match.lastgroup if self._match is not None else None

    @property
    def is_money(self) -> bool:
        """Tell whether a currency follows."""
        return self.kind in {"money", "cents"}

    @property
    def is_counted(self) -> bool:
        """Tell whether the number counts something."""
        return self.kind in {"time", "count", "double"}

    def excuses(self, minor: int, before: str) -> bool:
        """Tell whether a number of that value, in hundredths, behind `before` is a count, an ordinal or a size."""
        if self.kind is None or self._match is None:
            return False
        if self.is_counted:
            is_long = self.kind == "time" and minor in {days * MINOR_PER_MAJOR for days in _LONG_TIMES}
            is_at = self.kind != "time" and before.endswith("at ")
            return minor % MINOR_PER_MAJOR == 0 and (_SMALL(minor) or is_long) and not is_at
        if self.kind == "ordinal":
            return minor % MINOR_PER_MAJOR == 0 and _SMALL(minor)
        if self.kind == "percent":
            return minor == _PER_CENT * MINOR_PER_MAJOR
        if self.kind == "unit":
            unit = self._match["unit"].lower()
            is_precise = minor % (MINOR_PER_MAJOR // 10) != 0 and minor >= _MOST_PRECISE * MINOR_PER_MAJOR
            return not is_precise and _PLAUSIBLE.get(_UNITS.get(unit, unit), _SMALL)(minor)
        return self.kind in {"inches", "quotes"} and self._is_in_inches(minor)

    def _is_in_inches(self, minor: int) -> bool:
        """Tell whether a mark behind a number means inches: a closing quotation mark looks the same."""
        has_one_decimal = minor % (MINOR_PER_MAJOR // 10) == 0
        if not (_SMALL(minor) and has_one_decimal):
            return False
        if self.kind == "inches":
            return True
        sentence = _SENTENCE.split(self._text[max(0, self._end - 400) : self._end])[-1]
        return not _OPEN_QUOTES.search(sentence)
