"""@mentions: who is named in a message, by name and not by id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_NAME_SIGNS: Final = frozenset(" -_'.&")
_NAME_KINDS: Final = frozenset("LMN")
_LONGEST_NAME: Final = 50

# What may stand in a name, behind which a shorter name must not end: `@Tech-Store` does not name Tech, `@Tech's` does.
_RUNS_ON = r"(?!['’]s\b)[\-&'’._]?[^\W_]"


@dataclass(frozen=True, slots=True)
class Mentions:
    """Who is named, by id in the order of first appearance, and whether anybody is, known or not."""

    ids: tuple[str, ...]
    any: bool


_NOBODY = Mentions((), any=False)


def plain(text: str) -> str:
    """Return a text as it is read: compatibility-normalised, without invisible characters."""
    normal = unicodedata.normalize("NFKC", text)
    return normal if normal.isascii() else "".join(c for c in normal if unicodedata.category(c) != "Cf")


@lru_cache(maxsize=1024)
def folded(name: str) -> str:
    """Return a name as it is compared: case folded, without spaces."""
    return re.sub(r"\s+", "", plain(name)).casefold()


def is_name(text: str) -> bool:
    """Tell whether an agent can be called so: 1 to 50 letters and digits of any script, spaces and a few signs."""
    fits = all(sign in _NAME_SIGNS or unicodedata.category(sign)[0] in _NAME_KINDS for sign in text)
    return fits and len(text) <= _LONGEST_NAME and bool(folded(text))


def mentions(text: str, names: Mapping[str, str]) -> Mentions:
    """Return who is named behind an `@` in a text.

    `names` maps ids to names. A mention is found with or without the name's spaces and in any case; the longest name
    wins; a name must not run on into another letter or digit. An e-mail address names nobody; another unknown mention
    names nobody either, but somebody was meant.
    """
    if text.isascii() and "@" not in text:
        return _NOBODY
    found = [agent_id for _, _, agent_id in _found(plain(text), names)]
    return Mentions(tuple(dict.fromkeys(agent_id for agent_id in found if agent_id is not None)), any=bool(found))


def without_mentions(text: str, names: Mapping[str, str]) -> str:
    """Return the text, as it is read, without the mentions of those who are known: a number may stand in a name."""
    rest, start = "", 0
    normal = plain(text)
    for begins, ends, _ in _found(normal, names):
        rest, start = rest + normal[start:begins], ends
    return rest + normal[start:]


def _found(normal: str, names: Mapping[str, str]) -> Iterator[tuple[int, int, str | None]]:
    """Yield where each mention begins and ends, and who is meant; of an unknown one only the `@`, and None."""
    patterns = [re.compile(_pattern(name), re.IGNORECASE) for name in names.values()]
    known = sorted(zip(patterns, names, strict=True), key=lambda pair: -len(pair[0].pattern))
    for at in re.finditer(r"@(?=\S)", normal):
        named = next(((match, key) for pattern, key in known if (match := pattern.match(normal, at.end()))), None)
        ends = at.end() if named is None else named[0].end()
        if not _is_in_an_address(normal, at.start(), ends):
            yield at.start(), ends, None if named is None else named[1]


def _is_in_an_address(text: str, at: int, name_ends: int) -> bool:
    """Tell whether an `@` stands in an e-mail address: behind a letter, and before what is no name or goes on."""
    if not at or not text[at - 1].isalnum():
        return False
    return name_ends == at + 1 or re.match(r"\.\w", text[name_ends:]) is not None


def _pattern(name: str) -> str:
    letters = [re.escape(letter) for letter in plain(name) if not letter.isspace()]
    return r"\s?".join(letters) + rf"(?!{_RUNS_ON})"
