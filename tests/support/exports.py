"""Exports for tests: rooms with what is said in them chosen by the test, and readers of the files."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pypdf import PdfReader

from chaffer.conversation.journal import Recorded
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.conversation.views import OPERATOR, Viewer, view_for
from chaffer.dialogue.events import Bot, BotPatched, Cut, PersonSpoke, RunEnded, RunStarted, RunStatus, TurnSpoken
from chaffer.dialogue.visibility import run_sight
from chaffer.exports.csv_text import csv_bytes
from chaffer.exports.json_text import json_bytes
from chaffer.exports.markdown import markdown_of
from chaffer.exports.pdf import pdf_of
from chaffer.exports.room_export import ROOM_EXPORT, RoomExport, room_export
from chaffer.exports.room_transcript import OFFER_COLUMNS, offer_rows, room_transcript
from chaffer.exports.run_export import RunExport, run_export
from chaffer.negotiation.events import BuyerSpoke, NegotiationStarted, Offer, RoomOpened, RoundStarted, SellerReplied
from chaffer.negotiation.terms import RoomTerms
from chaffer.negotiation.visibility import RoomSight
from tests.support.markets import BUILTIN, START, terms


def recorded(*events: Any) -> list[Recorded]:
    """Return events as records, a second apart."""
    return [Recorded(place, START + timedelta(seconds=place), event) for place, event in enumerate(events, 1)]


def room_saying(*texts: str, conditions: str | None = None, room: RoomTerms | None = None) -> list[Recorded]:
    """Return the records of an open room in which buyer and first seller say these texts in turn."""
    held = room or terms()
    seller_id = held.sellers[0].seller_id
    said: list[Any] = []
    for turn, text in enumerate(texts, 1):
        if turn % 2:
            said.append(BuyerSpoke(f"m{turn}", turn, 1, text, (), tuple(held.names), 50_000))
        else:
            said.append(SellerReplied(f"m{turn}", turn, 1, seller_id, text, Offer(99_950, 2, conditions, 5), turn - 1))
    began = NegotiationStarted(START, START + timedelta(minutes=10))
    return recorded(RoomOpened(held), began, RoundStarted(1, 140_000, 300_000), *said)


def exported(records: Sequence[Recorded], room: RoomTerms | None = None, viewer: Viewer = OPERATOR) -> RoomExport:
    """Return the export of a room as a viewer sees it."""
    held = room or terms()
    return room_export(held, viewer, view_for(viewer, records, RoomSight(held)))


def all_texts(export: RoomExport) -> dict[str, str]:
    """Return a room's export in each format, as text."""
    transcript = room_transcript(export)
    return {
        "json": json_bytes(ROOM_EXPORT, export).decode(),
        "md": markdown_of(transcript).decode(),
        "csv": csv_bytes(OFFER_COLUMNS, offer_rows(export)).decode("utf-8-sig"),
        "pdf": text_of_pdf(pdf_of(transcript)),
    }


def text_of_pdf(content: bytes) -> str:
    """Return the text of all pages."""
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file by column."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def run_records(*, ended: bool = True) -> list[Recorded]:
    """Return the records of a run of three turns with a patch and a person's sentence."""
    ada, ben = Bot("Ada", "You love books.", BUILTIN), Bot("Ben", "You love water.", BUILTIN)
    making = Making("openai", "gpt-5", 1, 0.5, 0.1, 11, 22, 330)
    colder = Bot("Benjamin", "You love ice.", ModelChoice("builtin", None, 0.1, 500))
    events: list[Any] = [
        RunStarted("01938f6e-7a2b-7c11-9d7e-2f6d0a3b4c5d", "ann", "Library or pool?", 3, (ada, ben), 7, START),
        TurnSpoken(0, 0, "m0", "A library!", 1, making),
        BotPatched(1, 1, 3, colder),
        TurnSpoken(1, 1, "m1", "A pool!", 1, making, Cut.LENGTH),
        PersonSpoke("m2", "Eve", "Both?", 2),
        TurnSpoken(2, 0, "m3", "=2+2 books", 1, making),
    ]
    end = [RunEnded(RunStatus.COMPLETED, "All 3 turns were spoken.", 3)] if ended else []
    return recorded(*events, *end)


def exported_run(*, ended: bool = True) -> RunExport:
    """Return the export of that run."""
    return run_export(view_for(OPERATOR, run_records(ended=ended), run_sight))
