"""What a run is about, as far as a script can tell: the topic, and the two sides that one can take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from chaffer.dialogue.speech.wording import bare, in_one_line, quoted

LONGEST_TOPIC: Final = 70
LONGEST_SIDE: Final = 40
_LOOKED_AT: Final = 300

_VERSUS: Final = re.compile(r"(?:.*[:,]\s*)?(?P<one>.+?)\s+(?:vs\.?|versus)\s+(?P<other>.+)", re.IGNORECASE)
_OR: Final = re.compile(r"(?:.*[:,]\s*)?(?P<one>.+?),?\s+or\s+(?P<other>.+)", re.IGNORECASE)
_FRONT: Final = re.compile(
    r"(?:should|shall|must|can|could|do|does|is|are|will|would|ought|what|which|who)\b(?:\s+(?:is|are)\s+better\b"
    r"|\s+(?:we|i|you|they|it|people|one|everybody|cities|schools)\b(?:\s+better\b)?)?\s*",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(
    r"(?:should|shall|must|can|could|do|does|did|is|are|was|were|will|would|may|has|have|ought|this house|resolved)\b",
    re.IGNORECASE,
)
_OR_NOT: Final = re.compile(r"\bor\s+not\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Subject:
    """The topic in quotes, the two sides as they are named in sentences, and, of a choice, their own words."""

    topic: str
    sides: tuple[str, str]
    choice: tuple[str, str] | None = None


def subject_of(topic: str) -> Subject:
    """Return what a topic is about: a choice between two, a question with a yes and a no, or a matter to talk of."""
    line = in_one_line(topic)
    named = quoted(line, LONGEST_TOPIC)
    asked = line[:_LOOKED_AT].partition("?")[0].strip()
    choice = None if _OR_NOT.search(asked) else _choice(asked)
    if choice is not None:
        one, other = (quoted(side, LONGEST_SIDE) for side in choice)
        return Subject(named, (one, other), choice)
    if _ASKED.match(bare(asked)):
        return Subject(named, ("a yes", "a no"))
    return Subject(named, ("a bold answer", "a careful answer"))


def _choice(asked: str) -> tuple[str, str] | None:
    found = _VERSUS.fullmatch(asked) or _OR.fullmatch(asked)
    if found is None:
        return None
    one, other = bare(_FRONT.sub("", found["one"], count=1)), bare(found["other"])
    fit = all(side and len(side) <= 2 * LONGEST_SIDE for side in (one, other))
    return (one, other) if fit and one.casefold() != other.casefold() else None
