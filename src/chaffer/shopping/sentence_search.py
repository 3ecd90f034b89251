"""A search by a sentence that stands alone, as in a search box: read as the assistant without a model reads a wish."""

from __future__ import annotations

import asyncio

from msgspec.structs import asdict, replace

from chaffer.shopping.catalogue.searching import Constraints, ProductCatalogue
from chaffer.shopping.context import context_of_sentence
from chaffer.shopping.events import Intent
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import Planned, PlanningQuestion
from chaffer.shopping.reading import made_ready, plan


async def read_sentence(given: Constraints, catalogue: ProductCatalogue, currency: str) -> Planned:
    """Return what `given.text` says as constraints; what else is given counts in place of what it says of the same."""
    vocabulary = await catalogue.vocabulary()
    await asyncio.to_thread(made_ready, vocabulary)
    context = context_of_sentence(given.text, vocabulary, Preferences(), currency)
    read = plan(PlanningQuestion(context, Intent.SEARCH))
    beside = {
        name: value for name, value in asdict(given).items() if name != "text" and value != getattr(Constraints(), name)
    }
    if given.needs:
        named = {need.name for need in given.needs}
        beside["needs"] = (*given.needs, *(need for need in read.constraints.needs if need.name not in named))
    return Planned(replace(read.constraints, **beside), read.noted)
