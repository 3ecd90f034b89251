"""Steering a run over HTTP: its bots changed, a person's sentence between them, and the stop."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

from chaffer.errors import Code
from tests.support.runs import WORDS, Mouth, RunReader, begun, ended, plan_of_models, refused, stream_of
from tests.support.server import Surface, got, play, posted, until
from tests.support.standin import standing_in
from tests.support.standin_scripts import Answer

VALIDATION = Code.VALIDATION_ERROR
SLOW: Final[dict[str, Any]] = {"builtin_chars_per_second": 5}


CHANGES: list[dict[str, Any]] = [
    {"name": "Cleo"},
    {"prompt": "You are tired."},
    {"prompt": ""},
    {"temperature": 0.9, "max_tokens": 7},
    {"model": "scripted"},
    {"model": None},
    {"provider": "builtin"},
]


def test_any_part_of_a_bot_can_be_changed_and_the_rest_stays(tmp_path: Path) -> None:
    """Specification §4, `PATCH /api/run/{id}/bot/{index}`; CONTRACT §4: `PATCH` takes any subset."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        for revision, change in enumerate(CHANGES, start=1):
            before = (await got(at.client, run))["bots"]
            answer = await at.client.patch(f"{run}/bot/1", json=change)
            assert answer.status_code == 200, answer.text
            patched = answer.json()
            after = (await got(at.client, run))["bots"]
            new = {"revision": revision, "effective_turn": patched["effective_turn"]}
            assert after == [before[0], {**before[1], **change, **new}]
            assert patched == {"index": 1, **new, "bot": after[1]}

    play(tmp_path, case, **SLOW)


def test_a_change_in_mid_turn_holds_from_that_bots_next_turn(tmp_path: Path) -> None:
    """Specification §4: changes take effect on the very next turn; CONTRACT §4: frame `patched`, revisions."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client)
        reader = RunReader(at.client, stream_of(run))
        reading = asyncio.create_task(reader.read())
        mouth.say("I am ")
        await until(lambda: bool(reader.told.named("token")))
        speaks, waits = [(await at.client.patch(f"{run}/bot/{n}", json={"prompt": f"new {n}"})).json() for n in (0, 1)]
        again = (await at.client.patch(f"{run}/bot/0", json={"temperature": 0.1})).json()
        assert (speaks["effective_turn"], waits["effective_turn"], again["effective_turn"]) == (2, 1, 2)
        assert (speaks["revision"], waits["revision"], again["revision"]) == (1, 1, 2)
        mouth.say("Ada.", "", "B", "", "C", "", "D", "")
        await asyncio.wait_for(reading, 30)
        assert [turn.bot.prompt for turn in mouth.asked] == ["You love tea.", "new 1", "new 0", "new 1"]
        assert mouth.asked[2].bot.mind.temperature == 0.1
        frames = [(one["index"], one["revision"], one["effective_turn"]) for one in reader.told.named("patched")]
        assert frames == [(0, 1, 2), (1, 1, 1), (0, 2, 2)]
        assert reader.told.texts == {0: "I am Ada.", 1: "B", 2: "C", 3: "D"}

    play(tmp_path, case)


def test_a_changed_prompt_and_temperature_reach_the_model(tmp_path: Path) -> None:
    """Specification §5: the latest config is used, which could have been patched during the run."""
    with standing_in(lambda _: Answer(WORDS, pace=0.02, letters=4)) as model:

        async def case(at: Surface) -> None:
            run = await begun(at.client, plan_of_models())
            reader = RunReader(at.client, stream_of(run))
            reading = asyncio.create_task(reader.read())
            await until(lambda: bool(reader.told.named("token")))
            answer = await at.client.patch(f"{run}/bot/0", json={"prompt": "You are Zorro.", "temperature": 0.25})
            assert answer.json()["effective_turn"] == 2
            await asyncio.wait_for(reading, 30)
            first, second, third, _ = model.asked
            assert first.system.startswith("You love tea.")
            assert second.system.startswith("You love coffee.")
            assert third.system.startswith("You are Zorro.")
            assert third.body["temperature"] == 0.25
            assert [message["role"] for message in third.body["messages"]][-2:] == ["assistant", "user"]
            assert reader.told.texts == dict.fromkeys(range(4), WORDS)

        play(tmp_path, case, lm_studio_base_url=model.url)


REFUSED_CHANGES: list[tuple[Any, str]] = [
    ({}, "body"),
    ({"name": None}, "name"),
    ({"prompt": None}, "prompt"),
    ({"temperature": None}, "temperature"),
    ([], "body"),
    ({"temperature": 3}, "temperature"),
    ({"prompt": "x" * 20_001}, "prompt"),
    ({"colour": "red"}, "colour"),
    ({"name": "BEN"}, "name"),
    ({"provider": "nobody"}, "provider"),
    ({"model": "no-such-script"}, "model"),
]


def test_a_refused_change_changes_nothing(tmp_path: Path) -> None:
    """CONTRACT §1: a refused field is named; §4: null is no value."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        answers = [await at.client.patch(f"{run}/bot/0", json=body) for body, _ in REFUSED_CHANGES]
        assert [refused(answer, VALIDATION) for answer in answers] == [[field] for _, field in REFUSED_CHANGES]
        assert (await got(at.client, run))["bots"][0]["revision"] == 0

    play(tmp_path, case, **SLOW)


