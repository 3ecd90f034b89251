"""Periods as people name them: `this month`, `since 1 October`, `in 2026`, `the last 30 days`, counted from today."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chaffer.amounts.numerals import numerals_in
from chaffer.assistant.reading.wording import blanked

_MONTHS: Final = {
    name.lower(): number
    for names in (calendar.month_name, calendar.month_abbr)
    for number, name in enumerate(names)
    if name
} | {"sept": 9}
_DAYS: Final = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_MONTH: Final = rf"(?:{'|'.join(sorted(_MONTHS, key=len, reverse=True))})\b\.?"
_YEAR: Final = r"(?:19|20)\d\d"
_DAY: Final = (
    rf"(?:{_YEAR}-\d\d?-\d\d?|\d\d?\.\d\d?\.{_YEAR}"
    rf"|(?:the )?\d\d?(?:st|nd|rd|th)?(?: of)? {_MONTH}(?:,? {_YEAR})?"
    rf"|{_MONTH} \d\d?(?!\d)(?:st|nd|rd|th)?(?:,? {_YEAR})?)"
)
_POINT: Final = rf"(?:{_DAY}|{_MONTH}(?: {_YEAR})?|{_YEAR}|(?:last )?(?:{'|'.join(_DAYS)})|yesterday|today)"
_NUMBER: Final = r"(?:\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|thirty|sixty|ninety|couple of|few)"
_ISO: Final = re.compile(rf"({_YEAR})-(\d\d?)-(\d\d?)")
_DOTTED: Final = re.compile(rf"(\d\d?)\.(\d\d?)\.({_YEAR})")
_DECEMBER: Final = 12
_WEEK: Final = 7
_QUARTER: Final = 3
_LOOSE: Final = {"couple": 2, "few": 3}

Span = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day of a period, both included, None where it is open; `rest` is the text without it."""

    since: date | None
    until: date | None
    rest: str


def period_in(text: str, today: date) -> Period:
    """Return the period that a text names; an open one where it names none, or a day that no calendar has."""
    for pattern, read in _READERS:
        match = pattern.search(text)
        if match is None:
            continue
        try:
            since, until = read(match, today)
        except (ValueError, OverflowError):
            continue
        return Period(since, until, blanked(text, *match.span()))
    return Period(None, None, text)


def _range(match: re.Match[str], today: date) -> Span:
    """Return a range; its first point lies in the year of its second, or the one before."""
    (_, until), named = _point(match["to"], today), re.search(_YEAR, match["from"])
    (since, _) = _point(match["from"], today if named else until)
    return since, until


def _since(match: re.Match[str], today: date) -> Span:
    first, last = _point(match["point"], today)
    return (last + timedelta(1) if match[0].lower().startswith("after") else first), None


def _until(match: re.Match[str], today: date) -> Span:
    first, last = _point(match["point"], today)
    return None, first - timedelta(1) if match[0].lower().startswith("before") else last


def _at(match: re.Match[str], today: date) -> Span:
    return _point(match["point"], today)


def _this(match: re.Match[str], today: date) -> Span:
    return _begin(match["unit"].lower(), today), None


def _last(match: re.Match[str], today: date) -> Span:
    unit = match["unit"].lower()
    until = _begin(unit, today) - timedelta(1)
    return _begin(unit, until), until


def _rolling(match: re.Match[str], today: date) -> Span:
    said = match["number"].lower() if match["number"] else "1"
    loose = _LOOSE.get(said.split()[0])
    count = loose or int(next(numerals_in(said)).value)
    unit = match["unit"].lower()
    if unit in {"day", "week"}:
        return today - timedelta(count * (_WEEK if unit == "week" else 1)), None
    months = count * {"month": 1, "quarter": _QUARTER, "year": _DECEMBER}[unit]
    return _months_before(today, months), None


