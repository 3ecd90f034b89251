"""The journal and the ledger in memory: for tests, experiments and whoever needs no tomorrow."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from msgspec.json import encode

from chaffer.conversation.journal import (
    Answer,
    Append,
    ConversationGoneError,
    Effect,
    ForeignEpochError,
    Head,
    Holdings,
    Opening,
    Page,
    PositionConflictError,
    Recorded,
    RememberAnswer,
)
from chaffer.conversation.keys import KeepSealedKey
from chaffer.doors.logins import Login
from chaffer.ledger.books import Account, CommitPurchase, Invoice, OpenAccount, ReleaseClaim, StockLine
from chaffer.ledger.rules import check_purchase, invoice_of
from chaffer.ledger.spending import Used
from chaffer.storage.refusals import answered_already, bought_already, no_account, place_of, taken


@dataclass(slots=True)
class _Kept:
    place: int
    head: Head
    records: list[Recorded]
    holder: str | None = None
    until: datetime | None = None
    measured: int = 0
    bytes: int = 0

    def weigh(self) -> int:
        """Return the bytes that the events take; those that were not asked about before are measured now."""
        self.bytes += sum(len(encode(record.event)) for record in self.records[self.measured :])
        self.measured = len(self.records)
        return self.bytes


@dataclass(slots=True)
class _Books:
    """The books; invoices by room, as a room buys once."""

    accounts: ChainMap[str, Account] = field(default_factory=ChainMap)
    stock: ChainMap[tuple[str, str, str], int] = field(default_factory=ChainMap)
    invoices: ChainMap[str, Invoice] = field(default_factory=ChainMap)
    numbers: ChainMap[int, int] = field(default_factory=ChainMap)
    answers: ChainMap[tuple[str, str], tuple[str, Answer, datetime]] = field(default_factory=ChainMap)
    keys: ChainMap[tuple[str, str, str], bytes] = field(default_factory=ChainMap)

    def draft(self) -> _Books:
        """Return books to try effects on: they read from these, and write beside them."""
        return _Books(
            self.accounts.new_child(),
            self.stock.new_child(),
            self.invoices.new_child(),
            self.numbers.new_child(),
            self.answers.new_child(),
            self.keys.new_child(),
        )

    def adopt(self, draft: _Books) -> None:
        """Take over what was written into a draft of these books."""
        self.accounts.update(draft.accounts.maps[0])
        self.stock.update(draft.stock.maps[0])
        self.invoices.update(draft.invoices.maps[0])
        self.numbers.update(draft.numbers.maps[0])
        self.answers.update(draft.answers.maps[0])
        self.keys.update(draft.keys.maps[0])


class MemoryStore:
    """Journal and ledger in one process's memory; see the protocols for what each method promises."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: dict[str, _Kept] = {}
        self._books = _Books()
        self._created = 0
        self._used: dict[str, tuple[Used, datetime]] = {}
        self._logins: dict[bytes, Login] = {}

    async def close(self) -> None:
        """Do nothing: there is nothing to let go."""

    async def create(self, openings: Sequence[Opening], at: datetime, effects: Sequence[Effect] = ()) -> None:
        """Create conversations with their first events, all or none, with the effects."""
        ids = [opening.conversation_id for opening in openings]
        if len(set(ids)) < len(ids) or not self._kept.keys().isdisjoint(ids):
            raise taken()
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
            self._created += 1
            self._kept[opening.conversation_id] = _Kept(self._created, head, records)

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
        kept.head = replace(kept.head, position=len(kept.records), status=append.status, updated_at=append.at)
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
        before = self._created + 1 if after is None else place_of(after)
        found = [
            kept
            for kept in reversed(self._kept.values())
            if kept.place < before and kept.head.kind == kind and owner in {None, kept.head.owner}
        ]
        more = str(found[limit - 1].place) if len(found) > limit else None
        return Page(tuple(kept.head for kept in found[:limit]), more)

    async def holdings(self, owner: str, under_way: Sequence[str]) -> Holdings:
        """Return what an owner holds."""
        own = [kept for kept in self._kept.values() if kept.head.owner == owner]
        running = sum(kept.head.status in under_way for kept in own)
        return Holdings(running, sum(kept.weigh() for kept in own))

    async def delete(self, conversation_ids: Sequence[str]) -> None:
        """Delete conversations, their events, and the keys sealed for them."""
        for conversation_id in conversation_ids:
            self._kept.pop(conversation_id, None)
        gone = set(conversation_ids)
        self._books.keys = ChainMap({place: kept for place, kept in self._books.keys.items() if place[0] not in gone})

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

    async def held(self, holder: str) -> tuple[Head, ...]:
        """Return the conversations that the holder took the lease of, oldest first."""
        return tuple(kept.head for kept in self._kept.values() if kept.holder == holder)

    async def abandoned(self, statuses: Sequence[str], now: datetime) -> tuple[Head, ...]:
        """Return the conversations in one of the statuses that nobody holds, oldest first."""
        found = (kept for kept in self._kept.values() if kept.head.status in statuses)
        return tuple(kept.head for kept in found if kept.until is None or kept.until < now)

    async def find_answer(self, owner: str, key: str) -> tuple[str, Answer] | None:
        """Return the digest and the answer kept under (owner, key), or None."""
        found = self._books.answers.get((owner, key))
        return None if found is None else found[:2]

    async def find_sealed_key(self, session_id: str, slot: str, provider: str) -> bytes | None:
        """Return what is kept of a key, or None."""
        return self._books.keys.get((session_id, slot, provider))

    async def forget_answers(self, before: datetime) -> None:
        """Drop the answers that were kept before that time."""
        self._books.answers = ChainMap({key: kept for key, kept in self._books.answers.items() if kept[2] >= before})

    async def used(self, scopes: Sequence[str]) -> Mapping[str, Used]:
        """Return what models used in each of the scopes."""
        return {scope: self._used[scope][0] if scope in self._used else Used() for scope in scopes}

    async def add_used(self, uses: Mapping[str, Used], at: datetime) -> Mapping[str, Used]:
        """Add what models used, and return the sums."""
        for scope, use in uses.items():
            before, last_at = self._used.get(scope, (Used(), at))
            self._used[scope] = (before + use, max(last_at, at))
        return {scope: self._used[scope][0] for scope in uses}

    async def forget_used(self, before: datetime) -> None:
        """Drop the scopes to which nothing was added since that time."""
        self._used = {scope: kept for scope, kept in self._used.items() if kept[1] >= before}

    async def keep_login(self, login: Login, most: int) -> None:
        """Keep a new login, and of its owner's others those that expire last, so that there are `most`."""
        others = [held for held in self._logins.values() if held.owner == login.owner]
        others.sort(key=lambda held: held.expires_at, reverse=True)
        for held in others[most - 1 :]:
            del self._logins[held.digest]
        self._logins[login.digest] = login

    async def find_login(self, digest: bytes) -> Login | None:
        """Return a login, or None."""
        return self._logins.get(digest)

    async def forget_login(self, digest: bytes) -> None:
        """Drop a login."""
        self._logins.pop(digest, None)

    async def forget_logins(self, before: datetime) -> None:
        """Drop the logins that expired before that time."""
        self._logins = {digest: login for digest, login in self._logins.items() if login.expires_at >= before}

    async def account(self, session_id: str) -> Account:
        """Return a session's account."""
        return _account(self._books, session_id)

    async def stock(self, session_id: str, item_id: str) -> tuple[StockLine, ...]:
        """Return what the session's sellers have left of an item."""
        lines = (
            StockLine(seller, item, pieces)
            for (of, item, seller), pieces in self._books.stock.items()
            if of == session_id
        )
        return tuple(sorted((line for line in lines if line.item_id == item_id), key=lambda line: line.seller_id))

    async def invoices(self, session_id: str) -> tuple[Invoice, ...]:
        """Return the invoices of a session, oldest first."""
        found = (invoice for invoice in self._books.invoices.values() if invoice.session_id == session_id)
        return tuple(sorted(found, key=lambda invoice: (invoice.issued_at, invoice.number)))

    async def close_account(self, session_id: str) -> None:
        """Forget a deleted session's account, claims and stock."""
        self._books.accounts.pop(session_id, None)
        self._books.stock = ChainMap({key: left for key, left in self._books.stock.items() if key[0] != session_id})

    def _apply(self, effects: Sequence[Effect], at: datetime) -> None:
        """Carry out effects, all or none."""
        if not effects:
            return
        draft = self._books.draft()
        for effect in effects:
            _APPLY[type(effect)](draft, effect, at)
        self._books.adopt(draft)


