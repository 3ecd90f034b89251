"""How a sentence is put together: one opener, one body and one closer of a set, chosen by a draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Draw = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Parts:
    """Openers × bodies × closers. Fields in braces: item, price, before, names, quantity, who."""

    openers: tuple[str, ...]
    bodies: tuple[str, ...]
    closers: tuple[str, ...]

    def compose(self, draw: Draw, **fields: str) -> str:
        """Return one of the combinations with its fields filled in; an empty part leaves no gap."""
        chosen = (part[int(draw() * len(part))] for part in (self.openers, self.bodies, self.closers))
        return " ".join(part.format_map(fields) for part in chosen if part)
