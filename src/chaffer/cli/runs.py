"""What `chaffer runs` does: calls of the API, shown as they are (`--json`) or for people."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from chaffer.cli.answers import show_answer, tell_more
from chaffer.cli.client import Document, Page
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.tables import print_fields, print_table
from chaffer.cli.talking import RUN, Shown, follow
from chaffer.cli.terminal import out
from chaffer.plain_text import harmless, shortened

_TOPIC_SHOWN = 60


async def list_runs(url: str | None, page: Page, *, as_json: bool) -> Outcome:
    """List runs, newest first."""

    def tell(answer: Document) -> None:
        columns = ("run", "status", "created", "turns", "bots", "topic")
        print_table(columns, (_row(run) for run in answer["runs"]), empty="There are no runs.")
        tell_more(answer, "runs list", page, url)

    return await show_answer(url, lambda client: client.get("/api/runs", **page.query), tell, as_json=as_json)


def _row(run: Document) -> tuple[object, ...]:
    turns = f"{run['turns']} of {run['max_turns']}"
    topic = shortened(harmless(str(run["topic"])), _TOPIC_SHOWN)
    return run["id"], run["status"], run["created_at"], turns, [bot["name"] for bot in run["bots"]], topic


async def show_run(url: str | None, run_id: str, *, as_json: bool) -> Outcome:
    """Show where a run stands, and all that was said."""
    return await show_answer(url, lambda client: client.get(_path(run_id)), _tell, as_json=as_json)


def _tell(answer: Document) -> None:
    first, second = answer["bots"]
    print_fields(
        (
            ("run", answer["id"]),
            ("topic", answer["topic"]),
            ("status", answer["status"]),
            ("turns", f"{answer['turns']} of {answer['max_turns']}"),
            ("bot 0", _bot(first)),
            ("bot 1", _bot(second)),
            ("reason", answer["reason"]),
        )
    )
    for line in answer["transcript"]:
        out().print(f"{line['turn']:>3}  {harmless(str(line['name']))}: {harmless(str(line['content']))}")


def _bot(bot: Document) -> str:
    mind = str(bot["provider"]) if bot["model"] is None else f"{bot['provider']}:{bot['model']}"
    return f"{bot['name']} ({mind}, temperature {bot['temperature']}, revision {bot['revision']})"


async def follow_run(url: str | None, run_id: str, after: str | None, *, as_json: bool) -> Outcome:
    """Follow a run to its end."""
    async with open_client(url, recover=True) as client:
        await follow(client, quote(run_id, safe=""), Shown(as_json=as_json), after)
    return Outcome.DONE


async def stop_run(url: str | None, run_id: str, *, as_json: bool) -> Outcome:
    """End a run where it stands."""

    def tell(answer: Document) -> None:
        out().print(f"Run {answer['id']} is {answer['status']} after {answer['turns']} turns.")

    return await show_answer(url, lambda client: client.post(f"{_path(run_id)}/stop"), tell, as_json=as_json)


async def patch_run(url: str | None, run_id: str, index: int, changes: dict[str, Any], *, as_json: bool) -> Outcome:
    """Change a bot from its next turn on."""

    def tell(answer: Document) -> None:
        name, turn = harmless(str(answer["bot"]["name"])), answer["effective_turn"]
        out().print(f"{name} is changed (revision {answer['revision']}), from turn {turn} on.")

    path = f"{_path(run_id)}/bot/{index}"
    return await show_answer(url, lambda client: client.patch(path, changes), tell, as_json=as_json)


async def say_in_run(url: str | None, run_id: str, said: dict[str, str], key: str | None, *, as_json: bool) -> Outcome:
    """Put a sentence between the bots."""

    def tell(answer: Document) -> None:
        out().print(f"{harmless(str(answer['name']))} said it in turn {answer['turn']} ({answer['message_id']}).")

    path = f"{_path(run_id)}/say"
    return await show_answer(url, lambda client: client.post(path, said, key=key), tell, as_json=as_json)


async def delete_run(url: str | None, run_id: str, *, as_json: bool) -> Outcome:
    """Delete a run and all that was said."""

    def tell(answer: Document) -> None:
        out().print(f"Run {answer['id']} is deleted.")

    return await show_answer(url, lambda client: client.delete(_path(run_id)), tell, as_json=as_json)


def _path(run_id: str) -> str:
    return f"{RUN}/{quote(run_id, safe='')}"
