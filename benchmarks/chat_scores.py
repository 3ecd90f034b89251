"""How well the supervisor did with a half of the chat's sentences: what was expected beside what was heard."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.chat_play import Ground, Heard
from benchmarks.chat_requests import ANYTHING, Argument, WantedCall
from benchmarks.figure import Figure
from benchmarks.shopping_requests import Half
from chaffer.assistant.documents import arguments_of
from chaffer.assistant.tools import Wish, name_of

UNDERSTOOD_PERCENT: Final = 90.0
"""The bound of the sentences that are understood and answered as expected, whole."""

ASPECTS: Final = ("specialists", "tools", "arguments", "facts")
_NOT_TELLING: Final = frozenset({"limit"})
_ONCE: Final = 1
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at in a sentence, by aspect, and whether it was as expected."""

    heard: Heard
    holds: dict[str, bool]

    @property
    def is_right(self) -> bool:
        """Tell whether all of it was."""
        return all(self.holds.values()) and not self.heard.failure


def finding_of(heard: Heard) -> Finding:
    """Return how a sentence fared."""
    expected = heard.sentence.expect
    named = [name_of(wish) for wish in heard.wishes]
    is_named = named == [call.tool for call in expected.calls]
    pairs = zip(expected.calls, heard.wishes, strict=True) if is_named else ()
    facts = all(str(heard.after.meant(fact)) in heard.text for fact in expected.facts)
    return Finding(
        heard,
        {
            "specialists": heard.agents == expected.agents,
            "tools": is_named,
            "arguments": is_named and all(_are_arguments(call, wish, heard.before) for call, wish in pairs),
            "facts": bool(heard.text) and facts and (not expected.asks or "?" in heard.text),
        },
    )


def _are_arguments(wanted: WantedCall, wish: Wish, ground: Ground) -> bool:
    made = {name: value for name, value in arguments_of(wish).items() if name not in _NOT_TELLING}
    if made.get("quantity") == _ONCE:
        del made["quantity"]
    if made.get("by") == "month" and "by" not in wanted.arguments:
        del made["by"]
    searched = " ".join(str(made.pop(name, "")) for name in ("query", "category", "brand"))
    expected = dict(wanted.arguments)
    words = str(expected.pop("query", ""))
    if not set(_WORD.findall(words.lower())) <= set(_WORD.findall(searched.lower())):
        return False
    free = {name for name, value in expected.items() if value == ANYTHING}
    kept = {name: _resolved(value, ground) for name, value in expected.items() if name not in free}
    return kept == {name: _plain(value) for name, value in made.items() if name not in free}


def _resolved(value: Argument, ground: Ground) -> Any:  # noqa: ANN401  As JSON has it.
    if isinstance(value, str):
        return ground.meant(value)
    return [ground.meant(one) for one in value] if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:  # noqa: ANN401  As JSON has it.
    return list(value) if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class Score:
    """How a half fared."""

    half: Half
    found: tuple[Finding, ...]

    @classmethod
    def of(cls, half: Half, heard: Sequence[Heard]) -> Score:
        """Return the score of what was heard."""
        return cls(half, tuple(map(finding_of, heard)))

    def figures(self) -> list[Figure]:
        """Return the figures, with their bounds."""
        right = sum(one.is_right for one in self.found)
        strange = sum(len(one.heard.strange) for one in self.found)
        seconds = sorted(one.heard.seconds for one in self.found)
        typical = statistics.median(seconds) * 1000
        slowest = seconds[int(len(seconds) * 0.95)] * 1000
        return [
            self._share("sentences understood and answered whole", right, UNDERSTOOD_PERCENT),
            *(self._share(f"{aspect} as expected", self._tally(aspect)) for aspect in ASPECTS),
            Figure(f"{self.half}: figures that no tool returned", strange, "", 0),
            Figure(f"{self.half}: sentences that failed", sum(bool(one.heard.failure) for one in self.found), "", 0),
            Figure(f"{self.half}: time of a turn, p95", slowest, "ms", note=f"p50 {typical:.0f} ms"),
        ]

    def _tally(self, aspect: str) -> int:
        return sum(one.holds[aspect] for one in self.found)

    def _share(self, what: str, holds: int, least: float | None = None) -> Figure:
        count = len(self.found)
        return Figure(f"{self.half}: {what}", 100 * holds / count, "%", least, least=True, note=f"{holds} of {count}")

    def misses(self) -> Iterator[str]:
        """Yield what was not as expected, a line each."""
        for one in self.found:
            heard = one.heard
            if not one.is_right or heard.strange:
                wrong = ", ".join(aspect for aspect, holds in one.holds.items() if not holds)
                made = [f"{name_of(wish)} {arguments_of(wish)}" for wish in heard.wishes]
                yield (
                    f"{heard.sentence.id} {wrong or heard.failure} {sorted(heard.strange)}: {heard.sentence.say!r} "
                    f"was read as {list(heard.agents)} {made}"
                )
