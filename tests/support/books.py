"""The books for tests: purchases that are made without a negotiation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx2

from chaffer.ids import new_id
from tests.contract.stores import account, purchase
from tests.support.server import Surface, got

INVOICES = "/api/v1/invoices"
PURCHASES = "/api/v1/purchases"
SPENDING = "/api/v1/spending"


async def bought(at: Surface, *, on: datetime | None = None, **changes: Any) -> str:
    """Commit a purchase in a session of its own, with these changes, and return the id of its invoice."""
    session_id, invoice_id, when = new_id(), new_id(), on or at.chaffer.now()
    named = {"session_id": session_id, "invoice_id": invoice_id, "purchase_id": new_id(), "purchased_at": when}
    made = purchase(f"room_{session_id}", seen=100_000_000, **{**named, **changes})
    await at.chaffer.journal.create([], when, [account(session_id, budget=100_000_000, pieces=1_000), made])
    return invoice_id


async def listed(client: httpx2.AsyncClient, **wish: str) -> list[str]:
    """Return the ids of the invoices that a list shows, page by page."""
    ids, after = list[str](), dict[str, str]()
    while True:
        page = await got(client, INVOICES, **wish, **after)
        ids += [invoice["id"] for invoice in page["invoices"]]
        if page["next_after"] is None:
            return ids
        after = {"after": page["next_after"]}