def test_there_are_bots_0_and_1(tmp_path: Path) -> None:
    """Specification §4: `PATCH /api/run/{id}/bot/{index}`."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        for index in ("2", "-1", "x", "0.5", "9" * 30):
            answer = await at.client.patch(f"{run}/bot/{index}", json={"name": "Z"})
            assert refused(answer, VALIDATION) == ["index"]

    play(tmp_path, case, **SLOW)


def test_what_is_over_is_neither_changed_nor_spoken_into(tmp_path: Path) -> None:
    """CONTRACT §1: other wrong-state calls are CONFLICT."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        await ended(at, run)
        before = await got(at.client, run)
        refused(await at.client.patch(f"{run}/bot/0", json={"name": "Z"}), Code.CONFLICT, 409)
        refused(await at.client.post(f"{run}/say", json={"text": "Wait!"}), Code.CONFLICT, 409)
        assert await got(at.client, run) == before

    play(tmp_path, case)


def test_a_stop_in_mid_turn_ends_the_stream_and_keeps_what_was_said(tmp_path: Path) -> None:
    """Issue 4: stop closes the provider's connection and ends the stream with `done {cancelled}`."""
    with standing_in(lambda _: Answer("Some first words. ", pace=0.01, letters=3, endless="and more ")) as model:

        async def case(at: Surface) -> None:
            run = await begun(at.client, plan_of_models())
            reader = RunReader(at.client, stream_of(run))
            reading = asyncio.create_task(reader.read())
            await until(lambda: len(reader.told.texts.get(0, "")) > 40)
            stopped = await posted(at.client, f"{run}/stop")
            await reading
            assert await asyncio.to_thread(model.wait_until, lambda: not model.busy), "the connection is closed"
            assert (stopped["status"], stopped["turns"]) == ("cancelled", 1)
            (line,) = stopped["transcript"]
            assert line["cut"] == "stopped"
            assert line["content"] == reader.told.texts[0]
            assert line["content"].startswith("Some first words. and more ")
            assert reader.told.types == ["start", "token", "turn_complete", "done"]
            assert reader.told.named("done")[0]["status"] == "cancelled"
            assert len(model.asked) == 1

        play(tmp_path, case, lm_studio_base_url=model.url)


