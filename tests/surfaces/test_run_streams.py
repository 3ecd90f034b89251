"""The stream of a run: every reader ends with exactly what was said, however often it was cut off."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, Final, cast

import httpx2
import pytest

from chaffer.api.runs.frames import RunFrames
from chaffer.conversation.journal import Recorded
from chaffer.errors import ADVICE, ChafferError, Code
from tests.support.runs import Mouth, RunReader, Told, begun, plan_of_models, said_in, stream_of
from tests.support.server import Server, Surface, got, play, posted, settings_for, until
from tests.support.standin import standing_in
from tests.support.standin_scripts import Answer
from tests.support.streams import NO_CONTENT, Stuck

PACED: Final[dict[str, Any]] = {"builtin_chars_per_second": 4_000}


def test_frames_are_data_alone_and_bear_where_they_stand(tmp_path: Path) -> None:
    """CONTRACT §4: data-only JSON frames; §1: the id is `<position>.<offset>`, `retry: 5000`, no cache, no buffer."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client, max_turns=2)
        mouth.say("Well, ", "tea.", "", "No.", "")
        reader = RunReader(at.client, stream_of(run))
        assert await reader.read() == 200
        assert reader.headers["content-type"].startswith("text/event-stream")
        assert (reader.headers["cache-control"], reader.headers["x-accel-buffering"]) == ("no-cache", "no")
        assert [event.retry for event in reader.events] == [5000, *[None] * (len(reader.events) - 1)]
        assert b"event:" not in reader.raw
        start, *_ = reader.told.frames
        assert start["topic"] == (await got(at.client, run))["topic"]
        assert [(bot["role"], bot["name"]) for bot in start["bots"]] == [("bot0", "Ada"), ("bot1", "Ben")]
        assert reader.told.types == ["start", "token", "turn_complete", "token", "turn_complete", "done"]
        assert reader.told.texts == {0: "Well, tea.", 1: "No."}
        ids = [event.id or "" for event in reader.events]
        assert all(re.fullmatch(r"\d+\.\d+", one) for one in ids)
        places = [tuple(map(int, one.split("."))) for one in ids]
        assert places == sorted(set(places))
        transcript = (await got(at.client, run))["transcript"]
        completed = [frame["message_id"] for frame in reader.told.named("turn_complete")]
        assert completed == [line["message_id"] for line in transcript]
        for frame in reader.told.frames:
            RunFrames.model_validate(frame)

    play(tmp_path, case)


def test_text_is_told_as_it_is_said(tmp_path: Path) -> None:
    """CONTRACT §1: text is streamed as it is generated; who comes in the middle gets the text so far."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client, max_turns=1)
        early, late = (RunReader(at.client, stream_of(run)) for _ in range(2))
        readings = [asyncio.create_task(early.read())]
        for number, word in enumerate(("One ", "two ", "three "), start=1):
            mouth.say(word)
            await until(lambda number=number: len(early.told.named("token")) == number)  # type: ignore[misc]
        readings.append(asyncio.create_task(late.read()))
        await until(lambda: late.told.texts == {0: "One two three "})
        mouth.say("four.", "")
        await asyncio.gather(*readings)
        assert [frame["delta"] for frame in early.told.named("token")] == ["One ", "two ", "three ", "four."]
        assert early.told.texts == late.told.texts == {0: "One two three four."}

    play(tmp_path, case)


def test_a_stream_that_says_nothing_is_kept_alive_by_comments(tmp_path: Path) -> None:
    """Specification §10: heartbeat `:keepalive` every 30 seconds."""

    async def case(at: Surface) -> None:
        Mouth().serve(at)
        run = await begun(at.client)
        reader = RunReader(at.client, stream_of(run))
        reading = asyncio.create_task(reader.read())
        await until(lambda: reader.raw.count(b"\n\n:keepalive\n\n") >= 2)
        assert reader.told.types == ["start"], "they are no frames"
        await posted(at.client, f"{run}/stop")
        await reading

    assert settings_for(tmp_path).run_keepalive_interval == 30
    play(tmp_path, case, run_keepalive_interval=0.05)


def test_what_is_said_anew_is_told_as_such(tmp_path: Path) -> None:
    """CONTRACT §4: a retryable fault is retried; what was told of that message is void."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client, max_turns=1)
        there, cut = (RunReader(at.client, stream_of(run)) for _ in range(2))
        reading = asyncio.create_task(there.read())
        mouth.say("I would", " say th")
        await cut.read(lambda event: event.data.get("delta") is not None)
        await until(lambda: there.told.texts == {0: "I would say th"})
        mouth.say(None, "I ")
        await until(lambda: there.told.texts == {0: "I "})
        mouth.say("say: tea.", "")
        await reading
        await cut.read_to_the_end()
        for reader in (there, cut):
            assert reader.told.texts == {0: "I say: tea."}
            assert [(one["role"], one["turn"]) for one in reader.told.named("restart")] == [("bot0", 0)]
        late = RunReader(at.client, stream_of(run))
        await late.read_to_the_end()
        assert late.told.texts == {0: "I say: tea."}
        assert late.told.named("restart") == []

    play(tmp_path, case)


