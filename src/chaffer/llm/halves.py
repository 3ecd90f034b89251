"""Characters whose halves came apart: JSON writes those beyond U+FFFF as two, and some servers cut between them."""

from __future__ import annotations


def without_halves(text: str) -> str:
    """Return the text with halves that belong together put together; one alone becomes U+FFFD."""
    return text if text.isascii() else text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class Halves:
    """Puts a text that comes in deltas together: half a character at a delta's end waits for the other one."""

    def __init__(self) -> None:
        """Begin without any."""
        self._half = ""

    def joined(self, delta: str) -> str:
        """Return the delta as far as it can be read now, which may be empty."""
        if delta.isascii() and not self._half:
            return delta
        text = self._half + delta
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        return without_halves(text[: len(text) - len(self._half)])

    def rest(self) -> str:
        """Return what stands for the half that still waits, once; nothing where none does."""
        half, self._half = self._half, ""
        return without_halves(half)
