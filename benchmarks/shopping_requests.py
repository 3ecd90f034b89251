"""The shopping requests of `benchmarks/requests/`: what people say to the assistant, and what is expected of it.

Two halves that were written by hand: `tuning` may be looked at by whoever improves the assistant, `held_out` may not,
so that its figure tells how the assistant does with words that nobody made it for. `schema.json` is their JSON Schema.
What is expected follows from the words alone, by the rules of docs/shopping-evaluation.md, never from what the
assistant made of them.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct, field

from chaffer.shopping.catalogue.products import Limits, Offer, Product, Stocked
from chaffer.shopping.catalogue.searching import Sort
from chaffer.shopping.events import Intent

FOLDER: Final = Path(__file__).resolve().parent / "requests"
RECOMMENDED: Final = "$recommended"
"""In an expected value: of the product that was recommended before: its brand; just below its price; just beyond."""

_MINOR: Final = 100
_COST_PERCENT, _LEAST_PERCENT = 75, 85
Relative = Literal["$recommended"]


class Half(StrEnum):
    """The halves of the set, by the names of their files."""

    TUNING = "tuning"
    HELD_OUT = "held_out"


class Kind(StrEnum):
    """What a request is there to show."""

    SEARCH = "search"
    REFINE = "refine"
    FEEDBACK = "feedback"
    COMPARE = "compare"
    VAGUE = "vague"
    CONTRADICTORY = "contradictory"
    IMPOSSIBLE = "impossible"
    NUMBERS = "numbers"
    INJECTION = "injection"


class WantedNeed(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A need as `chaffer.shopping.catalogue.searching.Need` has it; a bound may be just beyond the recommended."""

    name: str
    texts: tuple[str, ...] = ()
    at_least: float | Relative | None = None
    at_most: float | Relative | None = None
    unit: str = ""
    excluded: bool = False


class Wanted(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The constraints that the words mean, all of them; prices are in whole units of the currency, a piece."""

    category: str | None = None
    brands: tuple[str, ...] = ()
    not_brands: tuple[str, ...] = ()
    min_price: float | None = None
    max_price: float | Relative | None = None
    min_rating: float | None = None
    needs: tuple[WantedNeed, ...] = ()
    quantity: int = 1
    sort: Sort = Sort.RELEVANCE


class Learned(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is known of the shopper's taste after a turn, and nothing else."""

    liked_brands: tuple[str, ...] = ()
    disliked_brands: tuple[str, ...] = ()
    max_budget: float | None = None
    min_rating: float | None = None


class Expected(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must be true after a turn; what is not given is not looked at.

    `result` tells whether products are found, `about` are the products that a question names: positions in what was
    shown, from 1, or the recommended one. `noted` asks for a sentence on how a contradiction was understood.
    """

    intent: Intent | None = None
    constraints: Wanted | None = None
    status: Literal["completed", "interrupted"] | None = None
    result: Literal["some", "none"] | None = None
    noted: bool = False
    about: tuple[int | Relative, ...] = ()
    recommended_not: tuple[str, ...] = ()
    learned: Learned | None = None


class Turn(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Words of the shopper: said of their own accord, or as the answer to a question that was asked."""

    say: str = ""
    answer: str = ""
    expect: Expected = field(default_factory=Expected)

    def __post_init__(self) -> None:
        """Refuse a turn without words, and one that is both."""
        if bool(self.say) == bool(self.answer):
            msg = "a turn either says or answers something"
            raise ValueError(msg)

    @property
    def text(self) -> str:
        """Return the words."""
        return self.say or self.answer


class ExtraProduct(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A product that one seller adds to the sample catalogue before the request."""

    id: str
    name: str
    brand: str
    category: str
    price: float
    description: str
    pieces: int = 5
    rating: float | None = None
    reviews: int = 0
    attributes: dict[str, str] = {}

    def stocked(self, currency: str) -> Stocked:
        """Return it as the catalogue takes it."""
        price_minor = minor(self.price)
        product = Product(
            product_id=self.id,
            name=self.name,
            brand=self.brand,
            category=self.category,
            description=self.description,
            currency=currency,
            attributes=self.attributes,
            offers=(Offer("Hostile Goods", price_minor, self.pieces),),
            rating=self.rating,
            reviews=self.reviews,
        )
        limits = Limits(price_minor * _COST_PERCENT // 100, price_minor * _LEAST_PERCENT // 100)
        return Stocked(product, {"Hostile Goods": limits})


class Request(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A conversation with the assistant by a shopper whom it does not know."""

    id: Annotated[str, Meta(pattern=r"^[th]-[a-z]+-\d\d$")]
    kind: Kind
    language: Literal["en", "de", "fr"]
    turns: Annotated[tuple[Turn, ...], Meta(min_length=1)]
    products: tuple[ExtraProduct, ...] = ()


def requests_of(half: Half) -> tuple[Request, ...]:
    """Return the requests of a half, in their order."""
    lines = (FOLDER / f"{half}.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple(msgspec.json.decode(line, type=Request) for line in lines)


def minor(amount: float) -> int:
    """Return an amount in minor units."""
    return round(amount * _MINOR)