def _point(text: str, today: date) -> tuple[date, date]:
    """Return the first and the last day of a day, a month or a year. Raises ValueError for none that there is."""
    words = text.lower().replace(",", "").split()
    if words[-1] in {"today", "yesterday"}:
        day = today - timedelta(words[-1] == "yesterday")
        return day, day
    if words[-1] in _DAYS:
        day = today - timedelta((today.weekday() - _DAYS[words[-1]] - 1) % _WEEK + 1)
        return day, day
    if (day_said := _day_in_figures(text)) is not None:
        year, month, number = map(int, day_said)
        return date(year, month, number), date(year, month, number)
    month_said = next((_MONTHS[word.rstrip(".")] for word in words if word.rstrip(".") in _MONTHS), None)
    year_said = next((int(word) for word in words if re.fullmatch(_YEAR, word)), None)
    if month_said is None:
        year = year_said or today.year
        return date(year, 1, 1), date(year, _DECEMBER, 31)
    number_said = next((int(found[0]) for word in words if (found := re.match(r"\d\d?(?!\d)", word))), None)
    return _of_month(month_said, number_said, year_said, today)


def _day_in_figures(text: str) -> list[str] | None:
    """Return year, month and day of a day that is written in figures alone."""
    iso, dotted = _ISO.fullmatch(text), _DOTTED.fullmatch(text)
    if iso is not None:
        return list(iso.groups())
    return None if dotted is None else list(reversed(dotted.groups()))


def _of_month(month: int, day: int | None, year: int | None, today: date) -> tuple[date, date]:
    """Return a day, or a whole month; without a year the last one that began."""
    year = year or (today.year if (month, day or 1) <= (today.month, today.day) else today.year - 1)
    if day is not None:
        return date(year, month, day), date(year, month, day)
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _begin(unit: str, day: date) -> date:
    """Return the first day of the week, month, quarter or year of a day."""
    match unit:
        case "week":
            return day - timedelta(day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, day.month - (day.month - 1) % _QUARTER, 1)
        case _:
            return date(day.year, 1, 1)


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * _DECEMBER + day.month - 1 - months, _DECEMBER)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _reader(pattern: str, read: Callable[[re.Match[str], date], Span]) -> tuple[re.Pattern[str], Callable[..., Span]]:
    return re.compile(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE), read


_UNIT: Final = r"(?P<unit>week|month|quarter|year)"
_ANY_UNIT: Final = r"(?P<unit>day|week|month|quarter|year)"
_OVER: Final = r"(?:(?:in|over|during|within|for) )?"
_READERS: Final = (
    _reader(rf"(?:between|from) (?P<from>{_POINT}) (?:and|to|until|till|through|-) (?P<to>{_POINT})", _range),
    _reader(rf"(?P<from>{_POINT}) (?:to|until|till|through|-) (?P<to>{_POINT})", _range),
    _reader(rf"since the (?:start|beginning) of (?:the|this) {_UNIT}", _this),
    _reader(rf"(?:ever since|since|starting(?: from| in| on)?|as of|after) (?:the )?(?P<point>{_POINT})", _since),
    _reader(rf"from (?P<point>{_POINT}) on(?:wards?)?", _since),
    _reader(rf"(?:until|till|up to|before) (?P<point>{_POINT})", _until),
    _reader(rf"{_OVER}(?:the |these )?(?:last|past|previous) (?P<number>{_NUMBER})[ -]{_ANY_UNIT}s?", _rolling),
    _reader(rf"{_OVER}the past (?P<number>){_ANY_UNIT}", _rolling),
    _reader(rf"(?:so far )?(?:this|the current|current) {_UNIT}(?: so far| to date)?", _this),
    _reader(rf"(?:for )?(?:the )?{_UNIT} (?:so far|to date)", _this),
    _reader(rf"(?:in |during |for )?(?:the )?(?:last|previous) {_UNIT}", _last),
    _reader(rf"(?:on |in |during |for |of |from )?(?P<point>{_DAY}|{_MONTH} {_YEAR}|yesterday|today)", _at),
    _reader(rf"(?:back in|in|during|for|of|from|throughout) (?P<point>{_MONTH}|{_YEAR})", _at),
)
"""What names a period, the most telling first."""
