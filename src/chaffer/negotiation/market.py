"""The market's use cases: what a person or a program can ask of sessions and rooms, whatever the surface."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, TypeVar

from chaffer.conversation.beginning import begin
from chaffer.conversation.engine import Engine
from chaffer.conversation.journal import ConversationGoneError, Journal, Page, Recorded, RememberAnswer
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.owned import find_owned, submitted
from chaffer.errors import ChafferError, Code, Detail
from chaffer.ids import new_id
from chaffer.ledger.books import Account, Ledger
from chaffer.ledger.rules import ceiling_minor
from chaffer.negotiation.commands import (
    AcceptOffer,
    CallDecision,
    EndRoom,
    PersonSpeaks,
    StartRoom,
    Utterance,
)
from chaffer.negotiation.events import BuyerSpoke
from chaffer.negotiation.room import Room
from chaffer.negotiation.running import Minds
from chaffer.negotiation.scenario import Scenario
from chaffer.negotiation.session import ROOM, SESSION, Defaults, NewSession, Ordered, SessionOpened, plan_session
from chaffer.negotiation.stand_ins import opening_words
from chaffer.negotiation.terms import RoomStatus
from chaffer.negotiation.turns import opening_minor

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a person said in the buyer's place."""

    event: BuyerSpoke
    said_at: datetime


