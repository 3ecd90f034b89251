"""@mentions: who is named in a message, by name and not by id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping


def folded(name: str) -> str:
    """Return a name as it is compared: compatibility-normalised, case folded, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).casefold()


# An e-mail address names nobody.
_AT = re.compile(r"(?<![\w.])@")
_MENTION = re.compile(_AT.pattern + r"\w")


def has_mention(text: str) -> bool:
    """Tell whether somebody is named behind an `@`, known or not; an e-mail address names nobody."""
    return _MENTION.search(text) is not None


def mentioned(text: str, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids whose name stands in `text` behind an `@`, in order of first appearance.

    `names` maps ids to names. A mention is found with or without the name's spaces and in any case; the longest name
    wins; a name must not run on into another letter or digit; an unknown mention reaches nobody.
    """
    normal = unicodedata.normalize("NFKC", text)
    if "@" not in normal:
        return ()
    patterns = sorted(((_pattern(name), agent_id) for agent_id, name in names.items()), key=lambda p: -len(p[0]))
    found: list[str] = []
    for at in _AT.finditer(normal):
        for pattern, agent_id in patterns:
            if re.compile(pattern, re.IGNORECASE).match(normal, at.end()):
                if agent_id not in found:
                    found.append(agent_id)
                break
    return tuple(found)


def _pattern(name: str) -> str:
    letters = [re.escape(letter) for letter in unicodedata.normalize("NFKC", name) if not letter.isspace()]
    return r"\s?".join(letters) + r"(?![^\W_])"
