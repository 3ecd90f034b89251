"""Two-agent runs for tests: a small one, a mind that speaks as the test says, and a reader that puts texts together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from chaffer.conversation.keys import GivenKey
from chaffer.conversation.minds import Making, ModelChoice
from chaffer.conversation.policy import Voice
from chaffer.dialogue.events import RUN, Bot
from chaffer.dialogue.questions import SpeakerTurn, Spoken
from chaffer.dialogue.rules import Run
from chaffer.dialogue.running import RunFlow
from chaffer.errors import ChafferError, Code
from tests.support.server import Surface, posted
from tests.support.standin import MODEL
from tests.support.streams import Event, Reader

TOPIC: Final = "Is tea better than coffee?"
WORDS: Final = "Let me think about it for a while, and then say in many words what there is to say about all of that."


def plan(**changes: Any) -> dict[str, Any]:
    """Return the body of a run of two built-in speakers; `bots` may be two mappings of what differs."""
    changed = changes.pop("bots", ({}, {}))
    named = ({"name": "Ada", "prompt": "You love tea."}, {"name": "Ben", "prompt": "You love coffee."})
    bots = [{"provider": "builtin", **bot, **differs} for bot, differs in zip(named, changed, strict=True)]
    return {"topic": TOPIC, "max_turns": 4, "seed": 7, "bots": bots, **changes}


def plan_of_models(**changes: Any) -> dict[str, Any]:
    """Return the body of a run of two models, for whom a stand-in speaks."""
    body = plan(**changes)
    return {**body, "bots": [{**bot, "provider": "lm_studio", "model": MODEL} for bot in body["bots"]]}


async def begun(client: httpx2.AsyncClient, body: dict[str, Any] | None = None, **changes: Any) -> str:
    """Begin a run, and return its path."""
    run = await posted(client, "/api/run", body or plan(**changes))
    return f"/api/run/{run['id']}"


def stream_of(run: str) -> str:
    """Return the path of a run's stream."""
    return run.replace("/api/run/", "/api/stream/")


@dataclass
class Mouth:
    """A mind of all bots that says what it is given, when it is given: pieces of text, None for a new attempt.

    A turn ends with an empty text, and breaks with an error.
    """

    given: asyncio.Queue[str | ChafferError | None] = field(default_factory=asyncio.Queue)
    asked: list[SpeakerTurn] = field(default_factory=list)
    heard: list[tuple[str, ...]] = field(default_factory=list)
    left: int = 0

    def serve(self, at: Surface) -> Mouth:
        """Speak for all bots of runs that are begun from now on."""
        at.chaffer.engine.serve(RUN, RunFlow(self))
        return self

    def say(self, *pieces: str | ChafferError | None) -> None:
        """Say these, one after another."""
        for piece in pieces:
            self.given.put_nowait(piece)

    async def speaker(self, run: Run, index: int, bot: Bot) -> Mouth:
        """Return the mind of a bot."""
        del run, index, bot
        return self

    async def check(self, mind: ModelChoice, key: str | None) -> None:
        """Find nothing wrong."""
        del mind, key

    async def kept_key(self, session_id: str, mind: ModelChoice) -> str | None:
        """Return None: it needs no key."""
        del session_id, mind
        return None

    def keep(self, session_id: str, keys: Sequence[GivenKey]) -> tuple[()]:
        """Keep nothing."""
        del session_id, keys
        return ()

    def forget(self, session_id: str) -> None:
        """Forget nothing."""

    async def ask(self, question: SpeakerTurn, voice: Voice) -> Spoken:
        """Speak a turn."""
        self.asked.append(question)
        self.heard.append(tuple(line.text for line in question.heard()))
        text = ""
        try:
            while piece := await self._next(voice):
                text = "" if piece == "\0" else text + piece
            return Spoken(text, Making("mouth", "mouth", 1, 0.0))
        finally:
            self.left += 1

    async def _next(self, voice: Voice) -> str:
        piece = await self.given.get()
        if isinstance(piece, ChafferError):
            raise piece
        if piece is None:
            voice.restart()
            return "\0"
        if piece:
            voice.say(0, piece)
            await asyncio.sleep(0)
        return piece


@dataclass
class Told:
    """What somebody knows who heeds every frame: each turn's text, which turns are whole, and how it ended."""

    frames: list[dict[str, Any]] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    whole: list[int] = field(default_factory=list)
    status: str | None = None

    def take(self, frame: dict[str, Any]) -> None:
        """Heed a frame."""
        self.frames.append(frame)
        assert self.status is None, "nothing follows `done`"
        match frame["type"]:
            case "token":
                assert frame["turn"] == len(self.whole), "one speaks at a time"
                assert frame["role"] == f"bot{frame['turn'] % 2}"
                assert frame["delta"]
                self.texts[frame["turn"]] = self.texts.get(frame["turn"], "") + frame["delta"]
            case "restart":
                self.texts.pop(frame["turn"])
            case "turn_complete":
                assert frame["turn"] == len(self.whole)
                self.whole.append(frame["turn"])
            case "reset":
                said = [line for line in frame["run"]["transcript"] if line["role"] != "person"]
                self.texts = {line["turn"]: line["content"] for line in said}
                self.whole = list(self.texts)
            case "done":
                self.status = frame["status"]
            case _:
                pass

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the frames of that type."""
        return [frame for frame in self.frames if frame["type"] == name]

    @property
    def types(self) -> list[str]:
        """Return the types of the frames, a row of tokens as one."""
        types = [frame["type"] for frame in self.frames]
        return [one for number, one in enumerate(types) if one != "token" or types[number - 1 : number] != ["token"]]


@dataclass(slots=True)
class RunReader(Reader):
    """A reader of a run's stream."""

    told: Told = field(default_factory=Told)

    def take(self, event: Event) -> None:
        """Note a frame as a client does."""
        Reader.take(self, event)
        assert event.name == "message", "frames are data alone"
        assert event.data.get("event_id") == event.id
        self.told.take(event.data)


async def said_in(client: httpx2.AsyncClient, run: str) -> dict[int, str]:
    """Return what the bots have said, by turn, as the run's state has it."""
    answer = await client.get(run)
    assert answer.is_success, answer.text
    return {line["turn"]: line["content"] for line in answer.json()["transcript"] if line["role"] != "person"}


def refused(answer: httpx2.Response, code: Code, status: int = 400) -> list[str]:
    """Check that an answer is a refusal of that kind, and return the fields that it names."""
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    return [detail["field"] for detail in answer.json()["error"]["details"]]


async def ended(at: Surface, run: str) -> RunReader:
    """Follow a run to its end, and return the reader that did."""
    reader = RunReader(at.client, stream_of(run))
    await asyncio.wait_for(reader.read(), 30)
    assert reader.told.status is not None
    return reader
