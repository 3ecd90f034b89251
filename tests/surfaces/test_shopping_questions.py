"""The assistant asks, the shopper answers: interrupts and their answers over HTTP."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest

from chaffer.errors import Code
from tests.support.server import Surface, got, until
from tests.support.shop import QUERY, SHOPPING, refused, reply_to, resumed, said, shop, streamed

RESUME: Final = f"{SHOPPING}/resume"
VAGUE: Final = "I want a laptop"


async def asked(client: httpx2.AsyncClient, **more: Any) -> dict[str, Any]:
    """Say what must be asked about, and return the question."""
    turn = await said(client, VAGUE, **more)
    assert turn["status"] == "interrupted", turn
    return turn


def test_a_question_has_every_field_of_the_specification(tmp_path: Path) -> None:
    """Specification 1.2, interrupt; CONTRACT §5: options, in both answers; it ends the stream."""

    async def case(at: Surface) -> None:
        told = await streamed(at.client, f"{SHOPPING}/stream", {"query": VAGUE, "seed": 3})
        frame = told.frames[-1]
        assert (frame["type"], frame["node"]) == ("interrupt", "clarification")
        assert frame["message"].endswith("?")
        assert frame["thread_id"]
        assert len(frame["options"]) > 2
        assert frame["options"][-1] == "No preference"
        turn = await asked(at.client, seed=3)
        same = ("type", "node", "message", "options")
        assert {name: turn["interrupt"][name] for name in same} == {name: frame[name] for name in same}
        state = await got(at.client, f"/api/sessions/{turn['session_id']}")
        assert (state["status"], state["interrupt"]) == ("waiting", turn["interrupt"])
        assert state["conversation_history"][-1]["content"] == turn["interrupt"]["message"]

    shop(tmp_path, case)


def test_who_speaks_past_two_questions_is_shown_products_and_asked_no_third(tmp_path: Path) -> None:
    """Issue 5: at most two questions in a row, also where the shopper answers none of them."""

    async def case(at: Surface) -> None:
        first = await asked(at.client)
        second = await said(at.client, "surprise me", session_id=first["session_id"])
        assert second["status"] == "interrupted", second
        third = await said(at.client, "surprise me", session_id=first["session_id"])
        assert third["status"] == "completed", third
        assert third["recommendation"] is not None
        # The shopper was answered: what is vague again may be asked about again.
        await asked(at.client, session_id=first["session_id"])

    shop(tmp_path, case)


def test_an_answer_goes_on_with_the_turn_and_counts(tmp_path: Path) -> None:
    """Specification 2.1: resume returns the final result; issue 5: at most two questions in a row, one at a time."""

    async def case(at: Surface) -> None:
        first = await asked(at.client)
        second = await resumed(at.client, first, first["interrupt"]["options"][0])
        result = second
        if second["status"] == "interrupted":
            assert second["interrupt"]["thread_id"] != first["interrupt"]["thread_id"]
            result = await resumed(at.client, second, "No preference")
        assert (result["status"], result["turn"], result["user_query"]) == ("completed", 0, VAGUE)
        (need, *_) = result["constraints"]["needs"]
        assert need["texts"] == [first["interrupt"]["options"][0]]
        indifferent = await asked(at.client)
        while indifferent["status"] == "interrupted":
            indifferent = await resumed(at.client, indifferent, "No preference")
        assert result["total_results"] < indifferent["total_results"], "what is asked changes what is found"

    shop(tmp_path, case)


def test_an_answer_is_streamed_to_who_accepts_a_stream(tmp_path: Path) -> None:
    """CONTRACT §5: `resume` answers JSON, or a stream if `Accept: text/event-stream`."""

    async def case(at: Surface) -> None:
        turn = await asked(at.client)
        told = await streamed(at.client, RESUME, reply_to(turn, "gaming, 15-inch please"))
        assert told.types == ["start", *["progress"] * 3, "chunk", "complete"]
        assert told.nodes == ["planning", "collection", "advisory"]
        assert [frame["step"] for frame in told.frames if frame["type"] == "progress"] == [4, 5, 6]
        needs = {need["name"]: need for need in told.results[0]["constraints"]["needs"]}
        assert (needs["screen size"]["at_least"], needs["use"]["texts"]) == (15, ["gaming"])

    shop(tmp_path, case)


@pytest.mark.parametrize("durable", [False, True], ids=["memory", "sqlite"])
def test_of_answers_at_the_same_time_one_wins(tmp_path: Path, durable: object) -> None:
    """Issue 5: two resumes at once: one wins, the other gets CONFLICT."""

    async def case(at: Surface) -> None:
        turn = await asked(at.client)
        answers = await asyncio.gather(
            *(at.client.post(RESUME, json=reply_to(turn, word)) for word in ("gaming", "office", "student"))
        )
        (won,) = [answer for answer in answers if answer.is_success]
        for lost in set(answers) - {won}:
            assert lost.status_code == 409
            assert "no longer open" in refused(lost, Code.CONFLICT)
        history = (await got(at.client, f"/api/sessions/{turn['session_id']}"))["conversation_history"]
        assert sum(entry["role"] == "user" for entry in history) == 2
        late = await at.client.post(RESUME, json=reply_to(turn, "creative"))
        refused(late, Code.CONFLICT)

    shop(tmp_path, case, durable=bool(durable))


def test_a_question_of_another_session_is_not_there(tmp_path: Path) -> None:
    """CONTRACT §5: a second resume of the same interrupt, or one of another session's, is CONFLICT / 404."""

    async def case(at: Surface) -> None:
        mine, other = await asked(at.client), await asked(at.client)
        foreign = reply_to(mine, "gaming") | {"thread_id": other["interrupt"]["thread_id"]}
        for body in (foreign, {**foreign, "thread_id": "nothing"}, {**foreign, "thread_id": mine["session_id"]}):
            answer = await at.client.post(RESUME, json=body)
            assert answer.status_code == 404
            refused(answer, Code.THREAD_NOT_FOUND)
        unknown = await at.client.post(RESUME, json={**foreign, "session_id": "nowhere"})
        assert unknown.status_code == 404
        refused(unknown, Code.SESSION_NOT_FOUND)
        for turn in (mine, other):
            assert (await got(at.client, f"/api/sessions/{turn['session_id']}"))["interrupt"] == turn["interrupt"]

    shop(tmp_path, case)


