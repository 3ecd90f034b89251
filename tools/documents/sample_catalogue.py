"""src/chaffer/shopping/catalogue/sample.jsonl: the sample catalogue, made from the lists in sample/.

A list holds a category's lines of products, in which versions each is sold, and what a version adds to the price. All
else (who sells it for how much, ratings, stock) is drawn, keyed by the product's id, so that it is the same everywhere
and a change of one line leaves the others as they are. Brands are real ones that people ask for; what is said of their
products is invented. Amounts are in whatever currency the market has.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from chaffer.money import MINOR_PER_MAJOR
from chaffer.shopping.catalogue.feeds.json_lines import product_line, seller_line
from chaffer.shopping.catalogue.products import Limits, Offer, Product, Seller, Stocked, in_order
from chaffer.shopping.catalogue.units import folded_text

_LISTS: Final = Path(__file__).parent / "sample"
_SELLERS: Final = "sellers.toml"
_ANY_CURRENCY: Final = ""
_DIGEST_BYTES: Final = 8

_FEWEST_SELLERS: Final = 2
_MOST_SELLERS: Final = 6
_SPREAD: Final = 0.05
_MOST_PIECES: Final = 40
_SOLD_OUT: Final = 0.02
_ONE_LEFT: Final = 0.04
_UNRATED: Final = 0.02
_WHOLE_FROM_MINOR: Final = 10_000
_HALF_MINOR: Final = 50


def sample_text() -> str:
    """Return the text of the file: a line for each seller, then one for each product, by category."""
    sellers = _read(_SELLERS)["sellers"]
    lines = [seller_line(Seller(each["name"], each["priority"], each["speaking_style"])) for each in sellers]
    levels = {each["name"]: float(each["level"]) for each in sellers}
    for path in sorted(_LISTS.glob("*.toml")):
        if path.name != _SELLERS:
            lines += [product_line(stocked, with_private=True) for stocked in _stocked(_read(path.name), levels)]
    return b"".join(lines).decode()


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_LISTS / name).read_text(encoding="utf-8"))


def _stocked(listed: Mapping[str, Any], levels: Mapping[str, float]) -> Iterator[Stocked]:
    for brand, line, price, *cells, versions in listed["lines"]:
        always = dict(zip(listed["columns"], cells, strict=True))
        for version in listed["versions"][versions]:
            varied = dict(zip(listed["vary"], version, strict=True))
            known = {"brand": brand, "line": line, **always, **varied}
            added = sum(listed.get("adds", {}).get(name, {}).get(value, 0) for name, value in varied.items())
            yield _product(listed, known, price + added, levels)


def _product(listed: Mapping[str, Any], known: Mapping[str, str], price: int, levels: Mapping[str, float]) -> Stocked:
    name = listed["name"].format_map({key: value[:1].upper() + value[1:] for key, value in known.items()})
    product_id = _slug(name)
    offers, limits = _offers(product_id, price, levels)
    hidden = {"brand", "line", *listed.get("hidden", ())}
    rating, reviews = _rating(product_id, known["brand"] + known["line"])
    product = Product(
        product_id=product_id,
        name=name,
        brand=known["brand"],
        category=listed["category"],
        description=_description(product_id, listed, known),
        currency=_ANY_CURRENCY,
        attributes={key: value for key, value in known.items() if value and key not in hidden},
        offers=offers,
        rating=rating,
        reviews=reviews,
    )
    return Stocked(product, limits)


def _slug(name: str) -> str:
    words = "".join(sign if sign.isalnum() else " " for sign in folded_text(name))
    return "-".join(words.split())


def _description(product_id: str, listed: Mapping[str, Any], known: Mapping[str, str]) -> str:
    """Return one sentence of facts, and the first remark that is true of the product, if any."""
    text = _chosen(listed["sentences"], product_id).format_map(known)
    remarks = (each for each in listed["remarks"] if each["when"].items() <= known.items())
    remark = next(remarks, None)
    whole = text if remark is None else f"{text} {remark['text'].format_map(known)}"
    return whole[:1].upper() + whole[1:]


def _rating(product_id: str, line: str) -> tuple[float | None, int]:
    """Return a rating, most of it the line's and a little the version's, and how many gave it; few are unrated."""
    if _draw(product_id, "unrated") < _UNRATED:
        return None, 0
    of_line = (_draw(line, "rating") + _draw(line, "rating too")) / 2
    rating = 3.1 + 1.8 * of_line + 0.6 * (_draw(product_id, "rating") - 0.5)
    return round(min(max(rating, 3.0), 5.0), 1), int(10 ** (0.7 + 2.8 * _draw(product_id, "reviews")))


def _offers(product_id: str, price: int, levels: Mapping[str, float]) -> tuple[tuple[Offer, ...], dict[str, Limits]]:
    ranked = sorted(levels, key=lambda seller: _draw(product_id, seller, "sells"))
    count = _FEWEST_SELLERS + int(_draw(product_id, "sellers") * (_MOST_SELLERS - _FEWEST_SELLERS + 1))
    fate = _draw(product_id, "stock")
    asked: dict[str, int] = {}
    for seller in ranked[:count]:
        level = levels[seller] * (1 + _SPREAD * (2 * _draw(product_id, seller, "price") - 1))
        price_minor = _round(price * level)
        while price_minor in asked.values():
            price_minor += _step(price_minor)
        asked[seller] = price_minor
    last = min(asked, key=asked.__getitem__)
    offers = [Offer(seller, asked[seller], _pieces(product_id, seller, fate, last)) for seller in asked]
    limits = {seller: _limits(product_id, seller, price_minor) for seller, price_minor in asked.items()}
    return in_order(offers), limits


def _pieces(product_id: str, seller: str, fate: float, last: str) -> int:
    """Return how many a seller has: of a few products nobody has any, of a few others one seller has the last."""
    if fate < _SOLD_OUT:
        return 0
    if fate < _SOLD_OUT + _ONE_LEFT:
        return int(seller == last)
    return int(_MOST_PIECES * _draw(product_id, seller, "pieces"))


def _limits(product_id: str, seller: str, price_minor: int) -> Limits:
    """Return a cost of 60 to 75 %, and a least price of 80 to 92 %, rounded to half units of the currency."""
    cost = price_minor * (0.60 + 0.15 * _draw(product_id, seller, "cost"))
    least = price_minor * (0.80 + 0.12 * _draw(product_id, seller, "least"))
    return Limits(*(max(_HALF_MINOR, round(number / _HALF_MINOR) * _HALF_MINOR) for number in (cost, least)))


def _round(price: float) -> int:
    minor = price * MINOR_PER_MAJOR
    step = _step(int(minor))
    return max(round(minor / step), 2) * step - 1


def _step(price_minor: int) -> int:
    return MINOR_PER_MAJOR if price_minor >= _WHOLE_FROM_MINOR else _HALF_MINOR


def _chosen(texts: Sequence[str], *key: str) -> str:
    return texts[int(_draw(*key, "sentence") * len(texts))]


def _draw(*key: str) -> float:
    """Return a number uniform in [0, 1) that belongs to the key."""
    digest = blake2b("/".join(key).encode(), digest_size=_DIGEST_BYTES).digest()
    return (int.from_bytes(digest, "little") >> 11) * 2.0**-53