Remember = Callable[[NewSession], RememberAnswer]
RememberSaid = Callable[[Said], RememberAnswer]


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session as it stands: its rooms in the order of the shopping list, and its money."""

    session: SessionOpened
    rooms: tuple[LiveConversation, ...]
    account: Account

    @property
    def status(self) -> Literal["active", "completed"]:
        """Return `completed` once every room has ended, else `active`."""
        return "active" if any(live.state.is_open for live in self.rooms) else "completed"


@dataclass(frozen=True, slots=True)
class Market:
    """The use cases over their parts.

    `keep_logs` writes a session's logs; `called_at` remembers when sessions were last asked for, in this process.
    `scope` is the owner whose sessions alone are there; None for everybody's.
    """

    journal: Journal
    ledger: Ledger
    engine: Engine
    defaults: Defaults
    now: Callable[[], datetime]
    minds: Minds
    keep_logs: Callable[[str], Awaitable[None]]
    called_at: dict[str, datetime] = field(default_factory=dict)
    scope: str | None = None

    def of(self, scope: str | None) -> Market:
        """Return the use cases narrowed to one owner's sessions; of None, to none.

        What is another's is not there: it is looked up as an unknown id is, refused in the same words, and not touched.
        """
        return replace(self, scope=scope)

    async def open_session(
        self, scenario: Scenario, *, owner: str, remember: Remember | None = None, ordered: Ordered | None = None
    ) -> NewSession:
        """Open a session with a room for every line of the shopping list, and return it.

        `remember` gives the answer to keep with it under an Idempotency-Key; `ordered` is what a conversation
        ordered of the catalogue, see `plan_session`. Raises VALIDATION_ERROR, MAX_SELLERS_EXCEEDED, and the
        fault of a model provider that cannot be reached.
        """
        at, chance = self.now(), secrets.randbits(53)
        whose = self._owner(owner)
        new = plan_session(scenario, self.defaults, owner=whose, opened_at=at, chance=chance, ordered=ordered)
        await self._check_minds(new)
        kept = (remember(new),) if remember is not None else ()
        await begin(self.journal, self.minds, new.openings(), at, new.keys, (new.account, *kept))
        if not any(room.terms.sellers for room in new.rooms):
            await self.keep_logs(new.session.session_id)  # It is over as soon as it is opened.
        return new

    def _owner(self, given: T) -> str | T:
        """Return whose things are meant: the scope's, or without one the given owner's."""
        return given if self.scope is None else self.scope

    async def _check_minds(self, new: NewSession) -> None:
        """Ask after all minds at the same time. Raises the fault of the first that cannot be asked."""
        checks = (self.minds.check(mind, new.key_of(mind)) for mind in new.minds)
        outcomes = await asyncio.gather(*checks, return_exceptions=True)
        for place, outcome in zip(new.minds.values(), outcomes, strict=True):
            if isinstance(outcome, ChafferError):
                raise _placed(outcome, place)
            if outcome is not None:
                raise outcome

    async def list_sessions(
        self, *, owner: str | None, limit: int, after: str | None
    ) -> tuple[Page, list[SessionState]]:
        """Return a page of sessions, newest first, each as it stands; within a scope, that owner's."""
        page = await self.journal.list(SESSION, owner=self._owner(owner), limit=limit, after=after)
        states = []
        for head in page.heads:
            with suppress(ConversationGoneError, ChafferError):  # deleted since the page was read
                live = await self.engine.open(head.conversation_id)
                states.append(await self._as_it_stands(live.state))
        return page, states

    async def session(self, session_id: str) -> SessionState:
        """Return a session as it stands, and remember that it was asked for. Raises SESSION_NOT_FOUND."""
        session = await self._session(session_id)
        self.called_at[session_id] = self.now()
        return await self._as_it_stands(session)

    async def _as_it_stands(self, session: SessionOpened) -> SessionState:
        try:
            rooms = [await self.engine.open(room_id) for room_id in session.room_ids]
        except ConversationGoneError:  # deleted between two looks
            raise _no_session(session.session_id) from None
        return SessionState(session, tuple(rooms), await self.ledger.account(session.session_id))

    async def room(self, room_id: str) -> LiveConversation:
        """Return a room. Raises ROOM_NOT_FOUND."""
        live = await self._find(room_id, ROOM)
        if live is None:
            raise _no_room(room_id)
        self.called_at[live.state.terms.session_id] = self.now()
        return live

    async def start_room(self, room_id: str) -> BuyerSpoke:
        """Start a room, and return the buyer's opening message once it is in the journal; the haggling goes on apart.

        Raises ROOM_NOT_FOUND, NEGOTIATION_ALREADY_ACTIVE, and CONFLICT for a room without sellers.
        """
        live = await self.room(room_id)
        opening = await self._open_haggling(live)
        await self.engine.start(room_id)
        return opening

    async def start_session(self, session_id: str) -> list[tuple[LiveConversation, BuyerSpoke]]:
        """Start all pending rooms of a session, in the order of the list, and return them with their openings."""
        state = await self.session(session_id)
        pending = [live for live in state.rooms if live.state.status is RoomStatus.PENDING]
        started = [(live, await self._open_haggling(live)) for live in pending]
        for live, _ in started:
            await self.engine.start(live.conversation_id)
        return started

    async def _open_haggling(self, live: LiveConversation) -> BuyerSpoke:
        room: Room = live.state
        terms = room.terms
        account = await self.ledger.account(terms.session_id)
        if terms.in_sequence:
            account = _as_opened(account)
        ceiling = ceiling_minor(account, terms.room_id, terms.quantity)
        bid = opening_minor(room, ceiling) if terms.sellers else 0
        utterance = Utterance(new_id(), tuple(room.seats), bid if bid > 0 else None, opening_words(room, bid))
        records = await submitted(live, StartRoom(utterance, ceiling, account.remaining_minor, self.now()), _no_room)
        return _spoken(records)

    async def say(self, room_id: str, text: str, *, remember: RememberSaid | None = None) -> Said:
        """Say something in the buyer's place and return it as it was said. Raises ROOM_NOT_FOUND, CONFLICT."""
        live = await self.room(room_id)
        said_at = self.now()
        kept = None if remember is None else lambda event: remember(Said(event, said_at))
        records = await submitted(live, PersonSpeaks(new_id(), text, kept), _no_room)
        return Said(_spoken(records), said_at)

    async def force_decision(self, room_id: str, seller_id: str | None, *, price_minor: int | None = None) -> Room:
        """Have the buyer decide now, or accept that seller's standing offer, and return the room when it has ended.

        With a price, an offer at any other is not accepted. Raises ROOM_NOT_FOUND, CONFLICT, VALIDATION_ERROR for an
        unknown seller, BUDGET_CONSTRAINT_VIOLATION, INSUFFICIENT_INVENTORY.
        """
        live = await self.room(room_id)
        if seller_id is None:
            await submitted(live, CallDecision(), _no_room)
            await live.wait_until_over()
            return self._room_of(live)
        room: Room = live.state
        account = await self.ledger.account(room.terms.session_id)
        if seller_id not in room.seats:
            raise _no_seller(room)
        by_hand = AcceptOffer(
            seller_id=seller_id,
            reason="The deal was chosen by hand.",
            purchase_id=new_id(),
            invoice_id=new_id(),
            remaining_minor=account.remaining_minor,
            at=self.now(),
            price_minor=price_minor,
            forced=True,
        )
        await submitted(live, by_hand, _no_room)
        await self._settled(live)
        return self._room_of(live)

    async def stop(self, room_id: str) -> Room:
        """End a room without a deal, pending or active, and return it. Raises ROOM_NOT_FOUND, CONFLICT."""
        live = await self.room(room_id)
        stopped = EndRoom(RoomStatus.CANCELLED.value, "The negotiation was stopped by hand.", self.now())
        await submitted(live, stopped, _no_room)
        await self._settled(live)
        return self._room_of(live)

    async def delete_session(self, session_id: str) -> SessionOpened:
        """End a session's rooms and streams, keep its logs, and free its journal. Raises SESSION_NOT_FOUND."""
        state = await self.session(session_id)
        await asyncio.gather(*(self._cancel(live) for live in state.rooms))
        await self.keep_logs(session_id)
        ids = (session_id, *state.session.room_ids)
        await self.journal.delete(ids)
        self.minds.forget(session_id)
        await asyncio.gather(*(self.engine.forget(conversation_id) for conversation_id in ids))
        await self.ledger.close_account(session_id)
        self.called_at.pop(session_id, None)
        return state.session

    async def _cancel(self, live: LiveConversation) -> None:
        if not live.state.is_open:
            return
        try:
            await submitted(live, EndRoom(RoomStatus.CANCELLED.value, "The session was deleted.", self.now()), _no_room)
        except ChafferError as refusal:
            if refusal.code not in {Code.CONFLICT, Code.ROOM_NOT_FOUND}:
                raise

    async def _settled(self, live: LiveConversation) -> None:
        """Let the flow of an ended room go, and keep its log."""
        await self.engine.join(live.conversation_id)
        await self.keep_logs(live.state.terms.session_id)

    async def _session(self, session_id: str) -> SessionOpened:
        live = await self._find(session_id, SESSION)
        if live is None:
            raise _no_session(session_id)
        session: SessionOpened = live.state
        return session

    async def _find(self, conversation_id: str, kind: str) -> LiveConversation | None:
        return await find_owned(self.journal, self.engine, conversation_id, kind=kind, scope=self.scope)

    @staticmethod
    def _room_of(live: LiveConversation) -> Room:
        room: Room = live.state
        return room