def test_a_model_that_breaks_off_and_is_asked_again_is_told_from_its_beginning(tmp_path: Path) -> None:
    """CONTRACT §4: retried 3 times before the run ends as `error`; through a provider."""

    def script(asked: Any) -> Answer:
        return (
            Answer("Half of the", pace=0.05, disconnects=True, finish_reason=None)
            if asked.number == 0
            else Answer("All of it.")
        )

    with standing_in(script) as model:

        async def case(at: Surface) -> None:
            run = await begun(at.client, plan_of_models(max_turns=1))
            reader = RunReader(at.client, stream_of(run))
            await reader.read()
            assert reader.told.texts == {0: "All of it."}
            assert reader.told.status == "completed"
            assert len(reader.told.named("restart")) == 1
            assert len(model.asked) == 2

        play(tmp_path, case, lm_studio_base_url=model.url, llm_max_retries=3, llm_retry_delay=0.01)


def test_who_has_seen_all_is_not_to_come_back(tmp_path: Path) -> None:
    """CONTRACT §1: after the last event the server closes; who comes back with the last id gets 204."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        reader = RunReader(at.client, stream_of(run))
        assert await reader.read() == 200
        assert await reader.read() == NO_CONTENT
        assert (await at.client.get(stream_of(run), params={"after": reader.last_id or ""})).status_code == NO_CONTENT
        reader.last_id, reader.told = None, Told()
        assert await reader.read() == 200, "without a position it is told from its beginning"
        assert reader.told.texts == await said_in(at.client, run)

    play(tmp_path, case)


NONSENSE = ["x", "999.0", "1.", ".1", "1.2.3.4", "-1.0", "1e3.0", "٣.0", "0.5", "9" * 500, "1.1\N{SNOWMAN}", "1,0"]


def test_an_id_that_means_nothing_is_told_with_how_things_stand(tmp_path: Path) -> None:
    """CONTRACT §1: a lost history is told (`reset` with a snapshot), never skipped in silence."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client, max_turns=3)
        mouth.say("One.", "", "Two")
        await until(lambda: len(mouth.asked) == 2)
        readers = [RunReader(at.client, stream_of(run), by_parameter=True, last_id=one) for one in NONSENSE]
        readings = [asyncio.create_task(reader.read()) for reader in readers]
        await until(lambda: all(reader.told.texts.get(1) for reader in readers))
        state = await got(at.client, run)
        mouth.say(".", "", "Three.", "")
        await asyncio.gather(*readings)
        for reader in readers:
            assert reader.told.types[0] == "reset", reader.path
            reset = reader.told.frames[0]
            assert {**reset["run"], "updated_at": ""} == {**state, "updated_at": ""}
            assert reset["event_id"] == state["position"]
            assert reader.told.texts == {0: "One.", 1: "Two.", 2: "Three."}

    play(tmp_path, case)


def test_more_text_than_was_said_is_told_anew(tmp_path: Path) -> None:
    """An id that was made up must not leave a reader without the text."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        await RunReader(at.client, stream_of(run)).read()
        reader = RunReader(at.client, stream_of(run), last_id="1.100000", told=Told(texts={0: "?"}))
        await reader.read()
        assert reader.told.types[0] == "restart"
        assert reader.told.texts == await said_in(at.client, run)

    play(tmp_path, case)


def test_many_readers_see_the_same(tmp_path: Path) -> None:
    """CONTRACT §1: a second client sees the same; a client that leaves cancels nothing."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        leavers = [RunReader(at.client, stream_of(run)) for _ in range(20)]
        readers = [RunReader(at.client, stream_of(run)) for _ in range(50)]
        await asyncio.gather(
            *(reader.read(lambda event: event.data["type"] == "token") for reader in leavers),
            *(reader.read() for reader in readers),
        )
        said = await said_in(at.client, run)
        assert len(said) == 4
        assert all(reader.told.texts == said for reader in readers)
        assert at.chaffer.engine.readers == 0

    play(tmp_path, case, **PACED)


def test_a_reader_that_does_not_read_is_dropped_and_slows_nobody(tmp_path: Path) -> None:
    """CONTRACT §1: dropped after SSE_SEND_TIMEOUT; never slows a run or another reader."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        stuck = Stuck(stream_of(run))
        dropped = asyncio.create_task(at.app(stuck.scope, stuck.receive, stuck.send))
        other = RunReader(at.client, stream_of(run))
        await asyncio.wait_for(other.read(), 30)
        assert other.told.texts == await said_in(at.client, run)
        await asyncio.wait_for(dropped, 30)
        assert "stream.reader_dropped" in at.log.getvalue()
        assert at.chaffer.engine.readers == 0

    play(tmp_path, case, sse_send_timeout=0.3, **PACED)


def test_what_is_deleted_is_over_for_its_readers(tmp_path: Path) -> None:
    """The stream of what is deleted ends, and who comes back learns that it is gone."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client)
        mouth.say("I say")
        reader = RunReader(at.client, stream_of(run))
        reading = asyncio.create_task(reader.read())
        await until(lambda: reader.told.texts == {0: "I say"})
        assert (await at.client.delete(run)).is_success
        await asyncio.wait_for(reading, 5)
        assert reader.told.types == ["start", "token", "turn_complete", "done"]
        assert await reader.read() == httpx2.codes.NOT_FOUND

    play(tmp_path, case)


