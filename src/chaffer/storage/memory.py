"""The journal and the ledger in memory: for tests, experiments and whoever needs no tomorrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from chaffer.conversation.journal import (
    Answer,
    Append,
    ConversationGoneError,
    Effect,
    EffectRefusedError,
    ForeignEpochError,
    Head,
    Opening,
    Page,
    PositionConflictError,
    Recorded,
    RememberAnswer,
)
from chaffer.errors import ChafferError, Code, Detail
from chaffer.ledger.books import Account, CommitPurchase, Invoice, OpenAccount, ReleaseClaim, StockLine
from chaffer.ledger.rules import check_purchase, invoice_of


@dataclass(slots=True)
class _Kept:
    head: Head
    records: list[Recorded]
    holder: str | None = None
    until: datetime | None = None


@dataclass(slots=True)
class _Books:
    accounts: dict[str, Account] = field(default_factory=dict)
    stock: dict[tuple[str, str, str], int] = field(default_factory=dict)
    invoices: list[Invoice] = field(default_factory=list)
    numbers: dict[int, int] = field(default_factory=dict)
    answers: dict[tuple[str, str], tuple[str, Answer, datetime]] = field(default_factory=dict)


class MemoryStore:
    """Journal and ledger in one process's memory; see the protocols for what each method promises."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: dict[str, _Kept] = {}
        self._books = _Books()

    async def close(self) -> None:
        """Do nothing: there is nothing to let go."""

    async def create(self, openings: Sequence[Opening], at: datetime, effects: Sequence[Effect] = ()) -> None:
        """Create conversations with their first events, all or none, with the effects."""
        self._apply(effects, at)
        for opening in openings:
            records = [Recorded(number, at, event) for number, event in enumerate(opening.events, start=1)]
            head = Head(
                conversation_id=opening.conversation_id,
                kind=opening.kind,
                owner=opening.owner,
                parent_id=opening.parent_id,
                status=opening.status,
                position=len(records),
                epoch=0,
                created_at=at,
                updated_at=at,
            )
            self._kept[opening.conversation_id] = _Kept(head, records)

    async def append(self, append: Append) -> tuple[Recorded, ...]:
        """Add events behind the expected position."""
        kept = self._kept.get(append.conversation_id)
        if kept is None:
            raise ConversationGoneError(append.conversation_id)
        if append.epoch is not None and append.epoch != kept.head.epoch:
            raise ForeignEpochError(append.conversation_id)
        if append.expected != kept.head.position:
            raise PositionConflictError(append.conversation_id)
        self._apply(append.effects, append.at)
        new = tuple(
            Recorded(position, append.at, event)
            for position, event in enumerate(append.events, start=append.expected + 1)
        )
        kept.records.extend(new)
        kept.head = replace(
            kept.head, position=len(kept.records), status=append.status, updated_at=append.at
        )
        return new

    async def read(self, conversation_id: str, after: int = 0) -> tuple[Recorded, ...]:
        """Return the events behind position `after`."""
        kept = self._kept.get(conversation_id)
        return () if kept is None else tuple(kept.records[after:])

    async def find(self, conversation_id: str) -> Head | None:
        """Return the head of a conversation, or None."""
        kept = self._kept.get(conversation_id)
        return None if kept is None else kept.head

    async def children(self, parent_id: str) -> tuple[Head, ...]:
        """Return the heads of all that belongs to a conversation, in the order of their creation."""
        return tuple(kept.head for kept in self._kept.values() if kept.head.parent_id == parent_id)

    async def list(self, kind: str, *, owner: str | None, limit: int, after: str | None) -> Page:
        """Return a page of conversations of one kind, newest first."""
        heads = [kept.head for kept in reversed(self._kept.values()) if kept.head.kind == kind]
        if after is not None:
            place = next((i for i, head in enumerate(heads) if head.conversation_id == after), None)
            if place is None:
                issue = "is not a cursor of this list; take next_after of the page before"
                raise ChafferError(Code.VALIDATION_ERROR, issue, details=(Detail("after", issue),))
            heads = heads[place + 1 :]
        heads = [head for head in heads if owner is None or head.owner == owner]
        more = heads[limit - 1].conversation_id if len(heads) > limit else None
        return Page(tuple(heads[:limit]), more)

    async def delete(self, conversation_ids: Sequence[str]) -> None:
        """Delete conversations and their events."""
        for conversation_id in conversation_ids:
            self._kept.pop(conversation_id, None)

    async def acquire(self, conversation_id: str, holder: str, until: datetime, now: datetime) -> int | None:
        """Take the lease of a conversation and return the new epoch, or None."""
        kept = self._kept.get(conversation_id)
        if kept is None or (kept.holder not in {None, holder} and kept.until is not None and kept.until >= now):
            return None
        kept.holder, kept.until = holder, until
        kept.head = replace(kept.head, epoch=kept.head.epoch + 1)
        return kept.head.epoch

    async def renew(self, holder: str, until: datetime) -> None:
        """Prolong all leases that a holder still has."""
        for kept in self._kept.values():
            if kept.holder == holder:
                kept.until = until

    async def release(self, conversation_id: str, holder: str) -> None:
        """Give a lease back."""
        kept = self._kept.get(conversation_id)
        if kept is not None and kept.holder == holder:
            kept.holder = kept.until = None

    async def abandoned(self, statuses: Sequence[str], now: datetime) -> tuple[Head, ...]:
        """Return the conversations in one of the statuses that nobody holds, oldest first."""
        found = (kept for kept in self._kept.values() if kept.head.status in statuses)
        return tuple(kept.head for kept in found if kept.until is None or kept.until < now)

    async def find_answer(self, owner: str, key: str) -> tuple[str, Answer] | None:
        """Return the digest and the answer kept under (owner, key), or None."""
        found = self._books.answers.get((owner, key))
        return None if found is None else found[:2]

    async def forget_answers(self, before: datetime) -> None:
        """Drop the answers that were kept before that time."""
        self._books.answers = {key: kept for key, kept in self._books.answers.items() if kept[2] >= before}

    async def account(self, session_id: str) -> Account:
        """Return a session's account."""
        return _account(self._books, session_id)

    async def stock(self, session_id: str, item_id: str) -> tuple[StockLine, ...]:
        """Return what the session's sellers have left of an item."""
        lines = (StockLine(seller, item, pieces) for (of, item, seller), pieces in self._books.stock.items() if of == session_id)
        return tuple(sorted((line for line in lines if line.item_id == item_id), key=lambda line: line.seller_id))

    async def invoices(self, session_id: str) -> tuple[Invoice, ...]:
        """Return the invoices of a session, oldest first."""
        return tuple(invoice for invoice in self._books.invoices if invoice.session_id == session_id)

    async def close_account(self, session_id: str) -> None:
        """Forget a deleted session's account, claims and stock."""
        self._books.accounts.pop(session_id, None)
        self._books.stock = {key: pieces for key, pieces in self._books.stock.items() if key[0] != session_id}

    def _apply(self, effects: Sequence[Effect], at: datetime) -> None:
        """Carry out effects, all or none: what may be refused is asked before anything is changed."""
        for effect in effects:
            _CHECK.get(type(effect), _nothing_to_check)(self._books, effect)
        for effect in effects:
            _APPLY[type(effect)](self._books, effect, at)


