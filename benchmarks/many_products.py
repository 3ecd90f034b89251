"""A catalogue as large as wished, the same every time: the sample's products again and again, each a bit different.

What varies is what a search feels: brands, model names, colours, prices, pieces, ratings, the words of descriptions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Final

from msgspec.structs import replace

from chaffer.shopping.catalogue.products import Limits, Offer, Product, Seller, Stocked, in_order
from chaffer.shopping.catalogue.sample import sample_products

SEED: Final = 20_260_301
_BEGINNINGS: Final = ("Al", "Bor", "Cal", "Dun", "Er", "Fal", "Gor", "Hel", "Is", "Jor", "Kal", "Lum", "Mar", "Nor")
_ENDINGS: Final = (
    "avia",
    "bel",
    "cor",
    "dex",
    "eon",
    "field",
    "gard",
    "hart",
    "ix",
    "ler",
    "mont",
    "nova",
    "ora",
    "tek",
)
_COLORS: Final = ("black", "white", "silver", "blue", "red", "green", "graphite", "sand", "rose", "violet", "orange")
_SERIES: Final = (
    "Air",
    "Core",
    "Edge",
    "Flex",
    "Go",
    "Max",
    "Mini",
    "Neo",
    "One",
    "Plus",
    "Prime",
    "Pro",
    "Studio",
    "Ultra",
)
_SENTENCES: Final = (
    "Comes with a {color} sleeve and {count} spare parts, and the warranty lasts {count} years.",
    "Made for long days of work, it stays quiet and cool under load, says the maker {brand}.",
    "The surface is matte, resists scratches and is easy to clean with a soft cloth.",
    "In the box are a charger, a manual in {count} languages and a cable of {count} m.",
    "Travellers like how little room it takes, and students how much it does for its price.",
    "A new model of the {series} series, with what owners of the former one asked for.",
    "It starts within {count} seconds and needs no app, no account and no internet.",
    "The edges are rounded, the feet are rubber, and nothing rattles when it is carried.",
    "Repairs are simple: {count} screws hold it together, and parts are sold separately.",
    "Tested in a laboratory for {count} hundred hours of heat, cold, dust and vibration.",
    "The {color} finish is painted by hand in small numbers and numbered inside.",
    "Packed in recycled cardboard, shipped within {count} days by land and sea.",
    "Reviewers of magazines called it the surprise of its class and a bargain.",
    "Children may use it under supervision; a lock keeps small fingers out.",
    "An update added night mode, quicker menus and a screen in {count} colours.",
    "Its predecessor won {count} awards for design, and this one is lighter still.",
    "The button on top is programmable and remembers {count} profiles.",
    "Balanced for left and right hands, with a grip that does not get warm.",
    "Even after {count} years of daily use the hinges stay firm, owners report.",
    "A film protects the glass on its journey; peel it off before first use.",
)


def many_products(count: int) -> Iterator[Stocked]:
    """Yield so many products, one after the other, so that no memory holds them all."""
    draws = random.Random(SEED)
    brands = sorted(begin + end for begin in _BEGINNINGS for end in _ENDINGS)
    products, _ = sample_products()
    for number, base in enumerate(islice(cycle(products), count)):
        yield _varied(base, number, brands, draws)


def sellers_of_many() -> Sequence[Seller]:
    """Return the sellers who have them."""
    return sample_products()[1]


def _varied(base: Stocked, number: int, brands: Sequence[str], draws: random.Random) -> Stocked:
    old = base.product
    brand = old.brand if draws.random() < 0.3 else draws.choice(brands)
    series = draws.choice(_SERIES)
    name = f"{old.name.replace(old.brand, brand)} {series} {draws.choice('ABKMTX')}{draws.randrange(100, 9999)}"
    color = draws.choice(_COLORS)
    said = (
        each.format(color=color, count=draws.randrange(2, 9), brand=brand, series=series)
        for each in draws.sample(_SENTENCES, 2)
    )
    attributes = dict(old.attributes)
    if "color" in attributes:
        attributes["color"] = color
    product = replace(
        old,
        product_id=f"product-{number:06d}",
        name=name,
        brand=brand,
        description=" ".join([old.description, *said]),
        attributes=attributes,
        rating=None if draws.random() < 0.1 else round(draws.triangular(1, 5, 4.2), 1),
        reviews=int(draws.expovariate(1 / 120)),
    )
    return _priced(product, base, draws)


def _priced(product: Product, base: Stocked, draws: random.Random) -> Stocked:
    """Return a product with prices around those of the sample, and each seller's own numbers below them."""
    factor = draws.uniform(0.6, 1.6)
    offers, limits = [], {}
    for offer in base.product.offers:
        price = max(int(offer.price_minor * factor * draws.uniform(0.97, 1.03)), 10)
        offers.append(Offer(offer.seller, price, 0 if draws.random() < 0.1 else draws.randrange(1, 60)))
        limits[offer.seller] = Limits(int(price * 0.75), int(price * 0.85))
    return Stocked(replace(product, offers=in_order(offers)), limits)
