"""The report of a session: what was bought, what not, what was saved, and each room's conversation in short."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chaffer.exports.room_export import RoomExport
from chaffer.exports.room_transcript import room_transcript
from chaffer.exports.transcript import Entry, Report, Table, Transcript, facts, moment
from chaffer.money import formatted, minor_from_number
from chaffer.negotiation.session import SessionOpened
from chaffer.negotiation.summary import BoughtItem, SessionSummary
from chaffer.plain_text import legible, shortened

_SHORT = 300
"""As much of a message stands in a report; the room's own export has all of it."""


def session_report(session: SessionOpened, summary: SessionSummary, rooms: Sequence[RoomExport]) -> Report:
    """Return the report of a session from its summary and the operator's view of its rooms."""
    currency, budget = summary.currency, summary.budget_summary
    times = [room.as_of for room in rooms if room.as_of is not None]
    deals = f"{summary.completed_purchases} of {summary.total_items_requested}"
    return Report(
        title=f"Purchases of {summary.buyer_name}",
        subtitle=f"Report of session {summary.session_id}",
        is_partial=bool(summary.open_items),
        as_of=max(times, default=session.opened_at),
        facts=facts(
            ("Opened", moment(session.opened_at)),
            ("Deals", deals),
            ("Budget", _money(budget.initial_budget, currency)),
            ("Spent", f"{_money(budget.total_spent, currency)} ({budget.utilization_percentage:g} %)"),
            ("Left", _money(budget.remaining, currency)),
            ("Saved against list prices", _money(budget.total_saved, currency)),
            ("Still negotiated", ", ".join(summary.open_items)),
            ("Messages", str(summary.negotiation_metrics.total_messages_exchanged)),
        ),
        tables=(_deals(summary), _not_bought(summary)),
        transcripts=tuple(_short(room_transcript(room)) for room in rooms),
    )


def _money(amount: float, currency: str) -> str:
    return formatted(minor_from_number(amount), currency)


def _deals(summary: SessionSummary) -> Table:
    head = ("Item", "Seller", "Quantity", "Unit price", "List price", "Total", "Saved", "Rounds")
    rows = tuple(_deal(bought, summary.currency) for bought in summary.purchases)
    return Table("Deals", head, rows, frozenset(range(2, 8)))


def _deal(bought: BoughtItem, currency: str) -> tuple[str, ...]:
    amounts = (bought.final_price_per_unit, bought.list_price_per_unit, bought.total_cost, bought.saved)
    return (
        bought.item_name,
        bought.selected_seller,
        str(bought.quantity),
        *(_money(amount, currency) for amount in amounts),
        str(bought.negotiation_rounds),
    )


def _not_bought(summary: SessionSummary) -> Table:
    rows = tuple(
        (item.item_name, item.status.replace("_", " "), item.reason, str(item.corrections))
        for item in summary.failed_items
    )
    return Table("Not bought", ("Item", "Status", "Why", "Corrections"), rows, frozenset({3}))


def _short(transcript: Transcript) -> Transcript:
    said = (entry for entry in transcript.entries if entry.speaker_id is not None)
    return replace(transcript, entries=tuple(_shortened(entry) for entry in said))


def _shortened(entry: Entry) -> Entry:
    return replace(entry, text=shortened(" ".join(legible(entry.text).split()), _SHORT))
