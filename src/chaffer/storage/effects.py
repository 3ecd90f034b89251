"""The effects of an append, in SQL. Each raises EffectRefusedError before or instead of changing anything for good."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, delete, insert, select, text, update

from chaffer.assistant.indexing import IndexChat, IndexMessage, PinIndexed, RetitleChat
from chaffer.conversation.journal import Effect, RememberAnswer
from chaffer.conversation.keys import KeepSealedKey
from chaffer.ledger.books import (
    Account,
    CancelInvoice,
    Claim,
    CommitPurchase,
    OpenAccount,
    PayInvoice,
    ReleaseClaim,
    Shelf,
    StockLine,
)
from chaffer.ledger.rules import check_purchase
from chaffer.shopping.preferences import LearnPreferences, changed
from chaffer.storage.book_tables import accounts, claims, purchases, stock
from chaffer.storage.books import enter_purchase, settle
from chaffer.storage.chats import index_chat, index_message, pin, retitle
from chaffer.storage.preferences import change_preferences
from chaffer.storage.products.shelves import pieces_locked, pieces_on, take
from chaffer.storage.refusals import answered_already, bought_already, no_account
from chaffer.storage.tables import session_keys, stamp

# One statement, so that two processes at once neither break each other nor both succeed.
_KEEP_ANSWER: Final = text(
    "INSERT INTO answers (owner, key, digest, status, body, kept_at) "
    "VALUES (:owner, :key, :digest, :status, :body, :kept_at) ON CONFLICT (owner, key) DO NOTHING"
)


def apply_effect(connection: Connection, effect: Effect, at: datetime) -> None:
    """Carry out an effect within the transaction of its append. Raises EffectRefusedError."""
    _APPLY[type(effect)](connection, effect, at)


def _open_account(connection: Connection, effect: OpenAccount, _: datetime) -> None:
    account = effect.account
    connection.execute(
        insert(accounts),
        [
            {
                "session_id": account.session_id,
                "budget_minor": account.budget_minor,
                "committed_minor": account.committed_minor,
            }
        ],
    )
    if account.claims:
        rows = [
            {"session_id": account.session_id, "number": number, **asdict(claim)}
            for number, claim in enumerate(account.claims)
        ]
        connection.execute(insert(claims), rows)
    if effect.stock:
        connection.execute(insert(stock), [_stock_row(account.session_id, line) for line in effect.stock])


def _stock_row(session_id: str, line: StockLine) -> dict[str, Any]:
    row = asdict(line)
    shelf = row.pop("shelf") or {"product_id": None, "seller": None}
    return {"session_id": session_id, **row, "shelf_product": shelf["product_id"], "shelf_seller": shelf["seller"]}


def _commit_purchase(connection: Connection, effect: CommitPurchase, _: datetime) -> None:
    purchase = effect.purchase
    account = read_account(connection, purchase.session_id, lock=True)
    of_seller = (
        (stock.c.session_id == purchase.session_id)
        & (stock.c.item_id == purchase.item_id)
        & (stock.c.seller_id == purchase.seller_id)
    )
    if connection.scalar(select(purchases.c.id).where(purchases.c.room_id == purchase.room_id)) is not None:
        raise bought_already(purchase)
    line = connection.execute(select(stock).where(of_seller).with_for_update()).mappings().first()
    shelf = None if line is None else _shelf_of(line)
    pieces = pieces_locked(connection, shelf) if shelf is not None else line["pieces"] if line is not None else 0
    check_purchase(account, pieces, effect)
    connection.execute(
        update(accounts)
        .where(accounts.c.session_id == purchase.session_id)
        .values(committed_minor=accounts.c.committed_minor + purchase.total_minor)
    )
    if shelf is not None:
        take(connection, shelf, purchase.quantity)
    else:
        connection.execute(update(stock).where(of_seller).values(pieces=stock.c.pieces - purchase.quantity))
    enter_purchase(connection, purchase)


def _shelf_of(line: RowMapping) -> Shelf | None:
    return None if line["shelf_product"] is None else Shelf(line["shelf_product"], line["shelf_seller"])


def read_stock(connection: Connection, session_id: str, item_id: str) -> tuple[StockLine, ...]:
    """Return what a session's sellers have left of an item, by seller: on a shelf, what lies there now."""
    of_item = (stock.c.session_id == session_id) & (stock.c.item_id == item_id)
    lines = connection.execute(select(stock).where(of_item).order_by(stock.c.seller_id)).mappings().all()
    left = pieces_on(connection, [shelf for line in lines if (shelf := _shelf_of(line)) is not None])
    return tuple(
        StockLine(line["seller_id"], item_id, line["pieces"] if shelf is None else left.get(shelf, 0), shelf)
        for line in lines
        for shelf in [_shelf_of(line)]
    )


def _settle(connection: Connection, effect: PayInvoice | CancelInvoice, at: datetime) -> None:
    settle(connection, effect, at)


def _release_claim(connection: Connection, effect: ReleaseClaim, _: datetime) -> None:
    of_room = (claims.c.session_id == effect.session_id) & (claims.c.room_id == effect.room_id)
    connection.execute(update(claims).where(of_room).values(is_open=False))


def _remember_answer(connection: Connection, effect: RememberAnswer, at: datetime) -> None:
    row = {"owner": effect.owner, "key": effect.key, "digest": effect.digest, "kept_at": stamp(at)}
    kept = connection.execute(_KEEP_ANSWER, {**row, "status": effect.answer.status, "body": effect.answer.body})
    if kept.rowcount == 0:
        raise answered_already()


def _keep_sealed_key(connection: Connection, effect: KeepSealedKey, _: datetime) -> None:
    place = {"session_id": effect.session_id, "slot": effect.slot, "provider": effect.provider}
    connection.execute(delete(session_keys).filter_by(**place))
    connection.execute(insert(session_keys), [asdict(effect)])


def _learn_preferences(connection: Connection, effect: LearnPreferences, _: datetime) -> None:
    change_preferences(connection, effect.owner, lambda known: changed(known, effect.change))


def read_account(connection: Connection, session_id: str, *, lock: bool = False) -> Account:
    """Return a session's account, locked until the transaction ends if so wished. Raises SESSION_NOT_FOUND."""
    query = select(accounts).where(accounts.c.session_id == session_id)
    row = connection.execute(query.with_for_update() if lock else query).mappings().first()
    if row is None:
        raise no_account(session_id)
    found = connection.execute(
        select(claims.c.room_id, claims.c.value_minor, claims.c.is_open)
        .where(claims.c.session_id == session_id)
        .order_by(claims.c.number)
    )
    return Account(session_id, row["budget_minor"], row["committed_minor"], tuple(Claim(*claim) for claim in found))


_APPLY: Final[Mapping[type[Effect], Callable[[Connection, Any, datetime], None]]] = {
    OpenAccount: _open_account,
    CommitPurchase: _commit_purchase,
    **dict.fromkeys((PayInvoice, CancelInvoice), _settle),
    ReleaseClaim: _release_claim,
    RememberAnswer: _remember_answer,
    KeepSealedKey: _keep_sealed_key,
    LearnPreferences: _learn_preferences,
    IndexChat: index_chat,
    IndexMessage: index_message,
    RetitleChat: retitle,
    PinIndexed: pin,
}
