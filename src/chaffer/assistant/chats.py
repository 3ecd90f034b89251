"""The use cases of the chat: what a person or a program can ask of conversations, whatever the surface."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

from msgspec import structs

from chaffer.assistant.chat import Chat, evolve
from chaffer.assistant.commands import AnswerApproval, AskAssistant, AskStop, PinChat, RenameChat
from chaffer.assistant.events import (
    CHAT,
    ApprovalAnswered,
    ApprovalAsked,
    ChatAnswered,
    ChatFailed,
    ChatOpened,
    ChatStatus,
    ChatStopped,
    PersonAsked,
    Role,
)
from chaffer.assistant.indexing import ChatIndex, IndexChat, Indexed, IndexMessage, IndexPage, MessagePage
from chaffer.assistant.plan import ApprovalReply, ChatMessage, ConversationPatch, NewConversation
from chaffer.assistant.rules import decide
from chaffer.assistant.running import Supervisors
from chaffer.conversation.beginning import begin
from chaffer.conversation.choosing import AssistantDefaults
from chaffer.conversation.engine import Engine
from chaffer.conversation.feed import Closed, Piece
from chaffer.conversation.journal import Effect, Head, Journal, Opening, Recorded, RememberAnswer
from chaffer.conversation.keys import GivenKey
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.owned import find_owned, submitted
from chaffer.conversation.turns import AskedTurn, Begun, Remember
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from chaffer.validation import LlmConfig

EventT = TypeVar("EventT")

_STOOD_IN_FOR: Final = frozenset({Code.LLM_PROVIDER_UNAVAILABLE, Code.LLM_TIMEOUT})
"""With a model that is merely away a conversation is begun: the built-in mind answers until it is back."""


@dataclass(frozen=True, slots=True)
class Chats:
    """The use cases over their parts. `scope` is the owner whose conversations alone are there; None for all."""

    journal: Journal
    index: ChatIndex
    engine: Engine
    supervisors: Supervisors
    defaults: AssistantDefaults
    now: Callable[[], datetime]
    scope: str | None = None

    def of(self, scope: str | None) -> Chats:
        """Return the use cases narrowed to one owner's conversations; of None, to none."""
        return replace(self, scope=scope)

    async def ask(self, said: ChatMessage, *, owner: str, remember: Remember | None = None) -> AskedTurn:
        """Begin a turn with what the person said, in a new conversation or the named one, and have it answered.

        The answer is made apart from this call. Raises CONVERSATION_NOT_FOUND, CONFLICT while the turn before is
        answered, and the fault of a model that is not set up, or not known.
        """
        if said.conversation_id is None:
            return await self._begin(said, owner, remember)
        live = await self.chat(said.conversation_id)
        records = await submitted(live, _asking(said.message, live.conversation_id, remember), no_conversation)
        await self.engine.start(live.conversation_id)
        return AskedTurn(live.conversation_id, records[0].event.turn)

    async def _begin(self, said: ChatMessage, owner: str, remember: Remember | None) -> AskedTurn:
        opened, key = self._opened(said.llm_config, said.seed, owner)
        opened = structs.replace(opened, history=tuple(line.line() for line in said.history))
        verdict = decide(evolve(None, opened), _asking(said.message, opened.conversation_id, remember))
        await self._create(opened, key, verdict.events, verdict.effects, ChatStatus.ANSWERING)
        await self.engine.start(opened.conversation_id)
        return AskedTurn(opened.conversation_id, 0)

    async def open(
        self, new: NewConversation, *, owner: str, remember: Callable[[ChatOpened], RememberAnswer] | None = None
    ) -> ChatOpened:
        """Open a conversation in which nothing was said yet. Raises the fault of a model that is not set up."""
        opened, key = self._opened(new.llm_config, new.seed, owner, new.title or "")
        kept = () if remember is None else (remember(opened),)
        await self._create(opened, key, (), kept, ChatStatus.IDLE)
        return opened

    def _opened(
        self, llm_config: LlmConfig | None, seed: int | None, owner: str, title: str = ""
    ) -> tuple[ChatOpened, GivenKey | None]:
        mind, key = self.defaults.mind(llm_config)
        opened = ChatOpened(
            conversation_id=new_id(),
            owner=owner if self.scope is None else self.scope,
            title=title,
            currency=self.defaults.currency,
            mind=mind,
            seed=secrets.randbits(53) if seed is None else seed,
            opened_at=self.now(),
        )
        return opened, key

    async def _create(
        self,
        opened: ChatOpened,
        key: GivenKey | None,
        events: Sequence[object],
        effects: Sequence[Effect],
        status: ChatStatus,
    ) -> None:
        try:
            await self.supervisors.check(opened.mind, None if key is None else key.secret.reveal())
        except ChafferError as fault:
            if fault.code not in _STOOD_IN_FOR:
                raise
        chat_id = opened.conversation_id
        shown = (IndexChat(chat_id, opened.owner, opened.title), *_shown_history(opened))
        opening = Opening(chat_id, CHAT, opened.owner, (opened, *events), status.value)
        keys = () if key is None else (key,)
        await begin(self.journal, self.supervisors, [opening], opened.opened_at, keys, (*shown, *effects))

    async def turn(self, conversation_id: str, number: int) -> Begun:
        """Return a turn, from what the person said on. Raises CONVERSATION_NOT_FOUND."""
        live = await self.chat(conversation_id)
        record = _last(live, PersonAsked, lambda asked: asked.turn == number)
        if record is None:
            raise no_conversation(conversation_id)
        return Begun.by(live, record)

    async def approve(self, reply: ApprovalReply, *, effects: tuple[Effect, ...] = ()) -> Begun:
        """Go on with a turn by what the person says to a tool that waits for it.

        Raises CONVERSATION_NOT_FOUND, TOOL_CALL_NOT_FOUND for a call that never waited here, and CONFLICT for one that
        no longer waits, or has expired.
        """
        live = await self.chat(reply.conversation_id)
        command = AnswerApproval(reply.tool_call_id, reply.approve, self.now(), effects)
        try:
            records = await submitted(live, command, no_conversation)
        except ChafferError:
            # Only now is it known what another process may have asked a moment ago.
            if _last(live, ApprovalAsked, lambda asked: asked.call_id == reply.tool_call_id) is None:
                raise _never_asked(reply.conversation_id, reply.tool_call_id) from None
            raise
        await self.engine.start(live.conversation_id)
        return Begun.by(live, records[0])

    async def approved(self, conversation_id: str, call_id: str) -> Begun:
        """Return a turn from where a person answered to a tool that waited. Raises as `approve`."""
        live = await self.chat(conversation_id)
        record = _last(live, ApprovalAnswered, lambda answered: answered.call_id == call_id)
        if record is None:
            raise _never_asked(conversation_id, call_id)
        return Begun.by(live, record)

    async def stop(self, conversation_id: str) -> LiveConversation:
        """Have the answer left off; what was said of it is kept. Where none is made, nothing happens.

        Raises CONVERSATION_NOT_FOUND.
        """
        live = await self.chat(conversation_id)
        if live.epoch is None:
            await live.load()  # What another process began a moment ago is stopped, too.
        records = await submitted(live, AskStop(), no_conversation)
        if records and not isinstance(records[0].event, ChatStopped):
            await self.engine.start(conversation_id)
            await self.outcome(Begun.by(live, records[0]))
        return live

    async def outcome(self, begun: Begun) -> Recorded | None:
        """Wait until a turn is over or waits for an approval, and return how; None where the conversation is gone."""
        over = ChatAnswered | ChatStopped | ChatFailed | ApprovalAsked
        async with aclosing(begun.live.follow(begun.position)) as items:
            async for item in items:
                if isinstance(item, Closed):
                    break
                if not isinstance(item, Piece) and isinstance(item.event, over):
                    return item
        return None

    async def reply(self, begun: Begun) -> Recorded:
        """Wait as `outcome` does, and return how the person was answered, or what they are asked.

        Raises the fault that ended the turn, CONFLICT where it goes on without this process, and
        CONVERSATION_NOT_FOUND.
        """
        recorded, conversation_id = await self.outcome(begun), begun.live.conversation_id
        if recorded is None:
            await self.head(conversation_id)
            raise ChafferError(
                Code.CONFLICT,
                f"Turn {begun.turn} of conversation {conversation_id} goes on. Look at "
                f"GET /api/conversations/{conversation_id}.",
            )
        if isinstance(recorded.event, ChatFailed):
            raise ChafferError(Code(recorded.event.code), recorded.event.message)
        return recorded

    async def head(self, conversation_id: str) -> Head:
        """Return where a conversation stands, without reading it. Raises CONVERSATION_NOT_FOUND."""
        head = await self.journal.find(conversation_id)
        if head is None or head.kind != CHAT or self.scope not in {None, head.owner}:
            raise no_conversation(conversation_id)
        return head

    async def chat(self, conversation_id: str) -> LiveConversation:
        """Return a conversation. Raises CONVERSATION_NOT_FOUND."""
        live = await find_owned(self.journal, self.engine, conversation_id, kind=CHAT, scope=self.scope)
        if live is None:
            raise no_conversation(conversation_id)
        return live

    async def list_chats(self, *, query: str | None, limit: int, after: str | None) -> IndexPage:
        """Return a page of conversations as lists show them."""
        return await self.index.list_chats(self.scope, query=query, limit=limit, after=after)

    async def find(self, conversation_id: str) -> Indexed:
        """Return a conversation as lists show it, without reading it. Raises CONVERSATION_NOT_FOUND."""
        found = await self.index.find_chat(conversation_id)
        if found is None or self.scope not in {None, found.owner}:
            raise no_conversation(conversation_id)
        return found

    async def messages(self, conversation_id: str, *, limit: int, before: int | None = None) -> MessagePage:
        """Return the last messages of a conversation, or the last before a number. Raises CONVERSATION_NOT_FOUND."""
        await self.find(conversation_id)
        return await self.index.list_messages(conversation_id, limit=limit, before=before)

    async def change(self, conversation_id: str, patch: ConversationPatch) -> Indexed:
        """Rename or pin a conversation, and return it as lists show it. Raises CONVERSATION_NOT_FOUND."""
        live = await self.chat(conversation_id)
        if patch.title is not None:
            await submitted(live, RenameChat(patch.title), no_conversation)
        if patch.pinned is not None:
            await submitted(live, PinChat(patch.pinned), no_conversation)
        return await self.find(conversation_id)

    async def delete(self, conversation_id: str) -> None:
        """Delete a conversation and all that was said; what its buyers haggle for goes on, and what was bought stays.

        Raises CONVERSATION_NOT_FOUND.
        """
        await self.head(conversation_id)
        await self.journal.delete([conversation_id])
        self.supervisors.forget(conversation_id)
        await self.engine.forget(conversation_id)