def test_a_server_that_stops_tells_its_readers_to_come_back(tmp_path: Path) -> None:
    """Specification §10, Graceful Shutdown; CONTRACT §1: a client that comes back gets all it missed."""

    async def case(at: Surface) -> None:
        Mouth().serve(at)
        run = await begun(at.client)
        reader = RunReader(at.client, stream_of(run))
        reading = asyncio.create_task(reader.read())
        await until(lambda: bool(reader.events))
        await at.chaffer.engine.close()
        await asyncio.wait_for(reading, 5)
        assert reader.told.types == ["start", "reconnect"]
        assert reader.told.frames[-1]["retry_in_seconds"] == 5
        assert reader.events[-1].id is None

    play(tmp_path, case)


FAULTS = [Code.LLM_TIMEOUT, Code.LLM_BAD_GATEWAY, Code.LLM_PROVIDER_DISABLED, Code.LLM_CAP_REACHED]


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_told_before_the_end(tmp_path: Path, code: Code) -> None:
    """CONTRACT §4: `error {message, code, retryable}`, then `done {status}`."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client)
        mouth.say("But", ChafferError(code, "Something is wrong."))
        reader = RunReader(at.client, stream_of(run))
        await reader.read()
        assert reader.told.types == ["start", "token", "turn_complete", "error", "done"]
        error, done = reader.told.frames[-2:]
        assert (error["message"], error["code"]) == ("Something is wrong.", code)
        assert error["retryable"] is ADVICE[code].retryable
        assert done["status"] == "error"
        assert reader.told.texts == {0: "But"}

    play(tmp_path, case)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer(status=401, body=b'{"error": {"message": "sk-canary is no key"}}'), "INVALID_API_KEY"),
        (Answer(status=500, body=b"{}"), "LLM_PROVIDER_UNAVAILABLE"),
        (Answer(status=429, body=b"{}"), "LLM_PROVIDER_UNAVAILABLE"),
        (Answer("Some words", pace=0.01, disconnects=True, finish_reason=None), "LLM_BAD_GATEWAY"),
        (Answer(""), "LLM_BAD_GATEWAY"),
    ],
    ids=["refused key", "server error", "limited", "broken off", "nothing said"],
)
def test_a_fault_of_a_provider_ends_the_run_with_its_code(tmp_path: Path, answer: Answer, code: str) -> None:
    """Specification §5: on an exception of the provider the status is `error` and the stream says so."""
    with standing_in(lambda _: answer) as model:

        async def case(at: Surface) -> None:
            run = await begun(at.client, plan_of_models())
            reader = RunReader(at.client, stream_of(run))
            await reader.read()
            assert [frame["code"] for frame in reader.told.named("error")] == [code]
            assert reader.told.status == "error"
            assert "canary" not in json.dumps(reader.told.frames)
            assert reader.told.texts == await said_in(at.client, run)

        play(tmp_path, case, lm_studio_base_url=model.url)


def test_a_stream_that_breaks_on_our_side_is_told(tmp_path: Path) -> None:
    """A stream's status is long sent: that it broke is a frame, and the log tells what it was."""

    async def case(at: Surface) -> None:
        Mouth().serve(at)
        run = await begun(at.client)
        live = await at.chaffer.runs.run(run.rpartition("/")[2])
        reader = RunReader(at.client, stream_of(run))
        reading = asyncio.create_task(reader.read())
        await until(lambda: bool(reader.events))
        live.feed.records.append(cast("Recorded", "no record"))
        live.feed.wake()
        await asyncio.wait_for(reading, 5)
        assert reader.told.types == ["start", "reconnect"]
        assert "stream.broke" in at.log.getvalue()
        live.feed.records.pop()

    play(tmp_path, case)


def test_a_deaf_reader_on_a_real_socket_does_not_keep_others_from_the_end(tmp_path: Path) -> None:
    """CONTRACT §1: a reader that does not read never slows a run or another reader."""

    async def case(server: Server) -> None:
        async with server.client() as client:
            run = await begun(client, max_turns=30)
            host, port = server.url.removeprefix("http://").split(":")
            _, deaf = await asyncio.open_connection(host, int(port))
            deaf.write(f"GET {stream_of(run)} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            await deaf.drain()
            reader = RunReader(client, stream_of(run))
            await asyncio.wait_for(reader.read_to_the_end(), 60)
            assert reader.told.texts == await said_in(client, run)
            deaf.close()

    with Server(tmp_path, BUILTIN_CHARS_PER_SECOND="5000") as server:
        asyncio.run(case(server))