def test_a_question_waits_as_long_as_is_set(tmp_path: Path) -> None:
    """Issue 5: interrupts expire after a setting; 0 hours: never."""

    async def expired(at: Surface) -> None:
        turn = await asked(at.client)
        answer = await at.client.post(RESUME, json=reply_to(turn, "gaming"))
        assert answer.status_code == 409
        assert "has expired" in refused(answer, Code.CONFLICT)
        session_id = turn["session_id"]
        state = await got(at.client, f"/api/sessions/{session_id}")
        assert (state["status"], state["interrupt"]) == ("idle", None)
        (listed,) = (await got(at.client, "/api/sessions"))["sessions"]
        assert listed["status"] == "idle"
        result = await said(at.client, QUERY, session_id=session_id)
        assert result["status"] == "completed"

    async def for_ever(at: Surface) -> None:
        turn = await asked(at.client)
        assert turn["interrupt"]["expires_at"] is None
        assert (await resumed(at.client, turn, "gaming"))["session_id"] == turn["session_id"]

    shop(tmp_path, expired, shopping_question_hours=1e-9)
    shop(tmp_path, for_ever, shopping_question_hours=0)


def test_a_contradiction_is_told_with_the_first_question_and_once(tmp_path: Path) -> None:
    """Issue 5: who contradicts themselves learns it before they answer what else is asked."""

    async def case(at: Surface) -> None:
        turn = await said(at.client, "I want a laptop under 500 but at least $900")
        told = []
        while turn["status"] == "interrupted":
            told.append(turn["interrupt"]["message"])
            turn = await resumed(at.client, turn, "No preference")
        (note,) = turn["notes"]
        assert told[0].startswith(f"{note} ")
        assert told[0].endswith("?")
        assert [note in message for message in (*told[1:], turn["message"])] == [False] * len(told)

    shop(tmp_path, case)


def test_words_in_place_of_an_answer_let_the_question_go(tmp_path: Path) -> None:
    """Specification 3.1: what a user types is a normal query, also where something was asked."""

    async def case(at: Surface) -> None:
        turn = await asked(at.client)
        result = await said(at.client, QUERY, session_id=turn["session_id"])
        assert (result["status"], result["turn"]) == ("completed", 1)
        answer = await at.client.post(RESUME, json=reply_to(turn, "gaming"))
        refused(answer, Code.CONFLICT)

    shop(tmp_path, case)


def test_who_waits_for_an_answer_of_a_session_that_is_deleted_is_told(tmp_path: Path) -> None:
    """CONTRACT §1: nobody is left waiting for what never comes."""

    async def case(at: Surface) -> None:
        slow = asyncio.create_task(said(at.client, QUERY))
        await until(lambda: bool(at.chaffer.engine.held), [slow])
        (session,) = (await got(at.client, "/api/sessions"))["sessions"]
        (await at.client.delete(f"/api/sessions/{session['session_id']}")).raise_for_status()
        with pytest.raises(AssertionError, match="SESSION_NOT_FOUND"):
            await asyncio.wait_for(slow, 30)

    shop(tmp_path, case, builtin_chars_per_second=1)