def _asking(text: str, conversation_id: str, remember: Remember | None) -> AskAssistant:
    kept = None if remember is None else lambda asked: remember(AskedTurn(conversation_id, asked.turn))
    return AskAssistant(new_id(), text, kept)


def _shown_history(opened: ChatOpened) -> tuple[IndexMessage, ...]:
    return tuple(
        IndexMessage(
            opened.conversation_id,
            number,
            opened.line_id(number),
            line.role,
            line.text,
            "" if line.role is Role.PERSON else "supervisor",
        )
        for number, line in enumerate(opened.history)
    )


def _last(live: LiveConversation, kind: type[EventT], is_it: Callable[[EventT], bool]) -> Recorded | None:
    """Return the last event of a kind that is the one looked for."""
    records = (record for record in reversed(live.feed.records) if isinstance(record.event, kind))
    return next((record for record in records if is_it(record.event)), None)


def chat_of(live: LiveConversation) -> Chat:
    """Return a conversation as it stands."""
    chat: Chat = live.state
    return chat


def _never_asked(conversation_id: str, call_id: str) -> ChafferError:
    return ChafferError(
        Code.TOOL_CALL_NOT_FOUND,
        f"Conversation {conversation_id} asked for no approval of {call_id!r}. Take conversation_id and tool_call_id "
        "from the same stream.",
    )


def no_conversation(conversation_id: str) -> ChafferError:
    """Return what is told to who asks for a conversation that is not there."""
    return ChafferError(
        Code.CONVERSATION_NOT_FOUND,
        f"There is no conversation {conversation_id!r}; it may have been deleted. GET /api/conversations lists them.",
    )
