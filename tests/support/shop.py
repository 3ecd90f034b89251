"""Shopping over HTTP for tests: a stocked shop, turns sync and streamed, and a reader that puts answers together."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
from msgspec.structs import replace

from chaffer.errors import Code
from chaffer.shopping.catalogue.products import Limits, Offer, Product, Stocked, in_order
from chaffer.shopping.catalogue.sample import sample_products
from tests.support.server import Surface, play, posted
from tests.support.streams import Event, Parser, Reader

SHOPPING: Final = "/api/shopping"
QUERY: Final = "I need a gaming laptop under $1500"
"""The specification's own."""

_SAMPLE, SELLERS = sample_products()
LAPTOPS: Final = tuple(stocked for stocked in _SAMPLE if stocked.product.category == "Laptops")


def laptop(product_id: str, offers: dict[str, tuple[float, int]], **changes: Any) -> Stocked:
    """Return a laptop at these prices and pieces by seller, who sell for two thirds of it at least."""
    asked = {seller: (round(price * 100), pieces) for seller, (price, pieces) in offers.items()}
    fields: dict[str, Any] = {
        "name": f"Laptop {product_id}",
        "brand": "Dell",
        "category": "Laptops",
        "description": "It computes.",
        "currency": "USD",
        "attributes": {"use": "gaming", "memory": "16 GB"},
        "offers": in_order(Offer(seller, price, pieces) for seller, (price, pieces) in asked.items()),
        "rating": 4.5,
        "reviews": 100,
    }
    limits = {seller: Limits(price // 2, price * 2 // 3) for seller, (price, _) in asked.items()}
    return Stocked(Product(product_id, **(fields | changes)), limits)


def sold_out(stocked: Stocked) -> Stocked:
    """Return a product that nobody has any more."""
    offers = tuple(replace(offer, pieces=0) for offer in stocked.product.offers)
    return Stocked(replace(stocked.product, offers=offers), stocked.limits)


async def furnish(at: Surface, products: Iterable[Stocked] = LAPTOPS) -> None:
    """Put products into the catalogue; they are the sample's laptops where none are named."""
    await at.chaffer.products.put(list(products), SELLERS)


def shop(folder: Path, case: Callable[[Surface], Awaitable[None]], **changes: Any) -> None:
    """Run a case against a program in this process whose catalogue has laptops."""

    async def furnished(at: Surface) -> None:
        await furnish(at)
        await case(at)

    play(folder, furnished, **changes)


async def said(client: httpx2.AsyncClient, query: str, **more: Any) -> dict[str, Any]:
    """Say something, and return the answer or the question that follows."""
    return await posted(client, SHOPPING, {"query": query, **more})


async def resumed(client: httpx2.AsyncClient, asked: dict[str, Any], user_input: str) -> dict[str, Any]:
    """Answer the question of a turn, and return what follows."""
    return await posted(client, f"{SHOPPING}/resume", reply_to(asked, user_input))


def reply_to(asked: dict[str, Any], user_input: str) -> dict[str, Any]:
    """Return the body that answers the question of a turn."""
    thread_id = asked["interrupt"]["thread_id"]
    return {"session_id": asked["session_id"], "thread_id": thread_id, "user_input": user_input}


async def haggled(client: httpx2.AsyncClient, session_id: str, product_id: str, **more: Any) -> dict[str, Any]:
    """Send a buyer to haggle, and return what was opened."""
    return await posted(client, f"{SHOPPING}/{session_id}/negotiate", {"product_id": product_id, **more})


def refused(answer: httpx2.Response, code: Code) -> str:
    """Check that an answer is a refusal of that kind, and return its message."""
    error = answer.json()["error"]
    assert error["code"] == code, answer.text
    message: str = error["message"]
    return message


def without_ids(result: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what is different in each session."""
    return {name: value for name, value in result.items() if name not in {"session_id", "message_id"}}


@dataclass
class Told:
    """What somebody knows who heeds every frame: the answer's text so far, answers, questions, and news."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    text: str = ""
    results: list[dict[str, Any]] = field(default_factory=list)
    questions: list[dict[str, Any]] = field(default_factory=list)
    news: list[dict[str, Any]] = field(default_factory=list)

    def take(self, frame: dict[str, Any]) -> None:
        """Heed a frame."""
        self.frames.append(frame)
        match frame["type"]:
            case "chunk":
                assert frame["content"]
                self.text += frame["content"]
            case "start" | "restart":
                self.text = ""
            case "complete":
                assert self.text == frame["result"]["message"], "a reader ends with exactly the message's text"
                self.results.append(frame["result"])
            case "interrupt":
                self.questions.append(frame)
            case "news":
                self.news.append(frame)
            case _:
                pass

    @property
    def types(self) -> list[str]:
        """Return the types of the frames, a row of chunks as one."""
        types = [frame["type"] for frame in self.frames]
        return [one for number, one in enumerate(types) if one != "chunk" or types[number - 1 : number] != ["chunk"]]

    @property
    def nodes(self) -> list[str]:
        """Return the nodes that were told."""
        return [frame["node"] for frame in self.frames if frame["type"] == "progress"]


@dataclass(slots=True)
class ShopReader(Reader):
    """A reader of a session's stream."""

    told: Told = field(default_factory=Told)

    def take(self, event: Event) -> None:
        """Note a frame as a client does."""
        Reader.take(self, event)
        assert event.name == "message", "frames are data alone"
        assert event.data.get("event_id") == event.id
        self.told.take(event.data)


def stream_of(session_id: str) -> str:
    """Return the path of a session's stream."""
    return f"{SHOPPING}/{session_id}/stream"


async def streamed(client: httpx2.AsyncClient, path: str, body: object, **headers: str) -> Told:
    """Post what is answered by a stream, and return what it told."""
    told, parser = Told(), Parser()
    async with client.stream("POST", path, json=body, headers={"Accept": "text/event-stream", **headers}) as answer:
        assert answer.is_success, await answer.aread()
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for chunk in answer.aiter_raw():
            for event in parser.feed(chunk):
                assert event.data.get("event_id") == event.id
                told.take(event.data)
    return told


async def overheard(client: httpx2.AsyncClient, query: str) -> str:
    """Say something and leave as soon as the assistant speaks; return the session, in which it goes on."""
    told, parser = Told(), Parser()
    async with client.stream("POST", f"{SHOPPING}/stream", json={"query": query}) as answer:
        async for chunk in answer.aiter_raw():
            for event in parser.feed(chunk):
                told.take(event.data)
            if told.text:
                break
    session_id: str = told.frames[0]["session_id"]
    return session_id
