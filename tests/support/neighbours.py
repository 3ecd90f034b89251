"""Two users of one program, one of whom has made things of every kind that an id can name."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

import httpx2

from chaffer.conversation.journal import Head
from chaffer.ledger.invoices import InvoiceWish
from tests.support.books import bought
from tests.support.callers import ASKS_FOR_TOKENS, bearer, calling
from tests.support.chatting import overheard as overheard_in_chat
from tests.support.chatting import told as chatted
from tests.support.markets import scenario
from tests.support.operations import Operation
from tests.support.server import LONGEST_SECONDS, Surface, opened, posted, surface
from tests.support.shop import LAPTOPS, furnish, laptop, overheard, said

CANARY: Final = "quokka"
"""A word that is in every text of the user who makes the things, and in no other."""

OF_SHOPPING: Final = ("/api/shopping/", "/api/sessions/")

# A quarter of an hour a letter: what is under way stays where it is, however long it is looked at.
_SLOW: Final[dict[str, Any]] = {"builtin_chars_per_second": 0.001, "lease_seconds": 300, **ASKS_FOR_TOKENS}


@dataclass(frozen=True, slots=True)
class Things:
    """What one user has made: ids by the parameter of a path that takes them, of what is over and logged first."""

    ids: Mapping[str, tuple[str, ...]]
    threads: tuple[str, ...]
    """The shopping sessions, whose parameter bears the name of the market's sessions."""

    def of(self, operation: Operation) -> Iterator[dict[str, str]]:
        """Yield the parameters of an operation's path, with every thing that they may name."""
        for chosen in product(*(operation.choices(name) or self.named(name, operation) for name in operation.names)):
            yield dict(zip(operation.names, chosen, strict=True))

    def named(self, name: str, operation: Operation) -> tuple[str, ...]:
        """Return the things that a parameter may name."""
        hint = f"{operation.path}: add what {{{name}}} names to `made_by`, and two users are tried on it"
        assert name in self.ids, hint
        if name == "session_id":
            is_shopping = operation.path.startswith(OF_SHOPPING)
            sessions = self.ids[name]
            return (*self.threads, sessions[0]) if is_shopping else (*sessions, self.threads[0])
        return self.ids[name]

    @property
    def all(self) -> tuple[str, ...]:
        """Return every id, but names of users."""
        return (*self.threads, *(one for name, ids in self.ids.items() if name != "user_id" for one in ids))


async def made_by(client: httpx2.AsyncClient, at: Surface) -> Things:
    """Make at least one of everything that an id of a path can name, with canaries in every text that a user gives.

    Add here what a new kind of thing needs, under the name of its parameter.
    """
    long = f"An item whose name is long {CANARY}"  # a room's id shows the first letters of it
    body = scenario()
    for item in [*body["buyer"]["shopping_list"], *(line for one in body["sellers"] for line in one["inventory"])]:
        item["item_name"] = f"{long} {item['item_name']}"
    for seller in body["sellers"]:
        seller["name"] = f"{seller['name']} {CANARY}"
    body["buyer"]["name"] = f"John {CANARY}"
    market, running = await opened(client, body), await opened(client, body)
    gone = await opened(client, body)
    for room in (market.room, running.room):
        await posted(client, f"{room}/start")
        await posted(client, f"{room}/message", {"message": f"How about {CANARY}?"})
    await posted(client, f"{market.room}/stop")
    (await client.delete(gone.session)).raise_for_status()
    assert (await client.get(f"/api/v1/logs/{gone.session_id}")).is_success, "its logs stay"
    runs = [await _run(client) for _ in range(2)]
    await posted(client, f"/api/run/{runs[0]}/stop")
    threads = await _threads(client, at)
    chats = await _chats(client)
    texts: dict[str, Any] = dict.fromkeys(("buyer_name", "seller_name", "item_name", "category"), f"The {CANARY}")
    invoices = [await bought(at, owner="ann", **texts) for _ in range(2)]
    heads = [await at.chaffer.journal.find(key) for key in (*running.rooms[:1], runs[1], *threads)]
    under_way = {"active", "running", "waiting", "answering"}
    assert {head.status for head in heads if head is not None} == under_way, "they are under way"
    return Things(
        {
            "session_id": (market.session_id, running.session_id, gone.session_id),
            "room_id": (*market.rooms, *running.rooms, *gone.rooms),
            "run_id": tuple(runs),
            "invoice_id": tuple(invoices),
            "conversation_id": chats,
            "user_id": ("ann",),
        },
        threads,
    )


