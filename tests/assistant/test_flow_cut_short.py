"""Turns that do not go straight to their end: stopped, too long, without their model, refused, cut off by a crash."""

from __future__ import annotations

import asyncio
from typing import Final

import pytest

from chaffer.assistant.events import (
    ChatAnswered,
    ChatFailed,
    ChatStatus,
    ChatStopAsked,
    ChatStopped,
    HandedOver,
    ModelLeft,
    ToolBegun,
    ToolEnded,
    ToolsChosen,
)
from chaffer.assistant.flow import NOT_ALLOWED, SIMPLE
from chaffer.assistant.questions import Worked, WorkQuestion
from chaffer.assistant.results import Result, ToolRefused
from chaffer.assistant.rules import MOST_TOOL_CALLS
from chaffer.assistant.tools import (
    GetInvoice,
    ListInvoices,
    OpenNegotiation,
    SearchProducts,
    Specialist,
    SpendingSummary,
    Wish,
)
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ChafferError, Code
from tests.support.chats import (
    PAY,
    STARTED,
    ScriptedMind,
    ScriptedTools,
    answered,
    chat_of,
    chatting,
    events_of,
    of_kind,
    pays_once,
    says,
    wishes,
)


def test_stopped_while_it_thinks_what_was_said_is_kept() -> None:
    mind = ScriptedMind(says_first="Well, let me ")

    async def work(_: WorkQuestion) -> Worked:
        await asyncio.Event().wait()
        raise AssertionError

    mind.work_ = work

    async def case() -> None:
        async with chatting(mind) as room:
            live = await room.begin("Tell me")
            await mind.began.wait()
            await room.chats.stop(live.conversation_id)
            assert [type(event) for event in events_of(live)[-2:]] == [ChatStopAsked, ChatStopped]
            (stopped,) = of_kind(live, ChatStopped)
            assert (stopped.text, stopped.agent) == ("Well, let me ", "billing")
            assert chat_of(live).status is ChatStatus.IDLE
            page = await room.chats.messages(live.conversation_id, limit=10)
            assert page.messages[-1].text == "Well, let me "

    asyncio.run(case())


@pytest.mark.parametrize("timed_out", [False, True], ids=["stopped", "timed out"])
def test_cut_short_while_a_tool_works_what_it_did_is_recorded_first(timed_out: object) -> None:
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: Wish) -> Result:
        began.set()
        await go_on.wait()
        return STARTED

    mind = ScriptedMind(
        (Specialist.NEGOTIATION,), lambda at: says("Sent.") if at.done else wishes(OpenNegotiation("p1"))
    )

    async def case() -> None:
        async with chatting(mind, ScriptedTools(slow), seconds=0.3 if timed_out else 30) as room:
            live = await room.say("Haggle for it")
            approving = asyncio.ensure_future(answered(room, live, approve=True))
            await began.wait()
            stopping = asyncio.ensure_future(asyncio.sleep(0.6) if timed_out else room.chats.stop(live.conversation_id))
            await asyncio.sleep(0.1)
            assert isinstance(events_of(live)[-1], ToolBegun | ChatStopAsked)
            if timed_out:
                await stopping
            go_on.set()
            await asyncio.gather(approving, stopping)
            assert len(of_kind(live, ToolBegun)) == len(of_kind(live, ToolEnded)) == 1
            assert [type(event) for event in events_of(live)[-2:]] == [
                ToolEnded,
                ChatFailed if timed_out else ChatStopped,
            ]
            assert chat_of(live).negotiations == (STARTED,)
            assert chat_of(live).status is ChatStatus.HAGGLING

    asyncio.run(case())


def test_an_answer_that_takes_too_long_is_left_off() -> None:
    async def work(_: WorkQuestion) -> Worked:
        await asyncio.Event().wait()
        raise AssertionError

    async def case() -> None:
        async with chatting(ScriptedMind(work_=work), seconds=0.2) as room:
            live = await room.say("Tell me")
            (failed,) = of_kind(live, ChatFailed)
            assert failed.code == Code.ANSWER_TIMEOUT
            assert chat_of(live).status is ChatStatus.IDLE

    asyncio.run(case())


def away(_: WorkQuestion) -> Worked:
    raise ChafferError(Code.LLM_PROVIDER_UNAVAILABLE, "The model cannot be reached.")


def test_where_the_model_leaves_the_built_in_mind_looks_things_up_and_says_so() -> None:
    async def case() -> None:
        async with chatting(ScriptedMind(work_=away), provider="lm_studio") as room:
            room.minds.simple.work_ = lambda at: says("You have two.") if at.done else wishes(ListInvoices())
            live = await room.say("What invoices do I have?")
            assert [event.code for event in of_kind(live, ModelLeft)] == ["LLM_PROVIDER_UNAVAILABLE"]
            (answer,) = of_kind(live, ChatAnswered)
            assert answer.text == SIMPLE + "You have two."

    asyncio.run(case())


