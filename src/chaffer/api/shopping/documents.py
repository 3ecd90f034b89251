"""From threads to their documents. A turn's documents are made of its own records, so they never change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chaffer.api.shopping.products import (
    constraints_document,
    matched_product,
    preferences_document,
    product_document,
)
from chaffer.api.shopping.schemas import (
    HistoryEntry,
    InterruptDocument,
    NegotiationInfo,
    Recommendation,
    RelaxationDocument,
    ShoppingInterrupted,
    ShoppingResult,
    ShoppingSessionState,
    ShoppingSessionSummary,
)
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.conversation.views import OPERATOR, view_for
from chaffer.money import number_from_minor
from chaffer.shopping.context import line_of
from chaffer.shopping.events import (
    AdviceGiven,
    Intent,
    Match,
    NegotiationConcluded,
    NegotiationOpened,
    ProductsCollected,
    QuestionAnswered,
    QuestionAsked,
    Relaxation,
    SearchPlanned,
    ShopperSpoke,
    ThreadEvent,
    TurnRouted,
)
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.questions import Part
from chaffer.shopping.thread import Thread
from chaffer.shopping.visibility import thread_sight

_TITLE: Final = 80


@dataclass(frozen=True, slots=True)
class TurnRecords:
    """What a turn came to, gathered from its records. `before` is the last collection of an earlier turn."""

    spoke: ShopperSpoke
    intent: Intent = Intent.SEARCH
    planned: SearchPlanned | None = None
    collected: ProductsCollected | None = None
    before: ProductsCollected | None = None

    def match(self, product_id: str | None) -> Match | None:
        """Return the match that an answer speaks of, of this turn or of the last one that searched."""
        shown = self.collected or self.before
        matches = () if shown is None else shown.matches
        return next((match for match in matches if match.product.product_id == product_id), None)


def turn_at(records: Sequence[Recorded], position: int) -> TurnRecords:
    """Return the turn that the record at a position belongs to, as far as it had come then."""
    begins = next(place for place in range(position, 0, -1) if isinstance(records[place - 1].event, ShopperSpoke))
    earlier = (one.event for one in reversed(records[: begins - 1]) if isinstance(one.event, ProductsCollected))
    turn = TurnRecords(records[begins - 1].event, before=next(earlier, None))
    for record in records[begins:position]:
        turn = _gone_on(turn, record.event)
    return turn


def _gone_on(turn: TurnRecords, event: ThreadEvent) -> TurnRecords:
    """Return what a turn has come to with an event; what a shopper says begins the next one."""
    match event:
        case ShopperSpoke():
            return TurnRecords(event, before=turn.collected or turn.before)
        case TurnRouted():
            return replace(turn, intent=event.intent)
        case SearchPlanned():
            return replace(turn, planned=event)
        case ProductsCollected():
            return replace(turn, collected=event)
        case _:
            return turn


def shopping_result(live: LiveConversation, position: int) -> ShoppingResult:
    """Return the answer to a turn that is recorded at a position."""
    records = live.feed.records
    advice: AdviceGiven = records[position - 1].event
    turn = turn_at(records, position)
    found, planned = turn.collected, turn.planned
    return ShoppingResult(
        session_id=live.conversation_id,
        turn=advice.turn,
        user_query=turn.spoke.text,
        intent=turn.intent,
        message_id=advice.message_id,
        message=advice.text,
        matched_products=[] if found is None else [matched_product(match) for match in found.matches],
        recommendation=_recommendation(advice, turn),
        total_results=0 if found is None else found.total,
        constraints=None if planned is None else constraints_document(planned.constraints),
        corrected_query=None if found is None else found.corrected,
        relaxations=[] if found is None else [_relaxation(one) for one in found.relaxations],
        notes=[] if planned is None else list(planned.noted),
    )


def _relaxation(one: Relaxation) -> RelaxationDocument:
    return RelaxationDocument(what=one.what, total_results=one.total)


def _recommendation(advice: AdviceGiven, turn: TurnRecords) -> Recommendation | None:
    match = turn.match(advice.product_id)
    if match is None:
        return None
    return Recommendation(
        recommended_product=product_document(match.product),
        value_score=match.value_score,
        reasoning=advice.reasoning,
        explanation=advice.text,
    )


def interrupt_document(asked: QuestionAsked) -> InterruptDocument:
    """Return a question to the shopper."""
    return InterruptDocument(
        node=asked.node,
        message=asked.message,
        thread_id=asked.thread_id,
        options=list(asked.options),
        expires_at=asked.expires_at,
    )


def shopping_interrupted(live: LiveConversation, position: int) -> ShoppingInterrupted:
    """Return the question that is recorded at a position."""
    asked: QuestionAsked = live.feed.records[position - 1].event
    return ShoppingInterrupted(
        session_id=live.conversation_id,
        turn=asked.turn,
        user_query=turn_at(live.feed.records, position).spoke.text,
        interrupt=interrupt_document(asked),
    )


def negotiation_info(opened: NegotiationOpened) -> NegotiationInfo:
    """Return a negotiation that was opened from a thread."""
    return NegotiationInfo(
        negotiation_session_id=opened.market_session_id,
        room_id=opened.room_id,
        product_id=opened.product_id,
        product_name=opened.product_name,
        quantity=opened.quantity,
        budget=number_from_minor(opened.budget_minor),
        list_price=number_from_minor(opened.price_minor),
        stream_url=f"/api/v1/negotiation/{opened.room_id}/stream",
    )


def session_summary(live: LiveConversation, now: datetime) -> ShoppingSessionSummary:
    """Return a thread as a list shows it."""
    thread: Thread = live.state
    first = next(record.event.text for record in live.feed.records if isinstance(record.event, ShopperSpoke))
    title = " ".join(first.split())
    return ShoppingSessionSummary(
        session_id=live.conversation_id,
        user_id=thread.terms.owner,
        status=thread.status_at(now),
        turns=thread.turns,
        created_at=thread.terms.opened_at,
        updated_at=live.feed.records[-1].at,
        title=title if len(title) <= _TITLE else f"{title[:_TITLE].rstrip()}…",
    )


def session_state(live: LiveConversation, preferences: Preferences, now: datetime) -> ShoppingSessionState:
    """Return a thread with all that was said; a question that has expired is asked no more."""
    thread: Thread = live.state
    question = thread.open_question(now)
    return ShoppingSessionState(
        **dict(session_summary(live, now)),
        conversation_history=list(_history(live.feed.records)),
        user_preferences=preferences_document(preferences),
        constraints=None if thread.constraints is None else constraints_document(thread.constraints),
        interrupt=None if question is None else interrupt_document(question),
        negotiations=[negotiation_info(opened) for opened in thread.negotiations],
        position=f"{live.feed.position}.0",
    )


def _history(records: Sequence[Recorded]) -> Iterable[HistoryEntry]:
    turn = TurnRecords(ShopperSpoke(0, "", ""))
    for seen in view_for(OPERATOR, records, thread_sight):
        event = seen.event
        turn = _gone_on(turn, event)
        if not isinstance(event, ShopperSpoke | QuestionAsked | QuestionAnswered | AdviceGiven | NegotiationConcluded):
            continue
        line = line_of(event)
        yield HistoryEntry(
            role="user" if line.part is Part.SHOPPER else "ai",
            content=line.text,
            message_id=event.message_id,
            timestamp=seen.at,
            turn=None if isinstance(event, NegotiationConcluded) else event.turn,
            recommendation=_recommendation(event, turn) if isinstance(event, AdviceGiven) else None,
        )
