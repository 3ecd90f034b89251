"""What a shopper said, as tokens: what one reader understood, the next leaves alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Final

from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.reading.numerals import value_of

# No alternative can begin where another one may end differently, so reading takes one step a character.
_TOKEN: Final = re.compile(
    r"(?P<number>\d+(?:[.,'’\u00a0\u202f]\d+)*(?:[.,][-–—](?!\d))?)"
    r"|(?P<word>(?:usd|eur|gbp|chf)(?=\d)|[^\W\d_](?:[^\W_]|['’](?=[^\W\d_]))*)"
    r"|(?P<sign>[<>]=?|[$€£¥₹\"″”%+~≤≥&#²])",
    re.IGNORECASE,
)
_SIGNS: Final = {"″": '"', "”": '"', "≤": "<=", "≥": ">="}
_STOPS: Final = frozenset(".!?\n…")
_BREAKS: Final = frozenset(",;()")
_MOST_TOKENS: Final = 300
"""Of a longer text so many are read from its beginning, and so many from its end."""
_SHORTEST_STEM: Final = 3
_ENDINGS: Final = (
    ("isation", "iz"),
    ("ization", "iz"),
    ("ising", "iz"),
    ("izing", "iz"),
    ("ised", "iz"),
    ("ized", "iz"),
    ("lling", "l"),
    ("lled", "l"),
    ("ies", "y"),
    ("our", "or"),
    ("ing", ""),
    ("ed", ""),
    ("e", ""),
)


class Gap(Enum):
    """What stands between a token and the one before."""

    NONE = "none"
    JOINT = "joint"
    SPACE = "space"
    BREAK = "break"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign: as it is compared, as it was said, and where. `number` is its value if it is one."""

    word: str
    said: str
    start: int
    end: int
    gap: Gap
    number: Decimal | None = None


class Sentence:
    """The tokens of a text, and which of them are understood by now.

    `words` are compared with phrases of a language, `stems` with names of a catalogue, which are said in any form.
    """

    def __init__(self, said: str) -> None:
        """Take a text apart."""
        self.said = said
        self.tokens = _tokens(said)
        self.words = [token.word for token in self.tokens]
        self.stems = [stem(word) for word in self.words]
        self._taken = bytearray(len(self.tokens))

    def __len__(self) -> int:
        """Return how many tokens there are."""
        return len(self.tokens)

    def is_free(self, start: int, end: int) -> bool:
        """Tell whether none of these tokens is understood yet; there must be such tokens."""
        return 0 <= start < end <= len(self.tokens) and not any(self._taken[start:end])

    def take(self, start: int, end: int) -> None:
        """Mark tokens as understood."""
        self._taken[start:end] = b"\x01" * (end - start)

    def free(self) -> Iterable[int]:
        """Yield where the tokens are that nobody took, while they may be taken."""
        return (at for at in range(len(self.tokens)) if not self._taken[at])

    def correct(self, at: int, word: str) -> None:
        """Read a token as another word."""
        self.words[at], self.stems[at] = word, stem(word)

    def gap(self, at: int) -> Gap:
        """Return what stands before a token; the end of a sentence before the first and behind the last."""
        return self.tokens[at].gap if 0 < at < len(self.tokens) else Gap.STOP

    def is_one_clause(self, start: int, end: int) -> bool:
        """Tell whether no comma and no full stop stands within these tokens."""
        return all(self.tokens[at].gap not in {Gap.BREAK, Gap.STOP} for at in range(start + 1, end))

    def between(self, at: int) -> str:
        """Return the signs that stand between a token and the one before, without spaces."""
        return self.said[self.tokens[at - 1].end : self.tokens[at].start].strip() if 0 < at < len(self) else ""

    def slice(self, start: int, end: int) -> str:
        """Return some tokens as they were said."""
        return self.said[self.tokens[start].start : self.tokens[end - 1].end] if start < end else ""

    def rest(self, idle: frozenset[str]) -> str:
        """Return what nobody understood, as it was said, without idle words and stray signs."""
        kept: list[str] = []
        last = -2
        for at in self.free():
            token = self.tokens[at]
            is_joined = last == at - 1 and token.gap in {Gap.NONE, Gap.JOINT}
            if is_joined:
                kept[-1] += self.said[self.tokens[last].end : token.end]
            elif token.word[0].isalnum() and not (self._is_alone(at) and _is_idle(token, idle)):
                kept.append(token.said)
            else:
                continue
            last = at
        return " ".join(kept)

    def _is_alone(self, at: int) -> bool:
        """Tell whether a token is no part of a longer name, as `on` is one of `add-on`."""
        following = at + 1 < len(self.tokens) and not self._taken[at + 1] and self.gap(at + 1)
        return following not in {Gap.NONE, Gap.JOINT}


def _tokens(said: str) -> tuple[Token, ...]:
    found = list(_TOKEN.finditer(said))
    middle = len(found) - _MOST_TOKENS if len(found) > 2 * _MOST_TOKENS else 0
    tokens: list[Token] = []
    end = 0
    for at, one in enumerate(found):
        if _MOST_TOKENS <= at < middle:
            continue
        start, text = one.start(), one[0]
        gap = Gap.STOP if at == middle else _gap(said[end:start])
        tokens.append(Token(_word(text), text, start, one.end(), gap, value_of(text) if one["number"] else None))
        end = one.end()
    return tuple(tokens)


def _word(text: str) -> str:
    return _SIGNS.get(text) or folded_word(text)


def _is_idle(token: Token, idle: frozenset[str]) -> bool:
    """Tell whether a word is idle, or an owner who is: `mum's`."""
    return token.word in idle or (token.said.endswith(("'s", "’s")) and token.word.removesuffix("s") in idle)


def _gap(between: str) -> Gap:
    if not between:
        return Gap.NONE
    if not _STOPS.isdisjoint(between):
        return Gap.STOP
    if not _BREAKS.isdisjoint(between):
        return Gap.BREAK
    return Gap.SPACE if between.isspace() or any(sign.isspace() for sign in between) else Gap.JOINT


def folded_word(text: str) -> str:
    """Return a word as it is compared: folded, and without apostrophes, which people leave out."""
    return folded_text(text).replace("'", "").replace("’", "")


def word_set(*texts: str) -> frozenset[str]:
    """Return the words of texts as those of a sentence are compared."""
    return frozenset(folded_word(word) for text in texts for word in text.split())


@lru_cache(maxsize=65_536)
def words_of(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase as those of a sentence are compared."""
    return tuple(_word(found[0]) for found in _TOKEN.finditer(phrase))


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """Return what forms of a word have in common: `curve` and `curved`, `colour` and `colors`, `cancelling`."""
    shorter = word
    if len(word) > _SHORTEST_STEM and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        shorter = word.removesuffix("s")
    for ending, short in _ENDINGS:
        if shorter.endswith(ending) and len(shorter) - len(ending) >= _SHORTEST_STEM:
            return shorter.removesuffix(ending) + short
    return shorter
