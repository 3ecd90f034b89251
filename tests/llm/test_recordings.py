"""What is recorded can be read and played again; keys are never in it, and a prompt that changed is noticed."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
import pytest

from chaffer.errors import ChafferError, Code
from chaffer.llm.exchanges import question_of
from chaffer.llm.faults import Callee, ModelFaultError, PromptTooLongError
from chaffer.llm.provider import Timeouts
from chaffer.llm.recordings import Recorded, Recorder
from chaffer.llm.replay import NotRecordedError, Recordings, Replay
from chaffer.llm.requests import (
    Account,
    Ending,
    Finish,
    Item,
    ModelRequest,
    ReplyFormat,
    Said,
    Tool,
    ToolCall,
    ToolResult,
    ToolsCalled,
    Usage,
)
from chaffer.negotiation.events import BuyerSpoke, OfferCorrected, SellerReplied
from tests.support.model_markets import play
from tests.support.recorded_markets import THREE_SELLERS, play_again, steady
from tests.support.standin_scripts import haggles
from tools.documents.recording_schema import recording_schema, recording_schema_text
from tools.environment import ROOT

AT: Final = datetime(2026, 1, 1, tzinfo=UTC)
KEY: Final = "sk-KEY-CANARY-51f0"
CALLEE: Final = Callee("openai", "m", "Wait.", Timeouts())
CALL: Final = ToolCall("call_0", "look_up", '{"q": "Käse"}')
ENDING: Final = Ending(Finish.TOOLS, "m-2026", Usage(10, 5, 2, 17), 1.25, 0.5)
REQUEST: Final = ModelRequest(
    model="m",
    messages=(
        Said("user", "Wie viel?\nBitte 😀."),
        ToolsCalled((CALL,), "One moment."),
        ToolResult("call_0", "nothing", failed=True),
    ),
    max_tokens=500,
    system="You sell.\nBe kind.",
    temperature=1,
    reply_format=ReplyFormat("offer", {"type": "object", "required": ("price",)}),
    tools=(Tool("look_up", "Looks something up.", {"type": "object"}),),
    key=KEY,
    account=Account("01a1-session", "room_1"),
)
DELTAS: Final = ("Ein ", "halbes \ud83d", "\ude00 Zei", "chen", CALL, " und mehr", " allein \udfff")


@dataclass
class Scripted:
    """A provider that answers what it was given, once each; exceptions are raised."""

    answers: list[Sequence[Item | Exception]]
    name: str = "openai"
    base_url: str = "http://127.0.0.1"
    remedy: str = "Wait."
    lists_all: bool = False

    async def models(self, key: str | None = None) -> Sequence[str]:
        assert key is None or key == KEY
        return ("m",)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        assert request.key in {KEY, None}
        for item in self.answers.pop(0):
            if isinstance(item, Exception):
                raise item
            yield item

    async def aclose(self) -> None:
        return


def record(folder: Path, *answers: Sequence[Item | Exception], request: ModelRequest = REQUEST, most: int = 99) -> None:
    """Record these answers to one request, of each at most so many items."""

    async def case() -> None:
        recorder = Recorder(folder, lambda: AT)
        provider = Recorded(Scripted(list(answers)), recorder)
        for _ in answers:
            await _read(provider.stream(request), most)
        await recorder.aclose()

    asyncio.run(case())


async def _read(items: AsyncGenerator[Item, None], most: int = 99) -> list[Item | ChafferError]:
    came: list[Item | ChafferError] = []
    try:
        async with aclosing(items):
            async for item in items:
                came.append(item)
                if len(came) >= most:
                    break
    except ChafferError as fault:
        came.append(fault)
    return came


def replayed(folder: Path, request: ModelRequest = REQUEST, times: int = 1) -> list[list[Item | ChafferError]]:
    async def case() -> list[list[Item | ChafferError]]:
        replay = Replay(Recordings(folder), "openai")
        return [await _read(replay.stream(request)) for _ in range(times)]

    return asyncio.run(case())


def lines(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def test_a_reply_is_replayed_delta_by_delta(tmp_path: Path) -> None:
    record(tmp_path, [*DELTAS, ENDING])
    [came] = replayed(tmp_path)
    assert came == [*DELTAS[:-1], " allein \ufffd", ENDING], "only half a character that stays alone is replaced"


def test_a_line_is_readable_and_says_what_was_asked_and_answered(tmp_path: Path) -> None:
    record(tmp_path, [*DELTAS[:4], ENDING])
    [file] = tmp_path.iterdir()
    assert file.name == "session_01a1-session.jsonl"
    text = file.read_text(encoding="utf-8")
    assert "Ein halbes 😀 Zeichen" in text
    assert "Bitte 😀." in text
    [line] = lines(tmp_path)
    assert (line["schema_version"], line["at"], line["provider"]) == (1, "2026-01-01T00:00:00Z", "openai")
    assert (line["session_id"], line["room_id"], line["fault"]) == ("01a1-session", "room_1", None)
    assert line["ending"]["usage"] == {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "cached_tokens": 2,
        "cost_micros": 17,
    }
    assert [length for _, length in line["reply"][0]["deltas"]] == [4, 8, 5, 4]


def test_a_key_is_in_no_recording(tmp_path: Path) -> None:
    record(tmp_path, ["Hello", ENDING], [CALLEE.refused(401, {}, KEY.encode())], [CALLEE.broke_off()])
    for file in tmp_path.iterdir():
        assert KEY not in file.read_text(encoding="utf-8")
    assert len(list(lines(tmp_path))) == 3


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    record(tmp_path / "new", ["Hello", ENDING])
    [file] = (tmp_path / "new").iterdir()
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_what_belongs_to_no_session_is_in_the_file_of_the_process(tmp_path: Path) -> None:
    record(tmp_path, ["Hello", ENDING], request=replace(REQUEST, account=None))
    assert [file.name for file in tmp_path.iterdir()] == [f"process_20260101T000000_{os.getpid()}.jsonl"]


def test_the_name_of_a_session_leads_to_no_other_folder(tmp_path: Path) -> None:
    record(tmp_path / "in", ["Hello", ENDING], request=replace(REQUEST, account=Account("../../x", "room")))
    assert [file.name for file in (tmp_path / "in").iterdir()] == ["session_______x.jsonl"]


FAULTS: Final[list[ModelFaultError]] = [
    CALLEE.refused(429, {"retry-after": "7"}, b""),
    CALLEE.unreachable(),
    CALLEE.too_long(),
    CALLEE.broke_off(),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: str(fault.code))
def test_a_fault_is_replayed_as_it_was(fault: ModelFaultError, tmp_path: Path) -> None:
    record(tmp_path, ["Hel", fault])
    [[text, again]] = replayed(tmp_path)
    assert text == "Hel"
    assert isinstance(again, ModelFaultError)
    assert (type(again), again.code, again.message) == (type(fault), fault.code, fault.message)
    assert (again.is_transient, again.is_of_host) == (fault.is_transient, fault.is_of_host)
    assert again.retry_after_seconds is None, "nobody is there who would need the time"
    assert isinstance(again, PromptTooLongError) == ("does not fit" in fault.message)


def test_what_was_not_even_sent_is_not_recorded(tmp_path: Path) -> None:
    record(tmp_path, [ChafferError(Code.LLM_PROVIDER_DISABLED, "openai needs a key.")])
    assert list(tmp_path.iterdir()) == []


def test_where_a_reader_left_the_replay_breaks_off(tmp_path: Path) -> None:
    record(tmp_path, ["One", "two", "three", ENDING], most=2)
    [line] = lines(tmp_path)
    assert (line["ending"], line["fault"]) == (None, None)
    [[one, two, fault]] = replayed(tmp_path)
    assert (one, two) == ("One", "two")
    assert isinstance(fault, ModelFaultError)
    assert "Record the exchange anew" in fault.message


def test_recordings_of_one_request_are_played_in_order_and_round_again(tmp_path: Path) -> None:
    record(tmp_path, [CALLEE.unreachable()], ["A", ENDING], ["B", ENDING])
    came = replayed(tmp_path, times=4)
    shown = [first.code if isinstance(first, ChafferError) else first for first, *_ in came]
    assert shown == [Code.LLM_PROVIDER_UNAVAILABLE, "A", "B", Code.LLM_PROVIDER_UNAVAILABLE]


def test_neither_key_nor_account_nor_provider_makes_another_request() -> None:
    digest = question_of(REQUEST).digest
    for same in (
        replace(REQUEST, key=None),
        replace(REQUEST, account=None),
        replace(REQUEST, temperature=1.0),
        replace(REQUEST, reply_format=ReplyFormat("offer", {"required": ["price"], "type": "object"})),
    ):
        assert question_of(same).digest == digest
    for other in (
        replace(REQUEST, system="You buy."),
        replace(REQUEST, temperature=None),
        replace(REQUEST, max_tokens=501),
        replace(REQUEST, messages=REQUEST.messages[:-1]),
        replace(REQUEST, tools=()),
        replace(REQUEST, reply_format=None),
        replace(REQUEST, model="n"),
    ):
        assert question_of(other).digest != digest


def test_a_changed_prompt_is_noticed_and_the_change_is_shown(tmp_path: Path) -> None:
    record(tmp_path, ["Hello", ENDING])
    record(tmp_path, ["Hello", ENDING], request=replace(REQUEST, system="Something else", messages=()))
    [[fault]] = replayed(tmp_path, replace(REQUEST, system="You sell.\nBe rude.", max_tokens=400))
    assert isinstance(fault, NotRecordedError)
    assert fault.code is Code.LLM_PROVIDER_DISABLED
    assert not fault.is_transient
    assert str(tmp_path) in fault.message
    assert "record it with CHAFFER_RECORD. The nearest one differs in its system and max_tokens." in fault.message
    assert "Be kind" not in fault.message, "a message is shown to anybody, a prompt is not"
    changed = [line for line in fault.changes.splitlines() if line[0] in "+-"][2:]
    assert changed == [
        "-model: m, max_tokens: 500, temperature: 1.0",
        "+model: m, max_tokens: 400, temperature: 1.0",
        "-Be kind.",
        "+Be rude.",
    ]


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    [[fault]] = replayed(tmp_path)
    assert isinstance(fault, NotRecordedError)
    assert "none at all" in fault.message


def test_a_folder_that_cannot_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(ChafferError, match="CHAFFER_RECORD") as raised:
        Recorder(taken, lambda: AT)
    assert raised.value.code is Code.VALIDATION_ERROR
    with pytest.raises(ChafferError, match="no folder"):
        Recordings(taken)


def test_a_line_that_is_no_exchange_is_named(tmp_path: Path) -> None:
    record(tmp_path, ["Hello", ENDING])
    [file] = tmp_path.iterdir()
    with file.open("a", encoding="utf-8") as more:
        more.write('{"schema_version": 1, "at":')
    with pytest.raises(ChafferError, match="Line 2 is no recorded exchange") as raised:
        Recordings(tmp_path)
    assert str(file) in raised.value.message


_WRITER: Final = """
import asyncio, sys
from pathlib import Path
from tests.llm.test_recordings import ENDING, record
record(Path(sys.argv[1]), *[["x" * 20_000, ENDING]] * 100)
"""


def test_two_processes_may_share_a_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    writers = [subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert len([line for line in lines(tmp_path) if line["ending"]]) == 200


def test_a_replay_lists_the_models_that_were_asked(tmp_path: Path) -> None:
    record(tmp_path, ["Hello", ENDING])
    replay = Replay(Recordings(tmp_path), "openai")
    assert asyncio.run(replay.models()) == ("m",)
    assert (replay.lists_all, replay.base_url) == (True, "")


def test_lines_obey_the_committed_schema(tmp_path: Path) -> None:
    record(tmp_path, [*DELTAS, ENDING], FAULTS[:1], ["left"])
    validator = jsonschema_rs.validator_for(recording_schema(), validate_formats=True)
    written = [*lines(tmp_path), *lines(THREE_SELLERS)]
    assert len(written) >= 18
    for line in written:
        validator.validate(line)
    assert not validator.is_valid({**written[0], "key": KEY})
    assert not validator.is_valid({**written[0], "schema_version": 2})
    assert (ROOT / "docs/recording.schema.json").read_text(encoding="utf-8") == recording_schema_text()


def test_a_negotiation_of_models_is_replayed_to_the_same_deal(tmp_path: Path) -> None:
    """Replies in fences, with trailing commas, cut, an offer that is asked for again, a server that fails once."""
    played = play_again(THREE_SELLERS, tmp_path / "a")
    assert played.asked == []
    deal = played.room.deal
    assert deal is not None
    assert (deal.seller_id, deal.price_minor) == ("seller_001", 98_059)
    assert len(played.events(OfferCorrected)) == 2
    assert len(played.events(SellerReplied)) == 9
    assert 2 in {event.making.attempts for event in played.events(BuyerSpoke) if event.making}, "the server failed once"
    played.assert_money_rules()
    assert steady(play_again(THREE_SELLERS, tmp_path / "b")) == steady(played)


def test_what_is_recorded_now_is_replayed_to_the_same_deal(tmp_path: Path) -> None:
    recordings = tmp_path / "recordings"
    first = play(haggles, tmp_path / "a", chaffer_record=recordings)
    again = play_again(recordings, tmp_path / "b")
    assert first.room.deal is not None
    assert again.asked == []
    assert again.room.deal is not None
    assert again.room.deal.price_minor == first.room.deal.price_minor
    assert steady(again) == steady(first)