def _account(books: _Books, session_id: str) -> Account:
    account = books.accounts.get(session_id)
    if account is None:
        raise ChafferError(Code.SESSION_NOT_FOUND, f"There is no session {session_id!r}; it may have been deleted.")
    return account


def _open_account(books: _Books, effect: OpenAccount, _: datetime) -> None:
    books.accounts[effect.account.session_id] = effect.account
    for line in effect.stock:
        books.stock[effect.account.session_id, line.item_id, line.seller_id] = line.pieces


def _commit_purchase(books: _Books, effect: CommitPurchase, _: datetime) -> None:
    purchase = effect.purchase
    account = _account(books, purchase.session_id)
    committed = account.committed_minor + purchase.total_minor
    books.accounts[purchase.session_id] = replace(account, committed_minor=committed)
    books.stock[_line(effect)] -= purchase.quantity
    year = purchase.purchased_at.year
    books.numbers[year] = books.numbers.get(year, 0) + 1
    books.invoices.append(invoice_of(purchase, f"INV-{year}-{books.numbers[year]:06d}"))


def _release_claim(books: _Books, effect: ReleaseClaim, _: datetime) -> None:
    account = _account(books, effect.session_id)
    claims = tuple(
        replace(claim, is_open=False) if claim.room_id == effect.room_id else claim for claim in account.claims
    )
    books.accounts[effect.session_id] = replace(account, claims=claims)


def _remember_answer(books: _Books, effect: RememberAnswer, at: datetime) -> None:
    books.answers[effect.owner, effect.key] = (effect.digest, effect.answer, at)


def _line(effect: CommitPurchase) -> tuple[str, str, str]:
    return (effect.purchase.session_id, effect.purchase.item_id, effect.purchase.seller_id)


def _check_commit(books: _Books, effect: CommitPurchase) -> None:
    check_purchase(_account(books, effect.purchase.session_id), books.stock.get(_line(effect), 0), effect)


def _check_answer(books: _Books, effect: RememberAnswer) -> None:
    if (effect.owner, effect.key) in books.answers:
        raise EffectRefusedError(
            Code.IDEMPOTENCY_KEY_REUSED, "This Idempotency-Key was used before; its first answer stands."
        )


def _nothing_to_check(_: _Books, __: Effect) -> None:
    """Let an effect pass that cannot be refused."""


_CHECK: Final[Mapping[type[Effect], Callable[[_Books, Any], None]]] = {
    CommitPurchase: _check_commit,
    RememberAnswer: _check_answer,
}

_APPLY: Final[Mapping[type[Effect], Callable[[_Books, Any, datetime], None]]] = {
    OpenAccount: _open_account,
    CommitPurchase: _commit_purchase,
    ReleaseClaim: _release_claim,
    RememberAnswer: _remember_answer,
}
