"""Exports as files: one call a kind of conversation, in any of the formats. The same view gives the same bytes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final, assert_never

from chaffer.exports.chat_export import CHAT_EXPORT, ChatExport
from chaffer.exports.chat_transcript import CHAT_COLUMNS, chat_rows, chat_transcript
from chaffer.exports.csv_text import csv_bytes
from chaffer.exports.json_text import json_bytes
from chaffer.exports.markdown import markdown_of
from chaffer.exports.room_export import ROOM_EXPORT, RoomExport
from chaffer.exports.room_transcript import OFFER_COLUMNS, offer_rows, room_transcript
from chaffer.exports.run_export import RUN_EXPORT, RunExport
from chaffer.exports.run_transcript import MESSAGE_COLUMNS, message_rows, run_transcript
from chaffer.exports.transcript import Report, Transcript
from chaffer.ledger.invoices import Invoice


class Format(StrEnum):
    """The forms of an export, by the ending of its file."""

    JSON = "json"
    MARKDOWN = "md"
    CSV = "csv"
    PDF = "pdf"


MEDIA_TYPES: Final = {
    Format.JSON: "application/json",
    Format.MARKDOWN: "text/markdown; charset=utf-8",
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.PDF: "application/pdf",
}

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_\-]")
_LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class ExportFile:
    """An export as a file; its name is safe on every system."""

    name: str
    media_type: str
    content: bytes


async def room_file(export: RoomExport, form: Format) -> ExportFile:
    """Return a room's export as a file. It is made in a thread, so that nobody waits for it."""
    return await _made(f"negotiation-{export.room_id}", form, lambda: _room_bytes(export, form))


async def run_file(export: RunExport, form: Format) -> ExportFile:
    """Return a run's export as a file. It is made in a thread, so that nobody waits for it."""
    return await _made(f"run-{export.id}", form, lambda: _run_bytes(export, form))


async def chat_file(export: ChatExport, form: Format) -> ExportFile:
    """Return a conversation's export as a file. It is made in a thread, so that nobody waits for it."""
    return await _made(f"conversation-{export.id}", form, lambda: _chat_bytes(export, form))


async def report_file(report: Report, session_id: str) -> ExportFile:
    """Return a session's report as a file. It is made in a thread, so that nobody waits for it."""
    return await _made(f"session-{session_id}", Format.PDF, lambda: _report_bytes(report))


async def invoice_file(invoice: Invoice) -> ExportFile:
    """Return an invoice as a file. It is made in a thread, so that nobody waits for it."""
    return await _made(f"invoice-{invoice.number}", Format.PDF, lambda: _invoice_bytes(invoice))


async def _made(name: str, form: Format, make: Callable[[], bytes]) -> ExportFile:
    place = _press() if form is Format.PDF else None
    content = await asyncio.get_running_loop().run_in_executor(place, make)
    return ExportFile(f"{_UNSAFE.sub('_', name)[:_LONGEST_NAME]}.{form}", MEDIA_TYPES[form], content)


@cache
def _press() -> ThreadPoolExecutor:
    """Return the one thread that makes PDFs: several at a time would take the processor from the rooms."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="pdf")


def _room_bytes(export: RoomExport, form: Format) -> bytes:
    match form:
        case Format.JSON:
            return json_bytes(ROOM_EXPORT, export)
        case Format.CSV:
            return csv_bytes(OFFER_COLUMNS, offer_rows(export))
        case Format.MARKDOWN:
            return markdown_of(room_transcript(export))
        case Format.PDF:
            return _pdf_bytes(room_transcript(export))
        case _:
            assert_never(form)


def _run_bytes(export: RunExport, form: Format) -> bytes:
    match form:
        case Format.JSON:
            return json_bytes(RUN_EXPORT, export)
        case Format.CSV:
            return csv_bytes(MESSAGE_COLUMNS, message_rows(export))
        case Format.MARKDOWN:
            return markdown_of(run_transcript(export))
        case Format.PDF:
            return _pdf_bytes(run_transcript(export))
        case _:
            assert_never(form)


def _chat_bytes(export: ChatExport, form: Format) -> bytes:
    match form:
        case Format.JSON:
            return json_bytes(CHAT_EXPORT, export)
        case Format.CSV:
            return csv_bytes(CHAT_COLUMNS, chat_rows(export))
        case Format.MARKDOWN:
            return markdown_of(chat_transcript(export))
        case Format.PDF:
            return _pdf_bytes(chat_transcript(export))
        case _:
            assert_never(form)


def _pdf_bytes(transcript: Transcript) -> bytes:
    from chaffer.exports.pdf import pdf_of  # noqa: PLC0415  Fonts and all: only who asks for a PDF pays for it.

    return pdf_of(transcript)


def _report_bytes(report: Report) -> bytes:
    from chaffer.exports.pdf import pdf_of_report  # noqa: PLC0415

    return pdf_of_report(report)


def _invoice_bytes(invoice: Invoice) -> bytes:
    from chaffer.exports.invoice_pdf import pdf_of_invoice  # noqa: PLC0415

    return pdf_of_invoice(invoice)
