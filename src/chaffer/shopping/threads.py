"""The use cases of shopping: what a person or a program can ask of threads, whatever the surface."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from datetime import datetime

from chaffer.conversation.beginning import begin
from chaffer.conversation.choosing import AssistantDefaults
from chaffer.conversation.engine import Engine
from chaffer.conversation.feed import Closed, Piece
from chaffer.conversation.journal import ConversationGoneError, Effect, Journal, Opening, Page
from chaffer.conversation.keys import GivenKey
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.owned import find_owned, submitted
from chaffer.conversation.turns import AskedTurn, Begun, Remember
from chaffer.errors import ChafferError, Code
from chaffer.ids import new_id
from chaffer.shopping.commands import AnswerQuestion, Speak
from chaffer.shopping.events import (
    THREAD,
    AdviceGiven,
    QuestionAsked,
    ShopperSpoke,
    ThreadOpened,
    TurnFailed,
)
from chaffer.shopping.plan import QuestionReply, ShoppingQuery
from chaffer.shopping.preferences import PreferenceBook
from chaffer.shopping.rules import decide
from chaffer.shopping.running import Assistants
from chaffer.shopping.taste import given_change
from chaffer.shopping.thread import evolve


@dataclass(frozen=True, slots=True)
class Threads:
    """The use cases over their parts. `scope` is the owner whose threads alone are there; None for everybody's."""

    journal: Journal
    engine: Engine
    assistants: Assistants
    preferences: PreferenceBook
    defaults: AssistantDefaults
    now: Callable[[], datetime]
    scope: str | None = None

    def of(self, scope: str | None) -> Threads:
        """Return the use cases narrowed to one owner's threads; of None, to none."""
        return replace(self, scope=scope)

    async def speak(self, words: ShoppingQuery, *, owner: str, remember: Remember | None = None) -> AskedTurn:
        """Begin a turn with what the shopper said, in a new thread or the named one, and have it answered.

        The answer is made apart from this call: `outcome` of the `turn` waits for it. Raises SESSION_NOT_FOUND,
        CONFLICT while the turn before is answered, and the fault of a model provider that cannot be reached.
        """
        if words.session_id is None:
            return await self._begin(words, owner, remember)
        live = await self.thread(words.session_id)
        records = await submitted(live, self._speaking(words, live.state.terms, remember), no_session)
        await self.engine.start(live.conversation_id)
        return AskedTurn(live.conversation_id, records[0].event.turn)

    async def _begin(self, words: ShoppingQuery, owner: str, remember: Remember | None) -> AskedTurn:
        opened, key = self._opened(words, owner)
        await self.assistants.check(opened.mind, None if key is None else key.secret.reveal())
        verdict = decide(evolve(None, opened), self._speaking(words, opened, remember))
        events = (opened, *verdict.events)
        opening = Opening(opened.session_id, THREAD, opened.owner, events, "answering")
        keys = () if key is None else (key,)
        await begin(self.journal, self.assistants, [opening], opened.opened_at, keys, verdict.effects)
        await self.engine.start(opened.session_id)
        return AskedTurn(opened.session_id, 0)

    def _opened(self, words: ShoppingQuery, owner: str) -> tuple[ThreadOpened, GivenKey | None]:
        mind, key = self.defaults.mind(words.llm_config)
        opened = ThreadOpened(
            session_id=new_id(),
            owner=owner if self.scope is None else self.scope,
            currency=self.defaults.currency,
            mind=mind,
            seed=secrets.randbits(53) if words.seed is None else words.seed,
            opened_at=self.now(),
        )
        return opened, key

    @staticmethod
    def _speaking(words: ShoppingQuery, terms: ThreadOpened, remember: Remember | None) -> Speak:
        effects: tuple[Effect, ...] = given_change(terms.owner, words.user_preferences)
        kept = None if remember is None else lambda spoke: remember(AskedTurn(terms.session_id, spoke.turn))
        return Speak(new_id(), words.query, effects, kept)

    async def turn(self, session_id: str, number: int) -> Begun:
        """Return a turn, from what the shopper said on. Raises SESSION_NOT_FOUND."""
        live = await self.thread(session_id)
        for record in live.feed.records:
            if isinstance(record.event, ShopperSpoke) and record.event.turn == number:
                return Begun.by(live, record)
        raise no_session(session_id)

    async def answer(self, reply: QuestionReply) -> Begun:
        """Go on with a turn by the shopper's answer to its question.

        Raises SESSION_NOT_FOUND, THREAD_NOT_FOUND for a question that this session never asked, CONFLICT for one that
        is not open any more.
        """
        live = await self.thread(reply.session_id)
        command = AnswerQuestion(reply.thread_id, new_id(), reply.user_input, self.now())
        try:
            records = await submitted(live, command, no_session)
        except ChafferError as refusal:
            if refusal.code is Code.CONFLICT and not _has_asked(live, reply.thread_id):
                raise _never_asked(reply) from None
            raise
        await self.engine.start(live.conversation_id)
        return Begun.by(live, records[0])

    async def outcome(self, begun: Begun) -> tuple[int, AdviceGiven | QuestionAsked]:
        """Wait until the turn is answered or asks something, and return which, with its position.

        Raises the fault that ended the turn, CONFLICT when the shopper went on to something else meanwhile, and
        SESSION_NOT_FOUND when the thread was deleted.
        """
        async with aclosing(begun.live.follow(begun.position)) as items:
            async for item in items:
                if isinstance(item, Closed):
                    break
                if isinstance(item, Piece):
                    continue
                event = item.event
                if isinstance(event, AdviceGiven | QuestionAsked):
                    return item.position, event
                if isinstance(event, TurnFailed):
                    raise ChafferError(Code(event.code), event.message)
                if isinstance(event, ShopperSpoke):
                    break
        raise await self._unanswered(begun)

    async def _unanswered(self, begun: Begun) -> ChafferError:
        session_id = begun.live.conversation_id
        if await self.journal.find(session_id) is None:
            return no_session(session_id)
        return ChafferError(
            Code.CONFLICT,
            f"Turn {begun.turn} of session {session_id} goes on, or was given up for another. Look at "
            f"GET /api/sessions/{session_id}.",
        )

    async def thread(self, session_id: str) -> LiveConversation:
        """Return a thread. Raises SESSION_NOT_FOUND."""
        live = await find_owned(self.journal, self.engine, session_id, kind=THREAD, scope=self.scope)
        if live is None:
            raise no_session(session_id)
        return live

    async def list_threads(
        self, *, owner: str | None, limit: int, after: str | None
    ) -> tuple[Page, list[LiveConversation]]:
        """Return a page of threads, newest first, each as it stands; within a scope, that owner's."""
        whose = owner if self.scope is None else self.scope
        page = await self.journal.list(THREAD, owner=whose, limit=limit, after=after)
        threads = []
        for head in page.heads:
            with suppress(ConversationGoneError):  # deleted since the page was read
                threads.append(await self.engine.open(head.conversation_id))
        return page, threads

    async def delete(self, session_id: str) -> None:
        """Delete a thread and free what it takes; what its buyers haggle for goes on. Raises SESSION_NOT_FOUND."""
        await self.thread(session_id)
        await self.journal.delete([session_id])
        self.assistants.forget(session_id)
        await self.engine.forget(session_id)


def _has_asked(live: LiveConversation, thread_id: str) -> bool:
    asked = (record.event for record in live.feed.records if isinstance(record.event, QuestionAsked))
    return any(event.thread_id == thread_id for event in asked)


def _never_asked(reply: QuestionReply) -> ChafferError:
    return ChafferError(
        Code.THREAD_NOT_FOUND,
        f"Session {reply.session_id} has no question {reply.thread_id!r}. Take session_id and thread_id from the same "
        "interrupt.",
    )


def no_session(session_id: str) -> ChafferError:
    """Return what is told to who asks for a thread that is not there."""
    return ChafferError(
        Code.SESSION_NOT_FOUND,
        f"There is no shopping session {session_id!r}; it may have been deleted or have expired. "
        "GET /api/sessions lists the sessions.",
    )
