"""`chaffer status` and `chaffer me`: the health of the program and its providers, and who the caller is to it."""

from __future__ import annotations

from chaffer.cli.answers import show_answer
from chaffer.cli.client import Document, MarketClient
from chaffer.cli.outcomes import Outcome
from chaffer.cli.tables import print_fields, print_table


async def show_status(url: str | None, *, as_json: bool) -> Outcome:
    """Show the health, and each provider with its models."""
    return await show_answer(url, _ask_status, _tell_status, as_json=as_json)


async def _ask_status(client: MarketClient) -> Document:
    return {"health": await client.get("/api/v1/health"), "llm": await client.get("/api/v1/llm/status")}


def _tell_status(answer: Document) -> None:
    health, providers = answer["health"], answer["llm"]
    print_fields((("status", health["status"]), ("version", health["version"])))
    rows = (
        (name, "yes" if provider.get("available") else "no", provider.get("base_url"), provider.get("models") or [])
        for name, provider in providers.items()
        if isinstance(provider, dict)
    )
    print_table(("provider", "available", "address", "models"), rows, empty="There are no providers.")


async def show_me(url: str | None, *, as_json: bool) -> Outcome:
    """Show whom the caller is taken for, and the limits that hold for it."""
    return await show_answer(url, lambda client: client.get("/api/v1/me"), _tell_me, as_json=as_json)


def _tell_me(answer: Document) -> None:
    limits = ((name.replace("_", " "), _as_word(value)) for name, value in answer["limits"].items())
    print_fields((("mode", answer["mode"]), ("user", answer["user"]), *limits))


def _as_word(value: object) -> object:
    return ("yes" if value else "no") if isinstance(value, bool) else value
