"""The books in memory: what the effects of an append change, all or none of it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from chaffer.conversation.journal import Answer, Effect, RememberAnswer
from chaffer.conversation.keys import KeepSealedKey
from chaffer.ledger.books import Account, CommitPurchase, Invoice, OpenAccount, ReleaseClaim, Shelf, StockLine
from chaffer.ledger.rules import check_purchase, invoice_of
from chaffer.shopping.preferences import LearnPreferences, Preferences, changed
from chaffer.storage.refusals import answered_already, bought_already, no_account, taken


@dataclass(slots=True)
class Books:
    """The books; invoices by room, as a room buys once. Of stock on a shelf they tell which shelf it is."""

    accounts: ChainMap[str, Account] = field(default_factory=ChainMap)
    stock: ChainMap[tuple[str, str, str], int | Shelf] = field(default_factory=ChainMap)
    invoices: ChainMap[str, Invoice] = field(default_factory=ChainMap)
    numbers: ChainMap[int, int] = field(default_factory=ChainMap)
    answers: ChainMap[tuple[str, str], tuple[str, Answer, datetime]] = field(default_factory=ChainMap)
    keys: ChainMap[tuple[str, str, str], bytes] = field(default_factory=ChainMap)
    shelves: ChainMap[Shelf, int] = field(default_factory=ChainMap)
    preferences: ChainMap[str, Preferences] = field(default_factory=ChainMap)

    def draft(self) -> Books:
        """Return books to try effects on: they read from these, and write beside them."""
        return Books(
            self.accounts.new_child(),
            self.stock.new_child(),
            self.invoices.new_child(),
            self.numbers.new_child(),
            self.answers.new_child(),
            self.keys.new_child(),
            self.shelves.new_child(),
            self.preferences.new_child(),
        )

    def adopt(self, draft: Books) -> None:
        """Take over what was written into a draft of these books."""
        self.accounts.update(draft.accounts.maps[0])
        self.stock.update(draft.stock.maps[0])
        self.invoices.update(draft.invoices.maps[0])
        self.numbers.update(draft.numbers.maps[0])
        self.answers.update(draft.answers.maps[0])
        self.keys.update(draft.keys.maps[0])
        self.shelves.update(draft.shelves.maps[0])
        self.preferences.update(draft.preferences.maps[0])

    def apply(self, effects: Sequence[Effect], at: datetime) -> None:
        """Carry out effects, all or none."""
        if not effects:
            return
        draft = self.draft()
        for effect in effects:
            _APPLY[type(effect)](draft, effect, at)
        self.adopt(draft)


def account_in(books: Books, session_id: str) -> Account:
    """Return a session's account. Raises SESSION_NOT_FOUND."""
    account = books.accounts.get(session_id)
    if account is None:
        raise no_account(session_id)
    return account


def line_in(books: Books, item_id: str, seller_id: str, place: int | Shelf) -> StockLine:
    """Return what a seller has left: so many pieces, or what lies on a shelf now."""
    if isinstance(place, Shelf):
        return StockLine(seller_id, item_id, books.shelves.get(place, 0), place)
    return StockLine(seller_id, item_id, place)


def _open_account(books: Books, effect: OpenAccount, _: datetime) -> None:
    if effect.account.session_id in books.accounts:
        raise taken()
    books.accounts[effect.account.session_id] = effect.account
    for line in effect.stock:
        books.stock[effect.account.session_id, line.item_id, line.seller_id] = line.shelf or line.pieces


def _commit_purchase(books: Books, effect: CommitPurchase, _: datetime) -> None:
    purchase = effect.purchase
    account = account_in(books, purchase.session_id)
    if purchase.room_id in books.invoices:
        raise bought_already(purchase)
    of_seller = (purchase.session_id, purchase.item_id, purchase.seller_id)
    place = books.stock.get(of_seller, 0)
    pieces = line_in(books, purchase.item_id, purchase.seller_id, place).pieces
    check_purchase(account, pieces, effect)
    committed = account.committed_minor + purchase.total_minor
    books.accounts[purchase.session_id] = replace(account, committed_minor=committed)
    if isinstance(place, Shelf):
        books.shelves[place] = pieces - purchase.quantity
    else:
        books.stock[of_seller] = pieces - purchase.quantity
    year = purchase.purchased_at.year
    books.numbers[year] = books.numbers.get(year, 0) + 1
    books.invoices[purchase.room_id] = invoice_of(purchase, f"INV-{year}-{books.numbers[year]:06d}")


def _release_claim(books: Books, effect: ReleaseClaim, _: datetime) -> None:
    account = books.accounts.get(effect.session_id)
    if account is None:
        return
    claims = tuple(
        replace(claim, is_open=False) if claim.room_id == effect.room_id else claim for claim in account.claims
    )
    books.accounts[effect.session_id] = replace(account, claims=claims)


def _remember_answer(books: Books, effect: RememberAnswer, at: datetime) -> None:
    if (effect.owner, effect.key) in books.answers:
        raise answered_already()
    books.answers[effect.owner, effect.key] = (effect.digest, effect.answer, at)


def _keep_sealed_key(books: Books, effect: KeepSealedKey, _: datetime) -> None:
    books.keys[effect.session_id, effect.slot, effect.provider] = effect.ciphertext


def _learn_preferences(books: Books, effect: LearnPreferences, _: datetime) -> None:
    known = books.preferences.get(effect.owner, Preferences())
    books.preferences[effect.owner] = changed(known, effect.change)


_APPLY: Final[Mapping[type[Effect], Callable[[Books, Any, datetime], None]]] = {
    OpenAccount: _open_account,
    CommitPurchase: _commit_purchase,
    ReleaseClaim: _release_claim,
    RememberAnswer: _remember_answer,
    KeepSealedKey: _keep_sealed_key,
    LearnPreferences: _learn_preferences,
}
