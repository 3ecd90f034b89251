"""Turns of speech, names and times that hold a number and state no amount: `24/7`, `Windows 11`, `one in a million`."""

from __future__ import annotations

import re
from typing import Final

from chaffer.amounts.measures import LOOKAHEAD

_ALONE: Final = r"(?![.,]?\d|[a-z])"
_SMALL: Final = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_YEAR: Final = rf"(?:19|20)\d\d{_ALONE}"

_BY_THEMSELVES: Final = re.compile(
    "|".join(
        (
            rf"24\s?[/-]\s?7{_ALONE}",
            r"fifty[\s/-]{1,3}fifty(?![a-z])",
            rf"50\s?[/:-]\s?50{_ALONE}",
            rf"10\s?/\s?10{_ALONE}",
            rf"(?:10|[1-9]|nine|ten)\s+(?:out\s+of|times\s+out\s+of)\s+(?:10|ten){_ALONE}",
            rf"[1-9]-(?:for|in)-[1-9]{_ALONE}",
            r"one\s+(?:single\s+|red\s+|more\s+)?(?:cent|penny)(?![a-z])",
            # Pictures, times of day, and years of products.
            rf"(?:480|720|1080|1440|2160|4320)[pi]{_ALONE}",
            r"[48]k[\s-]{1,2}(?:ultra\s+)?(?:u?hd|display|screen|monitor|tv|video|resolution|panel|content|webcam|camera)",
            rf"(?:1280|1366|1600|1920|2560|2880|3440|3840)\s?[x×]\s?(?:720|768|800|900|1080|1200|1440|1600|2160){_ALONE}",
            r"\d{1,2}(?::[0-5]\d)?\s?(?:[ap]m|[ap]\.m\.|o'?clock)(?![a-z])",
            r"(?:[1-9]|12|24|36|48|72)h(?![a-z])",
            r"[1-5](?:\.\d)?[\s-]stars?(?![a-z])",
            r"(?:8|10|12|16|32|64|128|256)[\s-]bits?(?![a-z])",
            r"[345]g(?=\s(?:lte|network|phone|modem|connect))",
            r"(?:19|20)\d\d[\s-](?:models?|editions?|versions?|releases?|generations?|line-?up|series)(?![a-z])",
        )
    ),
    re.IGNORECASE,
)

_MANY: Final = r"(?:a|one)\s{1,3}(?:hundred|thousand|million)"
_SO_MANY: Final = re.compile(
    rf"{_MANY}\s+(?:other\s+|better\s+|good\s+)?(?:times|things|reasons|ways|thanks|apologies|pardons|questions|excuses|"
    r"problems|people|worries)(?!\s+(?:the|my|your|what)(?![a-z]))(?![a-z])"
    r"|(?:dozen|hundred|thousand|million)s\s+of(?!\s+(?:dollars|euros|pounds|bucks))(?![a-z])"
    r"|a\s+dozen\s+(?:eggs|times|people|customers|roses|questions|reasons|things)(?![a-z])",
    re.IGNORECASE,
)

_PRODUCTS: Final = (
    r"(?:windows|bluetooth|wi-?fi|usb(?:-?[abc])?|hdmi|displayport|thunderbolt|android|ios|macos|iphone|ipad|galaxy|"
    r"pixel|macbook(?:\s(?:pro|air))?|playstation|version|gen|pcie|ddr)[\s-]?"
)
_BEHIND: Final = tuple(
    (re.compile(rf"(?<![a-z]){before}$", re.IGNORECASE), re.compile(itself, re.IGNORECASE))
    for before, itself in (
        (
            r"(?:round|turn|step|stage|phase|level|day|week)\s+#?",
            rf"\d{{1,2}}(?:\s?(?:of|/|out\s+of)\s?\d{{1,2}})?{_ALONE}",
        ),
        (r"(?:thanks|(?:one|chance|not|never)\s+in)\s+", rf"{_MANY}(?![a-z])(?!\s+(?:dollars|euros|pounds|bucks))"),
        (r"(?:opened|open|hours|working|work)(?:\s+from)?\s+", rf"\d{{1,2}}\s?(?:to|-)\s?\d{{1,2}}{_ALONE}"),
        (r"buy\s+", rf"{_SMALL},?\s+(?:and\s+)?get\s+(?:one|{_SMALL})(?:\s+(?:more|for))?\s+free(?![a-z])"),
        (r"top\s+", rf"(?:3|5|10|20|50|100|three|five|ten){_ALONE}"),
        (r"(?:since|founded\s+in|established\s+in|back\s+in)\s+", _YEAR),
        (_PRODUCTS, rf"\d{{1,2}}(?:\.\d)?e?{_ALONE}"),
        (r"v", rf"\d(?:\.\d{{1,2}}){{0,2}}{_ALONE}"),
        (r"(?:m|ps)", rf"[1-5]{_ALONE}"),
        (r"i", rf"[3579](?:-\d{{4,5}}[a-z]{{0,2}})?{_ALONE}"),
        (r"(?:rtx|gtx|rx)\s?", rf"(?:[1-9]0[5-9]0|[5-9][4-9]00|1[06][5-8]0){_ALONE}"),
        (r"(?:the|you|us|we|these|those|them|other|first|last|next|all)\s+", r"(?:two|three)(?![a-z])(?![\s-]+\d)"),
        (r"my\s+", r"two\s+cents(?![a-z])"),
        (r"(?:cloud|high)\s+", r"(?:five|nine)(?![a-z])(?!\s+(?:each|for|apiece|per))"),
    )
)
_NUMBERED: Final = re.compile(rf"\d{{1,2}}{_ALONE}")


def idiom_end(text: str, start: int, end: int, before: str) -> int | None:
    """Return where the idiom ends that the number from `start` to `end` begins, None when it begins none.

    `before` is what stands just before the number.
    """
    last = end + LOOKAHEAD
    found = [_BY_THEMSELVES.match(text, start, last), _SO_MANY.match(text, start, last)]
    if before.endswith("#"):
        found.append(_NUMBERED.match(text, start, last))
    # Itself first: to see that a number is none of these takes a glance, to look for what leads to it a search.
    behind = ((itself.match(text, start, last), lead) for lead, itself in _BEHIND)
    found += [match for match, lead in behind if match is not None and lead.search(before)]
    return max((match.end() for match in found if match is not None and match.end() >= end), default=None)
