"""Collecting products: the search, the same by other words where too little is found, and why where nothing is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from msgspec import structs

from chaffer.shopping.catalogue.searching import Constraints, Found, PageWish, ProductCatalogue, Sort
from chaffer.shopping.events import ProductsCollected, Relaxation, SearchPlanned
from chaffer.shopping.questions import AssistantMind, CollectionQuestion, Context, Planned
from chaffer.shopping.reading.sentences import stem, words_of
from chaffer.shopping.relaxing import relaxed
from chaffer.shopping.thread import Shown
from chaffer.shopping.value import ranked

CANDIDATES: Final = 50
"""So many of the best found are weighed,"""
MATCHES: Final = 10
"""and so many of these are shown."""
FEW: Final = 3
_MOST_WORDINGS: Final = 3
_MOST_BARE_WORDS: Final = 3
_MOST_RELAXATIONS: Final = 3


async def collected(
    catalogue: ProductCatalogue, mind: AssistantMind, context: Context, plan: SearchPlanned
) -> ProductsCollected:
    """Return the products that fit a plan; none but those that fit all of it."""
    wanted = plan.constraints
    found = await searched(catalogue, wanted, PageWish(CANDIDATES))
    if wanted.text and found.total < FEW:
        found = await _by_other_words(catalogue, mind, context, wanted, found)
    if not found.total:
        relaxations = await _why_nothing(catalogue, wanted, context.currency)
        return ProductsCollected(plan.turn, (), 0, found.corrected, relaxations)
    matches = ranked(found.products, wanted, plan.preferences)
    shown = matches[plan.behind :][: plan.most or MATCHES]
    if not shown:  # The catalogue became smaller meanwhile.
        return ProductsCollected(plan.turn, matches[:MATCHES], found.total, found.corrected)
    return ProductsCollected(plan.turn, shown, found.total, found.corrected, behind=plan.behind)


def furthered(plan: SearchPlanned, more: int, shown: Shown) -> SearchPlanned:
    """Return a plan for the products behind those that were shown, or for these again where there are no more."""
    if not shown.total:
        return plan
    if shown.passed < min(shown.total, CANDIDATES):
        noted = f"These come behind the {shown.passed} that I showed you before."
        behind, most = shown.passed, min(more or MATCHES, MATCHES)
    elif shown.passed < shown.total:
        noted = f"I showed you the best {shown.passed} of {shown.total}; tell me more of what you want to see others."
        behind, most = shown.behind, len(shown.matches)
    else:
        noted = f"There are no more: I showed you all {shown.total} that fit."
        behind, most = shown.behind, len(shown.matches)
    return structs.replace(plan, noted=(*plan.noted, noted), behind=behind, most=most)


async def settled(catalogue: ProductCatalogue, planned: Planned) -> Planned:
    """Return a plan after a look at what has its bare words.

    Where no product of the category has any of them, the search begins anew if others are called so; else that is told:
    who looks at laptops and asks for dog food would be shown laptops as if these were it.
    """
    category, words = planned.constraints.category, planned.bare_words.split()
    if not words or len(words) > _MOST_BARE_WORDS or category is None:
        return planned
    of_each = (Constraints(text=word, category=category, in_stock=False) for word in words)
    found = await asyncio.gather(*(catalogue.search(one, PageWish(1)) for one in of_each))
    if not all(one.is_partial for one in found):
        return planned
    missing = f"Nothing here under {category} has “{planned.bare_words}”"
    if planned.anew is not None and await _is_called(catalogue, planned.bare_words):
        return replace(planned, constraints=planned.anew, noted=(f"{missing}, so I began anew.",))
    text = " ".join(word for word in planned.constraints.text.split() if word not in words)
    kept = structs.replace(planned.constraints, text=text)
    return replace(planned, constraints=kept, noted=(*planned.noted, f"{missing}, so that changes nothing."))


async def _is_called(catalogue: ProductCatalogue, thing: str) -> bool:
    """Tell whether some product is called so: one that just has it is another thing."""
    found = await searched(catalogue, Constraints(text=thing, in_stock=False), PageWish(1))
    called = {stem(word) for product in found.products for word in words_of(f"{product.name} {product.category}")}
    return bool(called) and called.issuperset(map(stem, words_of(thing)))


async def searched(catalogue: ProductCatalogue, wanted: Constraints, page: PageWish) -> Found:
    """Return what fits. Without a category the words name the thing: a product that lacks one of them is another thing.

    So a desk lamp is not found among the mice for a small desk.
    """
    found = await catalogue.search(wanted, page)
    return Found((), 0) if found.is_partial and wanted.category is None else found


async def _by_other_words(
    catalogue: ProductCatalogue, mind: AssistantMind, context: Context, wanted: Constraints, found: Found
) -> Found:
    """Return the richest of the searches by other words, if one is richer than what was found."""
    for text in (await mind.reword(CollectionQuestion(context, wanted)))[:_MOST_WORDINGS]:
        other = await searched(catalogue, structs.replace(wanted, text=text), PageWish(CANDIDATES))
        if other.total > found.total:
            found = structs.replace(other, corrected=text)
    return found


async def _why_nothing(catalogue: ProductCatalogue, wanted: Constraints, currency: str) -> tuple[Relaxation, ...]:
    """Return what to give up, that with most products first: never the words, where these name the thing."""
    # None is shown, so they come in the order that is found soonest.
    relaxations = relaxed(structs.replace(wanted, sort=Sort.BEST_RATED), currency)
    names_thing = bool(wanted.text) and wanted.category is None
    ways = tuple(
        (what, left) for what, left in relaxations if not left.tells_nothing and (left.text or not names_thing)
    )
    found = await asyncio.gather(*(searched(catalogue, left, PageWish(1)) for _, left in ways))
    told = [Relaxation(what, one.total) for (what, _), one in zip(ways, found, strict=True) if one.total]
    return tuple(sorted(told, key=lambda one: -one.total)[:_MOST_RELAXATIONS])
