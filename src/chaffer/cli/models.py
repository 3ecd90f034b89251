"""`chaffer models`: which providers are set up, which answer, what they list, and what to do about those that fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chaffer.cli.answers import show
from chaffer.cli.client import Document
from chaffer.cli.connection import open_client
from chaffer.cli.environment import settings_here
from chaffer.cli.outcomes import Outcome, told_here
from chaffer.cli.tables import print_table
from chaffer.cli.terminal import out
from chaffer.errors import Code
from chaffer.plain_text import harmless
from chaffer.vendors import BUILTIN

MODELS_SHOWN: Final = 3


async def show_models(url: str | None, *, as_json: bool) -> Outcome:
    """Show what `/api/v1/llm/status` answers: of the server at `url`, or without one of this machine's own settings."""
    show(await _of_server(url) if url is not None else await _of_this_machine(), _tell, as_json=as_json)
    return Outcome.DONE


def _tell(document: Document) -> None:
    told = {name: status for name, status in document.items() if isinstance(status, dict)}
    columns = ("provider", "state", "address", "models", "count")
    print_table(columns, (_row(name, status) for name, status in told.items()), empty="There are no providers.")
    for line in _remedies(told):
        out().print(line)


async def _of_server(url: str) -> Document:
    async with open_client(url) as client:
        return await client.get("/api/v1/llm/status")


async def _of_this_machine() -> Document:
    """Return what the providers answer now; no database is opened for it."""
    from chaffer.bootstrap import open_models  # noqa: PLC0415  It takes a second that a remote call need not pay.
    from chaffer.llm.status_document import status_document  # noqa: PLC0415

    async with open_models(settings_here()) as models:
        return status_document(await models.statuses())


def _row(name: str, status: Mapping[str, Any]) -> tuple[object, ...]:
    if name == BUILTIN:
        return (name, "always there", None, "rules, no model", None)
    models = [str(model) for model in status.get("models") or ()]
    shown = models[:MODELS_SHOWN] + (["…"] if len(models) > MODELS_SHOWN else [])
    return (name, _state(status), status.get("base_url"), shown, len(models) if status.get("available") else None)


def _state(status: Mapping[str, Any]) -> str:
    if status.get("available"):
        return "answers"
    return "not set up" if _fault(status).get("code") == Code.LLM_PROVIDER_DISABLED else "does not answer"


def _remedies(told: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield what to do about each provider that cannot be asked, behind an empty line."""
    faults = {name: _fault(status).get("message") for name, status in told.items()}
    lines = [f"{harmless(name)}: {told_here(str(message))}" for name, message in faults.items() if message]
    if lines:
        yield ""
    yield from lines


def _fault(status: Mapping[str, Any]) -> Mapping[str, Any]:
    fault = status.get("error")
    return fault if isinstance(fault, dict) else {}