def _account(books: _Books, session_id: str) -> Account:
    account = books.accounts.get(session_id)
    if account is None:
        raise no_account(session_id)
    return account


def _open_account(books: _Books, effect: OpenAccount, _: datetime) -> None:
    if effect.account.session_id in books.accounts:
        raise taken()
    books.accounts[effect.account.session_id] = effect.account
    for line in effect.stock:
        books.stock[effect.account.session_id, line.item_id, line.seller_id] = line.pieces


def _commit_purchase(books: _Books, effect: CommitPurchase, _: datetime) -> None:
    purchase = effect.purchase
    account = _account(books, purchase.session_id)
    if purchase.room_id in books.invoices:
        raise bought_already(purchase)
    of_seller = (purchase.session_id, purchase.item_id, purchase.seller_id)
    pieces = books.stock.get(of_seller, 0)
    check_purchase(account, pieces, effect)
    committed = account.committed_minor + purchase.total_minor
    books.accounts[purchase.session_id] = replace(account, committed_minor=committed)
    books.stock[of_seller] = pieces - purchase.quantity
    year = purchase.purchased_at.year
    books.numbers[year] = books.numbers.get(year, 0) + 1
    books.invoices[purchase.room_id] = invoice_of(purchase, f"INV-{year}-{books.numbers[year]:06d}")


def _release_claim(books: _Books, effect: ReleaseClaim, _: datetime) -> None:
    account = books.accounts.get(effect.session_id)
    if account is None:
        return
    claims = tuple(
        replace(claim, is_open=False) if claim.room_id == effect.room_id else claim for claim in account.claims
    )
    books.accounts[effect.session_id] = replace(account, claims=claims)


def _remember_answer(books: _Books, effect: RememberAnswer, at: datetime) -> None:
    if (effect.owner, effect.key) in books.answers:
        raise answered_already()
    books.answers[effect.owner, effect.key] = (effect.digest, effect.answer, at)


def _keep_sealed_key(books: _Books, effect: KeepSealedKey, _: datetime) -> None:
    books.keys[effect.session_id, effect.slot, effect.provider] = effect.ciphertext


_APPLY: Final[Mapping[type[Effect], Callable[[_Books, Any, datetime], None]]] = {
    OpenAccount: _open_account,
    CommitPurchase: _commit_purchase,
    ReleaseClaim: _release_claim,
    RememberAnswer: _remember_answer,
    KeepSealedKey: _keep_sealed_key,
}