def test_a_stop_before_the_first_word_keeps_nothing(tmp_path: Path) -> None:
    """Specification §4, `POST /api/run/{id}/stop`."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client)
        await until(lambda: bool(mouth.asked))
        stopped = await posted(at.client, f"{run}/stop")
        assert (stopped["status"], stopped["transcript"], mouth.left) == ("cancelled", [], 1)
        assert (await ended(at, run)).told.types == ["start", "done"]

    play(tmp_path, case)


def test_a_stop_again_or_of_what_is_over_changes_nothing(tmp_path: Path) -> None:
    """CONTRACT §4: `stop` twice is not an error."""

    async def case(at: Surface) -> None:
        over, running = await begun(at.client), await begun(at.client, max_turns=50)
        await ended(at, over)
        assert (await posted(at.client, f"{over}/stop"))["status"] == "completed"
        stops = await asyncio.gather(*(posted(at.client, f"{running}/stop") for _ in range(5)))
        assert all(stop == stops[0] for stop in [*stops, await posted(at.client, f"{running}/stop")])
        assert stops[0]["status"] == "cancelled"
        assert (await ended(at, running)).told.types[-1] == "done"

    play(tmp_path, case, builtin_chars_per_second=2_000)


def test_a_person_is_heard_from_the_next_turn_on(tmp_path: Path) -> None:
    """Issue 4: `say`, a person puts a sentence between the bots."""

    async def case(at: Surface) -> None:
        mouth = Mouth().serve(at)
        run = await begun(at.client, max_turns=2)
        mouth.say("Tea ")
        await until(lambda: bool(mouth.asked))
        answer = await at.client.post(f"{run}/say", json={"text": "What of <b>cocoa</b>?", "name": "Zoë"})
        assert (answer.status_code, answer.json()["turn"], answer.json()["name"]) == (201, 0, "Zoë")
        nameless = await posted(at.client, f"{run}/say", {"text": "Hear, hear."})
        assert nameless["name"] == "Someone"
        mouth.say("it is.", "", "Coffee.", "")
        reader = await ended(at, run)
        assert list(mouth.heard[1]) == ["What of <b>cocoa</b>?", "Hear, hear.", "Tea it is."]
        said = reader.told.named("said")
        assert [(one["name"], one["text"], one["turn"]) for one in said] == [
            ("Zoë", "What of <b>cocoa</b>?", 0),
            ("Someone", "Hear, hear.", 0),
        ]
        assert [line["role"] for line in (await got(at.client, run))["transcript"]] == [
            "person",
            "person",
            "bot0",
            "bot1",
        ]

    play(tmp_path, case)


def test_a_sentence_is_said_once_for_one_key(tmp_path: Path) -> None:
    """CONTRACT §1: every creating POST takes the key."""

    async def case(at: Surface) -> None:
        run, headers = await begun(at.client), {"Idempotency-Key": "s"}
        calls = [at.client.post(f"{run}/say", json={"text": "Once!"}, headers=headers) for _ in range(5)]
        answers = await asyncio.gather(*calls)
        assert len({answer.content for answer in answers}) == 1
        transcript = (await got(at.client, run))["transcript"]
        assert [line["content"] for line in transcript if line["role"] == "person"] == ["Once!"]

    play(tmp_path, case, **SLOW)


REFUSED_SENTENCES: list[tuple[dict[str, str], str]] = [
    ({"text": ""}, "text"),
    ({"text": " "}, "text"),
    ({"text": "x" * 1_001}, "text"),
    ({"text": "a\x00"}, "text"),
    ({"text": "hi", "name": ""}, "name"),
    ({"text": "hi", "name": "a\x1b[31m"}, "name"),
    ({"text": "hi", "role": "bot0"}, "role"),
    ({}, "text"),
]


def test_a_refused_sentence_is_not_said(tmp_path: Path) -> None:
    """CONTRACT §1: a client's message has 1–1000 characters; fields nobody declared are refused."""

    async def case(at: Surface) -> None:
        run = await begun(at.client)
        answers = [await at.client.post(f"{run}/say", json=body) for body, _ in REFUSED_SENTENCES]
        assert [refused(answer, VALIDATION) for answer in answers] == [[field] for _, field in REFUSED_SENTENCES]
        assert (await got(at.client, run))["transcript"] == []

    play(tmp_path, case, **SLOW)