async def _threads(client: httpx2.AsyncClient, at: Surface) -> tuple[str, ...]:
    """Begin two shopping sessions: one waits for an answer, in the other one is being said."""
    example = laptop("laptop-001", {"Bargain Barn": (1200, 5)})  # as the document's example orders it
    await furnish(at, (*LAPTOPS, example))
    patch = {"liked_brands": [CANARY], "required": [{"name": CANARY}]}
    (await client.patch("/api/users/ann/preferences", json=patch)).raise_for_status()
    waiting = await said(client, f"I want a laptop for my {CANARY}")
    assert waiting["status"] == "interrupted"
    return waiting["session_id"], await overheard(client, f"Thank you, dear {CANARY}!")


async def _chats(client: httpx2.AsyncClient) -> tuple[str, ...]:
    """Begin two conversations: one waits for an approval, in the other one a long answer is being said."""
    wish, history = f"Find me a laptop for my {CANARY}", [{"role": "user", "content": f"I keep a {CANARY}."}]
    waiting = await chatted(client, f"{wish} and haggle for it.")
    assert waiting["status"] == "needs_approval"
    return waiting["conversation_id"], await overheard_in_chat(client, f"{wish}.", history=history)


async def _run(client: httpx2.AsyncClient) -> str:
    bots = [{"name": f"{name} {CANARY}", "provider": "builtin", "prompt": f"You like {CANARY}s."} for name in "AB"]
    body = {"topic": f"Should a town keep a {CANARY}?", "max_turns": 4, "bots": bots}
    run = await posted(client, "/api/run", body)
    await posted(client, f"/api/run/{run['id']}/say", {"text": f"And the {CANARY}?", "name": "Zoë"})
    run_id: str = run["id"]
    return run_id


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A program that two users call, one of whom has made things."""

    at: Surface
    ann: httpx2.AsyncClient
    bob: httpx2.AsyncClient
    anns: Things


@asynccontextmanager
async def neighbours(folder: Path, *, durable: bool) -> AsyncIterator[Neighbours]:
    async with (
        surface(folder, durable=durable, **_SLOW) as at,
        calling(at.app, "ann") as ann,
        calling(at.app, "bob") as bob,
    ):
        yield Neighbours(at, ann, bob, await made_by(ann, at))


async def kept(both: Neighbours) -> list[Any]:
    """Return all that the program has of one user's things: in the journal, in memory, and as it shows them."""
    journal, heads = both.at.chaffer.journal, list[Head | None]()
    heads += [await journal.find(one) for one in both.anns.all]
    events = [[record.event for record in await journal.read(head.conversation_id)] for head in heads if head]
    calls, held = dict(both.at.chaffer.market.called_at), both.at.chaffer.engine.held
    logs = sorted((path.name, path.read_bytes()) for path in both.at.chaffer.settings.logs_dir.rglob("*.json"))
    taste = await both.at.chaffer.tastes.preferences("ann")
    invoices = await both.at.chaffer.books.of("ann").list_invoices(InvoiceWish())
    return [heads, events, calls, held, logs, taste, invoices]


async def knock(app: Any, path: str, subject: str) -> str:
    """Ask for a socket with that user's token, and return what came of it; an open one is closed at once."""
    headers = {"Host": "127.0.0.1", **bearer(subject)}
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "subprotocols": [],
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }
    coming: list[dict[str, Any]] = [{"type": "websocket.connect"}]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return coming.pop() if coming else {"type": "websocket.disconnect", "code": 1000}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async with asyncio.timeout(LONGEST_SECONDS):
        await app(scope, receive, send)
    if sent[0]["type"] == "websocket.accept":
        return "accepted"
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return f"{sent[0]['status']} {json.loads(body)['error']['code']}"
