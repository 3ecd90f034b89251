"""How a text is put together: a lead, a body and a closer, each chosen by a draw from the parts of an occasion.

A lead that ends as a sentence stands before the body on its own and takes no closer; any other leads into the body.
Lead or closer may be missing, so that texts differ in shape too; none has more than two sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter
from typing import Final

Draw = Callable[[], float]

LONGEST_PRODUCT: Final = 60

_SENTENCE_ENDS: Final = (".", "!", "?", "…")
_LEADLESS: Final = 0.15
_CLOSED: Final = 0.75


@dataclass(frozen=True, slots=True)
class Parts:
    """The interchangeable parts of an occasion.

    Fields in braces: `item` («the Laptop», «2 × Laptop»), `wanted` («1 × Laptop»), `price` with «each» where several
    are bought, `before`, `bid`, `asked`, `names`. A body with a field that is not given is passed over. With `whole` no
    part is ever missing: there the lead mentions who is spoken to, and the closer asks.
    """

    leads: tuple[str, ...]
    bodies: tuple[str, ...]
    closers: tuple[str, ...]
    whole: bool = False

    def compose(self, draw: Draw, words: Mapping[str, str], round_: int | None = None) -> str:
        """Return one of the texts, its fields filled in with `words`.

        In rounds next to each other, leads and closers come from different halves, so that nobody echoes himself.
        """
        leadless = not self.whole and draw() < _LEADLESS
        lead = "" if leadless else _chosen(_half(self.leads, round_), draw)
        body = _chosen(_sayable(self.bodies, frozenset(words)), draw)
        closed = not lead.endswith(_SENTENCE_ENDS) and (leadless or self.whole or draw() < _CLOSED)
        closer = _chosen(_half(self.closers, round_), draw) if closed else ""
        return _joined(lead.format_map(words), body.format_map(words), closer)


def product_words(item: str, quantity: int) -> dict[str, str]:
    """Return the fields `item` and `wanted` for a product; a long name is cut at a word, and it mentions nobody."""
    name = " ".join(item.replace("@", " at ").split())
    if len(name) > LONGEST_PRODUCT:
        name = name[:LONGEST_PRODUCT].rsplit(" ", 1)[0] + "…"
    named = name if name.casefold().startswith("the ") else f"the {name}"
    return {"item": named if quantity == 1 else f"{quantity} × {name}", "wanted": f"{quantity} × {name}"}


def price_words(quantity: int, **prices: str | None) -> dict[str, str]:
    """Return the fields for the prices that are given; `price` gets «each» where several are bought."""
    given = {field: price for field, price in prices.items() if price is not None}
    if quantity > 1 and "price" in given:
        given["price"] += " each"
    return given


def _joined(lead: str, body: str, closer: str) -> str:
    """Return the parts as sentences, each with a capital before and an end behind."""
    ended = body if body.endswith(_SENTENCE_ENDS) else f"{body}."
    if lead.endswith(_SENTENCE_ENDS):
        ended = _capitalised(ended)
    return " ".join(part for part in (_capitalised(f"{lead} {ended}".strip()), closer) if part)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _chosen(parts: Sequence[str], draw: Draw) -> str:
    return parts[int(draw() * len(parts))]


def _half(parts: tuple[str, ...], round_: int | None) -> tuple[str, ...]:
    return parts if round_ is None else parts[round_ % 2 :: 2]


@lru_cache(maxsize=256)
def _sayable(bodies: tuple[str, ...], known: frozenset[str]) -> tuple[str, ...]:
    """Return the bodies whose fields are all known."""
    return tuple(body for body in bodies if {field for _, field, _, _ in Formatter().parse(body) if field} <= known)
