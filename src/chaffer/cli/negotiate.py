"""`chaffer negotiate`: a scenario file played to its end, a progress line per room, the results as a table or JSON."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

from chaffer.cli.bodies import Body
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.playing import SIMULATION, Watched, board_of_session, open_session, stopped_on_interrupt, watch
from chaffer.cli.progress import Progress
from chaffer.cli.report import outcome_of_board, print_results, results_document
from chaffer.cli.terminal import out, print_json


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the caller wants to see: one JSON document, nothing at all, or tables."""

    as_json: bool = False
    quiet: bool = False


async def negotiate(scenario: Body, url: str | None, wanted: Wanted) -> Outcome:
    """Play the scenario, print its results, and return how it ended."""
    async with open_client(url) as client:
        opened = await open_session(client, scenario)
        session_id = str(opened["session_id"])
        board = await board_of_session(client, session_id)
        async with stopped_on_interrupt(client, board) if url is None else nullcontext():
            if not board.is_over:
                await client.post(f"{SIMULATION}/{session_id}/start")
            with Progress(board, silent=wanted.quiet) as progress:
                await watch(client, Watched(f"{SIMULATION}/{session_id}/stream"), progress)
        summary = await client.get(f"{SIMULATION}/{session_id}/summary")
    if wanted.as_json:
        print_json(results_document(session_id, board, summary))
    elif not wanted.quiet:
        print_results(board, out())
        out().print(f"Session {session_id}", style="dim")
    return outcome_of_board(board)
