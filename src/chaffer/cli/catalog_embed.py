"""What `chaffer catalog embed` does: makes vectors of the products that have none yet, or have changed since."""

from __future__ import annotations

import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from chaffer.cli.environment import settings_here
from chaffer.cli.outcomes import Outcome
from chaffer.cli.terminal import err, is_terminal, out, print_json
from chaffer.conversation.codec import Codec
from chaffer.errors import ChafferError, Code, Detail
from chaffer.llm.caps import Caps
from chaffer.llm.embeddings import Embeddings
from chaffer.llm.product_meanings import Step, embedded
from chaffer.model_settings import embeddings_of, limits_of
from chaffer.storage.memory import MemoryStore
from chaffer.storage.opening import open_store
from chaffer.storage.sql import SqlStore


async def embed_catalogue(*, as_json: bool) -> Outcome:
    """Embed what is new or changed. Raises VALIDATION_ERROR where no endpoint is set, and the endpoint's faults."""
    settings = settings_here()
    async with AsyncExitStack() as stack:
        store = await open_store(settings.store_url, Codec(()))
        stack.push_async_callback(store.close)
        caps = Caps(limits_of(settings), store, lambda: datetime.now(UTC))
        stack.push_async_callback(caps.aclose)
        embeddings = embeddings_of(settings, caps)
        if embeddings is None:
            message = "No endpoint makes vectors here: set EMBEDDINGS_BASE_URL and EMBEDDINGS_MODEL."
            raise ChafferError(Code.VALIDATION_ERROR, message, details=(Detail("EMBEDDINGS_BASE_URL", "is missing"),))
        stack.push_async_callback(embeddings.aclose)
        done = await _embed(store, embeddings)
    if as_json:
        print_json({"model": embeddings.model, "products": done.seen, "embedded": done.embedded})
    else:
        out().print(f"{done.embedded:,} of {done.seen:,} products embedded; the others were as they are.")
    return Outcome.DONE


async def _embed(store: SqlStore | MemoryStore, embeddings: Embeddings) -> Step:
    """Embed, and show on a terminal how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    total = (await store.products.stats()).products
    done = Step(0, 0)
    with Progress(
        *columns, TimeRemainingColumn(), console=err(), transient=True, disable=not is_terminal(sys.stderr)
    ) as bar:
        task = bar.add_task(embeddings.model, total=total)
        async for done in embedded(store.products, store.vectors, embeddings):
            bar.update(task, completed=done.seen, description=f"{done.embedded:,} products embedded")
    return done
