"""The letters of a text as amounts are looked for in it.

What looks like a letter or a digit is taken for one, in whatever script; what nobody sees is left out.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final

_LOOKALIKES: Final = {
    # Cyrillic, Greek, Armenian, and small capitals.
    **dict(
        zip(
            "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458\u0455\u0501\u04bb\u0475\u051d\u051b\u04cf\u0433\u043f",
            "abekmhopctyxijsdhvwqlrn",
            strict=True,
        )
    ),
    **dict(
        zip(
            "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0406",
            "ABEZHIKMNOPTYXABEKMHOPCTYXI",
            strict=True,
        )
    ),
    **dict(
        zip("\u03b1\u03b5\u03b7\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7\u03c9", "aenikvoptuxw", strict=True)
    ),
    **dict(zip("\u0578\u0585\u057d\u0570\u0131\u0251\u0261", "noshiag", strict=True)),
    **dict(
        zip(
            "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22",
            "abcdefghijklmnoprstuvwyz",
            strict=True,
        )
    ),
    # What parts the digits of a number in other scripts; apostrophes; marks that compatibility would take apart.
    "\u066b": ".",
    "\u066c": ",",
    "\u2019": "'",
    "\u02bc": "'",
    "\u2032": "'",
    "\u2033": "\u2033",
}
_BLANKS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_UNSEEN: Final = frozenset({"Cf", "Mn", "Me"})
"""Format characters such as joiners and marks of direction, and marks upon other letters."""


@lru_cache(maxsize=4096)
def _seen_as(letter: str) -> str:
    """Return a character as it is read: no letter, one, or several."""
    category = unicodedata.category(letter)
    if category in _UNSEEN or letter in _BLANKS:
        return ""
    if letter in _LOOKALIKES:
        return _LOOKALIKES[letter]
    if category in {"Pd", "Zs"} or letter == "\u2212":
        return " " if category == "Zs" else "-"
    digit = unicodedata.digit(letter, None)
    if digit is not None:
        return str(digit)
    parts = unicodedata.normalize("NFKD", letter)
    return "".join(_LOOKALIKES.get(part, part) for part in parts if unicodedata.category(part) not in _UNSEEN)


class Letters:
    """A text that grows, and how it is read."""

    def __init__(self, text: str = "") -> None:
        """Begin with a text."""
        self.read = ""
        self._length = 0
        self._places: list[int] | None = None
        self.add(text)

    def add(self, text: str) -> None:
        """Take more of the text in."""
        if self._places is None and text.isascii():  # Most deltas of most models are, and each passes here.
            self.read += text
        else:
            places = self._places if self._places is not None else list(range(self._length))
            letters = []
            for place, letter in enumerate(text, start=self._length):
                seen = _seen_as(letter)
                letters.append(seen)
                places.extend([place] * len(seen))
            self.read += "".join(letters)
            self._places = places
        self._length += len(text)

    def place(self, at: int) -> int:
        """Return where in the text what is read at `at` stands; the text's length when that is its end."""
        if at >= len(self.read):
            return self._length
        return at if self._places is None else self._places[at]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the text what is read from `start` to `end` stands."""
        return self.place(start), self.place(end - 1) + 1