def _as_opened(account: Account) -> Account:
    """Return the account as it was before any room ended, so that a reproducible start does not depend on when."""
    claims = tuple(type(claim)(claim.room_id, claim.value_minor) for claim in account.claims)
    return Account(account.session_id, account.budget_minor, 0, claims)


def _placed(fault: ChafferError, place: str) -> ChafferError:
    """Return the fault of a mind with the field that names that mind in place of `llm_config`."""
    details = tuple(Detail(place + wrong.field.removeprefix("llm_config"), wrong.issue) for wrong in fault.details)
    return ChafferError(fault.code, fault.message, details=details, retry_after_seconds=fault.retry_after_seconds)


def _no_session(session_id: str) -> ChafferError:
    return ChafferError(
        Code.SESSION_NOT_FOUND,
        f"There is no session {session_id!r}; it may have been deleted or have expired. "
        "GET /api/v1/simulation lists the sessions.",
    )


def _no_room(room_id: str) -> ChafferError:
    return ChafferError(
        Code.ROOM_NOT_FOUND,
        f"There is no negotiation room {room_id!r}. Rooms of a deleted or expired session are gone; "
        "GET /api/v1/simulation lists the sessions.",
    )


def _no_seller(room: Room) -> ChafferError:
    one_of = f"must be one of {', '.join(room.seats)}"
    return ChafferError(
        Code.VALIDATION_ERROR,
        f"No such seller takes part in room {room.terms.room_id}: force_select_seller {one_of}.",
        details=(Detail("force_select_seller", one_of),),
    )


def _spoken(records: Sequence[Recorded]) -> BuyerSpoke:
    return next(record.event for record in records if isinstance(record.event, BuyerSpoke))
