"""What becomes of a search when the shopper does not like what was shown: no turn recommends that again."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from chaffer.counting import listed
from chaffer.shopping.catalogue.fitting import attribute_of, fits
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Need
from chaffer.shopping.catalogue.units import folded_text, measure_of
from chaffer.shopping.questions import Context, product_of
from chaffer.shopping.reading.brands import Stance
from chaffer.shopping.reading.known import NO
from chaffer.shopping.reading.language.comparisons import Aspect
from chaffer.shopping.reading.language.pointers import ALL_OF_THEM, BOTH
from chaffer.shopping.reading.opinions import Opinion
from chaffer.shopping.reading.pointing import products_named
from chaffer.shopping.reading.relating import with_need
from chaffer.shopping.reading.sentences import Sentence
from chaffer.shopping.reading.wishes import Wishes

_MOST_NAMED: Final = 3


def mended(
    wanted: Constraints, before: Constraints, wishes: Wishes, opinion: Opinion, context: Context
) -> tuple[Constraints, tuple[str, ...]]:
    """Return constraints without what an opinion does not like, and what the shopper is told of that.

    It is the brand where they blame that, and values of attributes that they do not like; then what they speak of,
    where that would be found again. `before` are the constraints of the last search.
    """
    spoken_of = _spoken_of(context)
    noted: list[str] = []
    if spoken_of and "brand" in opinion.reasons and not wishes.brands:
        wanted = _without_brand(wanted, spoken_of[0].brand)
        noted.append(f"I left out {spoken_of[0].brand}.")
    for name in wishes.faults if spoken_of else ():
        text = attribute_of(spoken_of[0], name)
        need = None if text is None else _other_than(text, name, wanted)
        if need is not None:
            wanted = with_need(wanted, need)
            noted.append(f"I left out what has “{name}: {text}”.")
    complains = _complains(wishes)
    again = [product for product in spoken_of if fits(product, wanted)] if complains or opinion.rejects else []
    if again:
        wanted = replace(wanted, not_products=(*wanted.not_products, *(one.product_id for one in again)))
        noted.append(_left_out(again, opinion, complains=complains))
    if wanted == before and _refuses(wishes):
        noted.append("That was left out already.")
    return wanted, tuple(noted)


def _complains(wishes: Wishes) -> bool:
    """Tell whether a sentence blames what can be compared; of a price with a limit of its own it is that limit."""
    is_limited = wishes.prices.high_minor is not None
    return bool(wishes.faults) or any(
        one.is_complaint and not (one.aspect is Aspect.PRICE and is_limited) for one in wishes.compared
    )


def _refuses(wishes: Wishes) -> bool:
    """Tell whether a sentence refuses a brand or a value."""
    return any(one.stance in {Stance.DISLIKED, Stance.UNWANTED} for one in wishes.brands) or any(
        one.is_disliked for one in wishes.needs
    )


def _without_brand(wanted: Constraints, brand: str) -> Constraints:
    return replace(
        wanted,
        brands=tuple(other for other in wanted.brands if other != brand),
        not_brands=tuple(dict.fromkeys((*wanted.not_brands, brand))),
    )


def _spoken_of(context: Context) -> list[Product]:
    """Return the products that an opinion is of: all of them where it says so, else the first named or recommended."""
    named = [match.product for match in products_named(context)]
    words = Sentence(context.text).words
    is_of_several = any(
        several.at(words, at) is not None for several in (ALL_OF_THEM, BOTH) for at in range(len(words))
    )
    recommended = product_of(context.shown, context.recommended_id)
    return (named if is_of_several else named[:1]) or ([] if recommended is None else [recommended])


def _other_than(text: str, name: str, wanted: Constraints) -> Need | None:
    """Return the need for another value than a product's; None where what was wished before says otherwise."""
    before = next((need for need in wanted.needs if need.name == name), None)
    said, measure = folded_text(text), measure_of(text)
    if said in NO:
        return None
    if before is None and measure is not None:
        return Need(name, at_least=measure.number, at_most=measure.number, unit=measure.unit, excluded=True)
    texts = () if before is None else before.texts
    if before is None or (before.excluded and texts):
        return Need(name, tuple(dict.fromkeys((*texts, said))), excluded=True)
    others = tuple(one for one in texts if one != said)
    return replace(before, texts=others) if others and not before.excluded else None


def _left_out(products: list[Product], opinion: Opinion, *, complains: bool) -> str:
    some = [f"the {product.name}" for product in products]
    told = listed(some) if len(some) <= _MOST_NAMED else f"these {len(some)} products"
    if "features" in opinion.reasons:
        return f"I left out {told}. Tell me which feature it is, and I go by that."
    if complains:
        return f"I have nothing to go by there, so I left out {told}."
    return f"I left out {told}."
