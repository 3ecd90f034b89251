"""A text as it is judged: what writing, case and emphasis make different reads the same."""

from __future__ import annotations

import re
from typing import Final

from chaffer.amounts.letters import Letters
from chaffer.shopping.catalogue.units import folded_text

_EMPHASIS: Final = str.maketrans(dict.fromkeys("*`#~_", " "))
_PRIVATE_USE: Final = re.compile("[\ue000-\uf8ff]")


def as_read(text: str) -> str:
    """Return a text as it is judged: folded, what looks like a letter being one, without marks of emphasis."""
    return folded_text(_PRIVATE_USE.sub(" ", Letters(text).read).translate(_EMPHASIS))