def test_where_the_model_left_nothing_is_begun_that_costs_or_changes_anything() -> None:
    async def case() -> None:
        async with chatting(ScriptedMind(work_=away), provider="lm_studio") as room:
            room.minds.simple.work_ = pays_once
            live = await room.say("Pay it")
            (failed,) = of_kind(live, ChatFailed)
            assert failed.code == "LLM_PROVIDER_UNAVAILABLE"
            assert not of_kind(live, ToolsChosen)

    asyncio.run(case())


NOT_OWN: Final = ScriptedMind(work_=lambda _: wishes(SearchProducts("keyboard")))
TOO_MANY: Final = ScriptedMind(work_=lambda _: wishes(ListInvoices()))
NOTHING_SAID: Final = ScriptedMind(work_=lambda _: says(" "))
TO_TOO_MANY: Final = ScriptedMind((Specialist.BILLING,) * 5)


@pytest.mark.parametrize(
    ("mind", "asked"),
    [(NOT_OWN, 2), (TOO_MANY, MOST_TOOL_CALLS + 2), (NOTHING_SAID, 2), (TO_TOO_MANY, 1)],
    ids=["another's tool", "tools without end", "nothing said", "handed over to too many"],
)
def test_a_mind_that_replies_what_it_may_not_ends_the_turn_and_is_not_asked_again(
    mind: ScriptedMind, asked: int
) -> None:
    async def case() -> None:
        async with chatting(mind) as room:
            live = await room.say("Go")
            (failed,) = of_kind(live, ChatFailed)
            assert (failed.code, failed.message) == ("LLM_BAD_GATEWAY", NOT_ALLOWED)
            assert len(mind.asked) == asked
            assert len(room.tools.done) <= MOST_TOOL_CALLS

    mind.asked.clear()
    asyncio.run(case())


def test_a_tool_that_breaks_is_recorded_as_unknown_and_the_turn_ends() -> None:
    def breaks(_: Wish) -> Result:
        raise RuntimeError

    async def case() -> None:
        async with chatting(ScriptedMind(work_=lambda _: wishes(ListInvoices())), ScriptedTools(breaks)) as room:
            live = await room.say("List them")
            (ended,) = of_kind(live, ToolEnded)
            assert isinstance(ended.result, ToolRefused)
            assert ended.result.code == "INTERNAL_ERROR"
            assert isinstance(events_of(live)[-1], ChatFailed)
            assert chat_of(live).status is ChatStatus.IDLE

    asyncio.run(case())


def test_a_turn_that_was_cut_off_anywhere_goes_on_from_there_and_no_tool_is_called_twice() -> None:
    """Issue 6: cut behind each event in turn, as a crash would, and run by another process."""
    chosen = {Specialist.BILLING: (GetInvoice("1"), PAY), Specialist.INSIGHTS: (SpendingSummary(),)}

    def work(at: WorkQuestion) -> Worked:
        own = sum(outcome.specialist is at.specialist for outcome in at.done)
        return says(f"{at.specialist} is done.") if own else wishes(*chosen[at.specialist])

    def mind() -> ScriptedMind:
        return ScriptedMind(tuple(chosen), work)

    async def whole() -> LiveConversation:
        async with chatting(mind()) as room:
            live = await room.say("Both")
            await answered(room, live, approve=True)
            return live

    async def rest(live: LiveConversation, until: int) -> None:
        async with chatting(mind()) as room:
            again = await room.resume(live, until)
            if chat_of(again).approval is not None:
                await answered(room, again, approve=True)
            kinds = [type(event) for event in events_of(live)]
            assert [type(event) for event in events_of(again)] == kinds, f"cut behind {kinds[until - 1]}"
            before = {event.call_id for event in events_of(live)[:until] if isinstance(event, ToolEnded)}
            called = [errand.call_id for errand, _ in room.tools.done]
            assert len(called) == len(set(called)) == 3 - len(before)
            assert not before.intersection(called)
            assert [type(event) for event in events_of(again) if isinstance(event, HandedOver)] == [HandedOver]

    live = asyncio.run(whole())
    for until in range(2, len(events_of(live)) + 1):
        asyncio.run(rest(live, until))


def test_a_tool_that_a_crashed_process_began_is_known_before_its_turn_is_stopped() -> None:
    mind = ScriptedMind(
        (Specialist.NEGOTIATION,), lambda at: says("Sent.") if at.done else wishes(OpenNegotiation("p1"))
    )

    async def case() -> None:
        async with chatting(mind, ScriptedTools(lambda _: STARTED)) as room:
            live = await room.say("Haggle for it")
            await answered(room, live, approve=True)
        begun = 1 + next(place for place, event in enumerate(events_of(live)) if isinstance(event, ToolBegun))
        async with chatting(mind, ScriptedTools(lambda _: STARTED)) as room:
            again = await room.resume(live, begun, ChatStopAsked(0))
            assert [type(event) for event in events_of(again)[-2:]] == [ToolEnded, ChatStopped]
            assert chat_of(again).negotiations == (STARTED,)
            ((errand, _),) = room.tools.done
            assert errand.call_id == of_kind(live, ToolBegun)[0].call_id

    asyncio.run(case())
