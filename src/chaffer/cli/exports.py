"""What `chaffer export` does: finds out whose id it is, and writes the file that the API answers."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from chaffer.cli.client import MarketClient
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import NEGOTIATION, SIMULATION
from chaffer.cli.terminal import err
from chaffer.errors import ChafferError, Code, Detail

RUNS: Final = "/api/export"
CONVERSATIONS: Final = "/api/conversations"

_TEXT: Final = "md"
_REPORT: Final = "pdf"
_MISSING: Final = frozenset(
    {Code.ROOM_NOT_FOUND, Code.RUN_NOT_FOUND, Code.CONVERSATION_NOT_FOUND, Code.SESSION_NOT_FOUND}
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be exported, in which format, None for the usual one, and with whose eyes, None for the operator's."""

    id: str
    form: str | None = None
    agent: str | None = None

    def paths(self) -> Iterator[str]:
        """Yield where such an id may be found: ids do not tell whose they are."""
        named, form = quote(self.id, safe=""), self.form or _TEXT
        yield f"{NEGOTIATION}/{named}/export.{form}"
        if self.agent is None:
            yield f"{RUNS}/{named}.{form}"
            yield f"{CONVERSATIONS}/{named}/export.{form}"
            yield f"{SIMULATION}/{named}" + ("/report.pdf" if self.form in {None, _REPORT} else "")


async def export_to(url: str | None, wish: Wish, out: str) -> Outcome:
    """Write an export to a file or to standard output. Raises what the last place says where none knows the id."""
    async with open_client(url) as client:
        path, content = await _fetch(client, wish)
    return await save(content, out, is_pdf=path.endswith(".pdf"))


async def save(content: bytes, out: str, *, is_pdf: bool) -> Outcome:
    """Write a file, or with `-` to standard output, but no PDF to a terminal. Raises VALIDATION_ERROR naming --out."""
    if out == "-":
        if is_pdf and sys.stdout.isatty():
            message = "A PDF is nothing for a terminal: name a file with --out."
            raise ChafferError(Code.VALIDATION_ERROR, message, details=(Detail("--out", "must name a file"),))
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return Outcome.DONE
    try:
        await asyncio.to_thread(Path(out).write_bytes, content)
    except OSError as fault:
        message = f"{out} could not be written: {fault.strerror}. Name another file with --out."
        raise ChafferError(Code.VALIDATION_ERROR, message, details=(Detail("--out", "cannot be written"),)) from None
    err().print(f"Wrote {out} ({len(content):,} bytes).")
    return Outcome.DONE


async def _fetch(client: MarketClient, wish: Wish) -> tuple[str, bytes]:
    """Return where the id was found, and the file."""
    for path in wish.paths():
        try:
            content = await client.download(path, agent_id=wish.agent)
        except ChafferError as error:
            if error.code not in _MISSING:
                raise
        else:
            if path.startswith(SIMULATION) and not path.endswith(".pdf"):
                message = f"{wish.id} is a session: its report is a PDF. Use --format pdf, or name one of its rooms."
                raise ChafferError(Code.VALIDATION_ERROR, message, details=(Detail("--format", "must be pdf"),))
            return path, content
    message = (
        f"There is no room, run, conversation or session {wish.id!r} here. `chaffer sessions list` lists the sessions."
    )
    raise ChafferError(Code.NOT_FOUND, message)
