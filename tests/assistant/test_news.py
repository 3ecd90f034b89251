"""How a conversation hears of the negotiations that were opened from it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from chaffer.assistant.chats import chat_of
from chaffer.assistant.events import ChatAnswered, HaggleConcluded, ToolEnded
from chaffer.assistant.plan import ApprovalReply, ChatMessage
from chaffer.assistant.results import NegotiationStarted, Result
from chaffer.assistant.toolbox import Announced, Errand
from chaffer.assistant.tools import OpenNegotiation, Specialist, Wish
from chaffer.conversation.live import LiveConversation
from tests.support.chats import ScriptedMind, says, wishes
from tests.support.chatting import script
from tests.support.server import LONGEST_SECONDS
from tests.support.tools import SLOW, Toolbox, shop


class Dawdling:
    """The real tools, whose results come when the negotiation is over and its conversation was told of it in vain."""

    def __init__(self, tools: Toolbox) -> None:
        self._tools = tools

    async def announced(self, errand: Errand, wish: Wish) -> Announced:
        return await self._tools.tools.announced(errand, wish)

    async def carry_out(self, errand: Errand, wish: Wish) -> Result:
        result = await self._tools.tools.carry_out(errand, wish)
        assert isinstance(result, NegotiationStarted)
        await self._tools.room(result.room_id)
        await self._tools.at.chaffer.engine.join(result.room_id)
        return result


def haggling(budget_minor: int) -> ScriptedMind:
    wish = OpenNegotiation("quiet-k2", 1, budget_minor)
    return ScriptedMind((Specialist.NEGOTIATION,), lambda at: says("Sent.") if at.done else wishes(wish))


async def haggled(tools: Toolbox, budget_minor: int, carries_out: Any) -> LiveConversation:
    """Have a buyer sent from a conversation, and return that when the turn is over."""
    chaffer = tools.at.chaffer
    script(tools.at, haggling(budget_minor), carries_out)
    asked = await chaffer.chats.ask(ChatMessage(message="Haggle for it", history=[]), owner="ann")
    await chaffer.chats.outcome(await chaffer.chats.turn(asked.conversation_id, 0))
    live = await chaffer.chats.chat(asked.conversation_id)
    approval = chat_of(live).approval
    assert approval is not None
    reply = ApprovalReply(conversation_id=live.conversation_id, tool_call_id=approval.call_id, approve=True)
    await chaffer.chats.outcome(await chaffer.chats.approve(reply))
    await chaffer.engine.join(live.conversation_id)
    return live


def test_a_negotiation_that_ended_before_it_was_known_here_is_told_when_the_turn_is_over(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        live = await haggled(tools, 119_00, Dawdling(tools))
        events = [record.event for record in live.feed.records]
        assert [type(event) for event in events[-3:]] == [ToolEnded, ChatAnswered, HaggleConcluded]
        news = events[-1]
        assert news.invoice is not None
        assert news.text.startswith("Deal! ")
        assert news.invoice in news.text
        assert chat_of(live).negotiations == ()
        await tools.at.chaffer.news.settle(live)
        assert live.feed.records[-1].event is news, "it is told once"

    shop(tmp_path, case)


def test_a_negotiation_without_a_deal_says_why_and_that_nothing_was_bought(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        live = await haggled(tools, 20_00, Dawdling(tools))
        news = live.feed.records[-1].event
        assert isinstance(news, HaggleConcluded)
        assert news.invoice is None
        assert news.text.startswith("No deal for Quiet K2: ")
        assert news.text.endswith("Nothing was bought.")

    shop(tmp_path, case)


def test_a_negotiation_goes_on_when_its_conversation_is_deleted(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        live = await haggled(tools, 130_00, tools.tools)
        (started,) = chat_of(live).negotiations
        await tools.at.chaffer.chats.delete(live.conversation_id)
        room = await tools.room(started.room_id)
        assert room.status == "completed"

    shop(tmp_path, case, builtin_chars_per_second=400)


def test_a_negotiation_that_is_deleted_is_told_as_ended(tmp_path: Path) -> None:
    async def case(tools: Toolbox) -> None:
        live = await haggled(tools, 130_00, tools.tools)
        (started,) = chat_of(live).negotiations
        await tools.at.chaffer.market.delete_session(started.market_session_id)
        async with asyncio.timeout(LONGEST_SECONDS):
            await tools.at.chaffer.news.settle(live)
        assert chat_of(live).negotiations == ()
        assert live.feed.records[-1].event.invoice is None

    shop(tmp_path, case, **SLOW)
