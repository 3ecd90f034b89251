"""The books in memory: what the effects of an append change, all or none of it."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Final

from chaffer.assistant.indexing import IndexChat, Indexed, IndexMessage, Message, PinIndexed, RetitleChat
from chaffer.conversation.journal import Answer, Effect, RememberAnswer
from chaffer.conversation.keys import KeepSealedKey
from chaffer.ledger.books import (
    Account,
    CancelInvoice,
    CommitPurchase,
    OpenAccount,
    PayInvoice,
    Purchase,
    ReleaseClaim,
    Settlement,
    Shelf,
    StockLine,
)
from chaffer.ledger.invoices import Invoice
from chaffer.ledger.invoicing import (
    Series,
    cancelled,
    check_settlement,
    credit_note_for,
    invoice_of,
    number_of,
    paid,
)
from chaffer.ledger.postings import Posting, cancelled_postings, issued_postings, paid_postings
from chaffer.ledger.rules import check_purchase
from chaffer.shopping.preferences import LearnPreferences, Preferences, changed
from chaffer.storage.memory_chats import index_chat, index_message, pin, retitle
from chaffer.storage.refusals import answered_already, bought_already, no_account, no_invoice, taken


@dataclass(slots=True)
class Books:
    """The books; purchases by room, as a room buys once. Of stock on a shelf they tell which shelf it is."""

    accounts: ChainMap[str, Account] = field(default_factory=ChainMap)
    stock: ChainMap[tuple[str, str, str], int | Shelf] = field(default_factory=ChainMap)
    purchases: ChainMap[str, Purchase] = field(default_factory=ChainMap)
    invoices: ChainMap[str, Invoice] = field(default_factory=ChainMap)
    postings: ChainMap[tuple[str, int], Posting] = field(default_factory=ChainMap)
    places: ChainMap[tuple[Series, int], int] = field(default_factory=ChainMap)
    answers: ChainMap[tuple[str, str], tuple[str, Answer, datetime]] = field(default_factory=ChainMap)
    keys: ChainMap[tuple[str, str, str], bytes] = field(default_factory=ChainMap)
    shelves: ChainMap[Shelf, int] = field(default_factory=ChainMap)
    preferences: ChainMap[str, Preferences] = field(default_factory=ChainMap)
    chats: ChainMap[str, Indexed] = field(default_factory=ChainMap)
    messages: ChainMap[tuple[str, int], Message] = field(default_factory=ChainMap)

    def draft(self) -> Books:
        """Return books to try effects on: they read from these, and write beside them."""
        return Books(*(getattr(self, kept.name).new_child() for kept in fields(self)))

    def adopt(self, draft: Books) -> None:
        """Take over what was written into a draft of these books."""
        for kept in fields(self):
            getattr(self, kept.name).update(getattr(draft, kept.name).maps[0])

    def apply(self, effects: Sequence[Effect], at: datetime) -> None:
        """Carry out effects, all or none."""
        if not effects:
            return
        draft = self.draft()
        for effect in effects:
            draft.carry_out(effect, at)
        self.adopt(draft)

    def carry_out(self, effect: Effect, at: datetime) -> None:
        """Carry out one effect, or leave half of it behind where it is refused: for drafts alone."""
        _APPLY[type(effect)](self, effect, at)


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
    if purchase.room_id in books.purchases:
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
    invoice = invoice_of(purchase, _next_number(books, Series.INVOICES, purchase.purchased_at.year))
    books.purchases[purchase.room_id] = replace(purchase, invoice_number=invoice.number)
    books.invoices[purchase.invoice_id] = invoice
    _post(books, issued_postings(invoice))


def settle(books: Books, settlement: Settlement, at: datetime) -> Invoice:
    """Pay or cancel an invoice, and return it. Raises EffectRefusedError."""
    invoice = books.invoices.get(settlement.invoice_id)
    if invoice is None:
        raise no_invoice(settlement.invoice_id)
    check_settlement(invoice, settlement)
    if isinstance(settlement, CancelInvoice):
        note = credit_note_for(invoice, settlement, _next_number(books, Series.CREDIT_NOTES, at.year), at)
        now = cancelled(invoice, note)
        books.purchases[invoice.room_id] = replace(books.purchases[invoice.room_id], cancelled_at=at)
        _post(books, cancelled_postings(now))
    else:
        now = paid(invoice, at)
        _post(books, paid_postings(now))
    books.invoices[settlement.invoice_id] = now
    return now


def _settle(books: Books, effect: PayInvoice | CancelInvoice, at: datetime) -> None:
    settle(books, effect, at)


def _next_number(books: Books, series: Series, year: int) -> str:
    books.places[series, year] = books.places.get((series, year), 0) + 1
    return number_of(series, year, books.places[series, year])


def _post(books: Books, new: Iterable[Posting]) -> None:
    for posting in new:
        books.postings[posting.transaction_id, posting.number] = posting


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
    **dict.fromkeys((PayInvoice, CancelInvoice), _settle),
    ReleaseClaim: _release_claim,
    RememberAnswer: _remember_answer,
    KeepSealedKey: _keep_sealed_key,
    LearnPreferences: _learn_preferences,
    IndexChat: lambda books, effect, at: index_chat(books.chats, effect, at),
    IndexMessage: lambda books, effect, at: index_message(books.chats, books.messages, effect, at),
    RetitleChat: lambda books, effect, _: retitle(books.chats, effect),
    PinIndexed: lambda books, effect, _: pin(books.chats, effect),
}
