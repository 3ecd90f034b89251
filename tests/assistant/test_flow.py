"""The flow of a turn, with scripted minds and tools."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from chaffer.assistant.chat import SUMMARISED_AFTER, UNSUMMARISED
from chaffer.assistant.commands import ConcludeHaggle
from chaffer.assistant.events import (
    ApprovalAsked,
    ChatAnswered,
    ChatStatus,
    HaggleConcluded,
    HistorySummarised,
    ReportMade,
    ToolBegun,
    ToolEnded,
)
from chaffer.assistant.plan import ApprovalReply
from chaffer.assistant.questions import AnswerQuestion, SummaryQuestion, Worked, WorkQuestion
from chaffer.assistant.results import NegotiationStarted, ToolRefused
from chaffer.assistant.tools import (
    GetInvoice,
    ListInvoices,
    OpenNegotiation,
    PayInvoice,
    Specialist,
    SpendingSummary,
    Wish,
)
from chaffer.conversation.feed import Piece
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from tests.support.chats import (
    PAY,
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
from tests.support.markets import START


def test_one_specialist_uses_a_tool_and_answers() -> None:
    mind = ScriptedMind(work_=lambda at: says("Two.") if at.done else wishes(ListInvoices()))

    async def case() -> None:
        async with chatting(mind) as room:
            live = await room.say("What invoices do I have?")
            (answer,) = of_kind(live, ChatAnswered)
            assert (answer.text, answer.agent) == ("Two.", "billing")
            assert [wish for _, wish in room.tools.done] == [ListInvoices()]
            assert chat_of(live).title == "What invoices do I have?"
            page = await room.chats.messages(live.conversation_id, limit=10)
            assert [(message.role, message.agent, message.text) for message in page.messages] == [
                ("user", "", "What invoices do I have?"),
                ("assistant", "billing", "Two."),
            ]

    asyncio.run(case())


def test_several_specialists_use_several_tools_and_one_voice_answers() -> None:
    def work(at: WorkQuestion) -> Worked:
        own = sum(outcome.specialist is at.specialist for outcome in at.done)
        if at.specialist is Specialist.INSIGHTS:
            return says(f"insights saw {len(at.done)}") if own else wishes(SpendingSummary())
        return says("billing is done.") if own == 3 else wishes(*(GetInvoice("1"), GetInvoice("2"))[own // 2 :])

    async def case() -> None:
        async with chatting(ScriptedMind((Specialist.BILLING, Specialist.INSIGHTS), work)) as room:
            live = await room.say("Both")
            assert [(one.specialist, one.text) for one in of_kind(live, ReportMade)] == [
                ("billing", "billing is done."),
                ("insights", "insights saw 4"),
            ]
            assert [wish for _, wish in room.tools.done] == [
                GetInvoice("1"),
                GetInvoice("2"),
                GetInvoice("2"),
                SpendingSummary(),
            ]
            (answer,) = of_kind(live, ChatAnswered)
            assert (answer.agent, answer.text) == ("supervisor", "billing is done. insights saw 4")
            (question,) = [one for one in room.minds.mind.asked if isinstance(one, AnswerQuestion)]
            assert len(question.done) == 4

    asyncio.run(case())


def test_a_tool_that_commits_money_waits_for_the_person() -> None:
    async def case(*, approve: bool) -> None:
        async with chatting(ScriptedMind(work_=pays_once)) as room:
            live = await room.say("Pay it")
            assert isinstance(events_of(live)[-1], ApprovalAsked)
            assert chat_of(live).status is ChatStatus.WAITING
            assert not room.tools.done
            await answered(room, live, approve=approve)
            assert bool(room.tools.done) == bool(of_kind(live, ToolBegun)) == approve
            (ended,) = of_kind(live, ToolEnded)
            assert isinstance(ended.result, ToolRefused) != approve
            assert isinstance(events_of(live)[-1], ChatAnswered)

    asyncio.run(case(approve=True))
    asyncio.run(case(approve=False))


def test_what_is_carried_out_is_what_was_asked_though_prices_move_meanwhile() -> None:
    """The person allows «for at most $90»; what it would be now is another matter."""

    def settled(wish: Wish) -> Wish:
        assert isinstance(wish, OpenNegotiation)
        return OpenNegotiation(wish.product_id, wish.quantity, 90_00)

    mind = ScriptedMind(
        (Specialist.NEGOTIATION,), lambda at: says("Sent.") if at.done else wishes(OpenNegotiation("p1"))
    )

    async def case() -> None:
        async with chatting(mind, ScriptedTools(settled=settled)) as room:
            live = await room.say("Haggle for it")
            room.tools.settled = lambda _: OpenNegotiation("p1", 1, 500_00)
            await answered(room, live, approve=True)
            ((errand, wish),) = room.tools.done
            assert wish == OpenNegotiation("p1", 1, 90_00)
            assert (errand.owner, errand.call_id) == ("user", of_kind(live, ApprovalAsked)[0].call_id)
            (outcome,) = chat_of(live).outcomes
            assert outcome.wish == wish

    asyncio.run(case())


def test_a_tool_is_told_how_many_negotiations_of_the_conversation_go_on() -> None:
    def opened(_: Wish) -> NegotiationStarted:
        return NegotiationStarted(f"room_{new_id()}", new_id(), "p1", "Quiet K2", 1, 90_00, 119_00, "USD")

    mind = ScriptedMind(
        (Specialist.NEGOTIATION,), lambda at: says("Sent.") if at.done else wishes(*[OpenNegotiation("p1")] * 2)
    )

    async def case() -> None:
        async with chatting(mind, ScriptedTools(opened)) as room:
            live = await room.say("Haggle for it, twice")
            await answered(room, live, approve=True)
            await answered(room, live, approve=True)
            first, _ = chat_of(live).negotiations
            ended = HaggleConcluded(first.room_id, new_id(), "No deal.", "failed")
            await live.submit(ConcludeHaggle(ended))
            await room.say("And again", live.conversation_id)
            await answered(room, live, approve=True)
            assert [errand.going_on for errand, _ in room.tools.done] == [0, 1, 1]

    asyncio.run(case())


def test_each_of_several_payments_is_asked_for() -> None:
    mind = ScriptedMind(work_=lambda at: says("Done.") if at.done else wishes(PAY, PayInvoice("INV-2026-000002")))

    async def case() -> None:
        async with chatting(mind) as room:
            live = await room.say("Pay both")
            await answered(room, live, approve=True)
            assert len(room.tools.done) == 1
            assert chat_of(live).status is ChatStatus.WAITING
            await answered(room, live, approve=False)
            assert len(room.tools.done) == 1
            assert chat_of(live).status is ChatStatus.IDLE

    asyncio.run(case())


def test_new_words_take_an_approval_back() -> None:
    mind = ScriptedMind(work_=lambda at: says("Fine.") if at.context.turn else wishes(PAY))

    async def case() -> None:
        async with chatting(mind) as room:
            live = await room.say("Pay it")
            asked = chat_of(live).approval
            assert asked is not None
            await room.say("No, leave it", live.conversation_id)
            reply = ApprovalReply(conversation_id=live.conversation_id, tool_call_id=asked.call_id, approve=True)
            with pytest.raises(ChafferError) as refusal:
                await room.chats.approve(reply)
            assert refusal.value.code is Code.CONFLICT
            assert not room.tools.done

    asyncio.run(case())


def test_an_approval_expires() -> None:
    clock = [START]

    async def case() -> None:
        async with chatting(ScriptedMind(work_=pays_once), patience=timedelta(hours=1), now=lambda: clock[0]) as room:
            live = await room.say("Pay it")
            clock[0] += timedelta(hours=1)
            with pytest.raises(ChafferError, match="could be approved until 2026-01-01 01:00 UTC"):
                await answered(room, live, approve=True)
            await answered(room, live, approve=False)
            assert not room.tools.done

    asyncio.run(case())


def test_what_cannot_be_done_is_not_asked_for() -> None:
    def settled(_: Wish) -> Wish:
        raise ChafferError(Code.CONFLICT, "Invoice INV-2026-000001 is paid already.")

    async def case() -> None:
        async with chatting(ScriptedMind(work_=pays_once), ScriptedTools(settled=settled)) as room:
            live = await room.say("Pay it")
            (ended,) = of_kind(live, ToolEnded)
            assert ended.result == ToolRefused("CONFLICT", "Invoice INV-2026-000001 is paid already.")
            assert isinstance(events_of(live)[-1], ChatAnswered)

    asyncio.run(case())


def test_after_forty_turns_all_but_the_last_ten_are_summarised() -> None:
    async def case() -> None:
        mind = ScriptedMind()
        async with chatting(mind) as room:
            live = await room.say("Line 0")
            for number in range(1, SUMMARISED_AFTER + 1):
                await room.say(f"Line {number}", live.conversation_id)
            (summary,) = of_kind(live, HistorySummarised)
            kept_from = SUMMARISED_AFTER - UNSUMMARISED
            assert (summary.turn, summary.before) == (SUMMARISED_AFTER, kept_from)
            (question,) = [one for one in mind.asked if isinstance(one, SummaryQuestion)]
            assert len(question.lines) == 2 * kept_from
            asked = mind.asked[-1]
            assert isinstance(asked, WorkQuestion)
            assert asked.context.summary == summary.text == f"{2 * kept_from} lines were said."
            assert [line.text for line in asked.context.history][::2] == [
                f"Line {number}" for number in range(kept_from, SUMMARISED_AFTER)
            ]
            page = await room.chats.messages(live.conversation_id, limit=200)
            assert len(page.messages) == 2 * (SUMMARISED_AFTER + 1), "what was said stays stored"

    asyncio.run(case())


def test_what_is_said_before_a_tool_is_no_part_of_the_answer_however_late_it_is_read() -> None:
    """The attempts of a turn grow, so a reader who saw the first words knows that those of the answer are others."""
    was_read = asyncio.Event()

    async def work(at: WorkQuestion) -> Worked:
        if at.done:
            return says("Two.")
        await was_read.wait()
        return wishes(ListInvoices())

    async def case() -> None:
        async with chatting(ScriptedMind(says_first="Let me look. ", work_=work)) as room:
            live = await room.begin("What invoices do I have?")
            first = -1
            async for item in live.follow(1):
                if isinstance(item, Piece) and item.delta:
                    first = item.attempt
                    break
            was_read.set()
            await room.engine.join(live.conversation_id)
            (answer,) = of_kind(live, ChatAnswered)
            assert answer.text == "Two."
            assert 0 <= first < answer.attempt

    asyncio.run(case())


def test_a_conversation_hears_of_its_negotiations_when_the_turn_is_over() -> None:
    """A room may have ended before the conversation knew of it: then nobody else tells it."""

    async def case() -> None:
        async with chatting(ScriptedMind()) as room:
            live = await room.say("Hello")
            assert room.settled == [live.conversation_id]

    asyncio.run(case())
