"""What most commands do: call the API once, and show its answer as it is (`--json`) or for people."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from chaffer.cli.client import Document, MarketClient, Page
from chaffer.cli.connection import open_client
from chaffer.cli.outcomes import Outcome
from chaffer.cli.terminal import out, print_json

Ask = Callable[[MarketClient], Awaitable[Document]]
Tell = Callable[[Document], None]


async def show_answer(url: str | None, ask: Ask, tell: Tell, *, as_json: bool) -> Outcome:
    """Call the API at `url`, or of this process, and print the answer; `tell` prints it for people."""
    async with open_client(url) as client:
        answer = await ask(client)
    show(answer, tell, as_json=as_json)
    return Outcome.DONE


def show(answer: Document, tell: Tell, *, as_json: bool) -> None:
    """Print an answer."""
    if as_json:
        print_json(answer)
    else:
        tell(answer)


def tell_more(answer: Document, command: str, page: Page, url: str | None) -> None:
    """Say how to come to the next page of a list, if there is one."""
    if answer.get("next_after"):
        out().print(f"More: chaffer {command} {page.next_options(answer['next_after'], url)}")
