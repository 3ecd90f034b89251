"""Row-level security of PostgreSQL, tried by a role that does not own the tables, as a client of Supabase has one."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from chaffer.assistant.indexing import IndexChat
from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import CancelInvoice
from chaffer.storage.opening import open_store
from chaffer.storage.row_security import CLOSED, OPEN
from tests.contract.stores import CODEC, START, Store, account, adding, at, opening, purchase
from tests.contract.test_chats import message
from tests.support.postgres import PostgresServer

TABLES: Final = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
MINE: Final = {
    "chats": "owner",
    "purchases": "owner",
    "invoices": "owner",
    "postings": "owner",
    "chat_messages": "chat_id",
    "credit_notes": "reason",
}


async def _fill(store: Store) -> None:
    """Let ann and bob each talk, buy, and take it back."""
    for owner in ("ann", "bob"):
        room, chat = f"room_of_{owner}", f"chat_of_{owner}"
        told = (IndexChat(chat, owner, "Desk"), message(chat, 0, "a keyboard"), message(chat, 1, "here"))
        await store.create([opening(chat, kind="chat", owner=owner)], START, told)
        await store.create([opening(room, owner=owner)], START, [account(f"session_of_{owner}", room=room)])
        bought = purchase(f"{room}_0", session_id=f"session_of_{owner}", owner=owner)
        await store.append(adding(1, "bought", to=room, effects=(bought,)))
        cancel = CancelInvoice(bought.purchase.invoice_id, f"note_of_{owner}", f"reason of {owner}")
        await store.settle(cancel, START + timedelta(days=1))


@pytest.fixture
def filled(postgresql_url: str) -> str:
    """Return the address of a database in which ann and bob have rows."""
    at(postgresql_url, "postgresql").run(_fill)
    return postgresql_url.replace("+psycopg", "")


@pytest.fixture
def client(postgres_server: PostgresServer) -> Iterator[str]:
    """Yield a role of clients, which owns nothing."""
    name = f"client_{uuid4().hex}"
    postgres_server.run(f"CREATE ROLE {name} NOLOGIN")
    yield name
    postgres_server.run(f"DROP ROLE {name}")


@contextmanager
def clients(
    address: str, role: str, claims: dict[str, Any] | None, granted: str = "ALL"
) -> Iterator[psycopg.Connection[Any]]:
    """Yield a transaction in which a client acts whose token has these claims, as PostgREST begins one; undone then."""
    with psycopg.connect(address) as connection:
        owner = connection.cursor()
        grant = "GRANT {} ON ALL TABLES IN SCHEMA public TO {}"
        owner.execute(sql.SQL(grant).format(sql.SQL(granted), sql.Identifier(role)))
        owner.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))
        if claims is not None:
            owner.execute("SELECT set_config('request.jwt.claims', %s, true)", [json.dumps(claims)])
        yield connection
        connection.rollback()


def rows(connection: psycopg.Connection[Any], table: str, column: str = "*") -> list[tuple[Any, ...]]:
    """Return all rows that somebody reads, without any condition."""
    query = sql.SQL("SELECT {} FROM {}")
    shown = sql.SQL("*") if column == "*" else sql.Identifier(column)
    return connection.execute(query.format(shown, sql.Identifier(table))).fetchall()


def test_it_is_decided_of_every_table_whether_it_is_open_and_all_are_guarded(filled: str) -> None:
    with psycopg.connect(filled) as connection:
        tables = {name for (name,) in connection.execute(TABLES.encode())}
        guarded = {name for (name,) in connection.execute(f"{TABLES} AND relrowsecurity".encode())}
        policies = connection.execute("SELECT tablename, cmd FROM pg_policies").fetchall()
    assert tables == {*CLOSED, *OPEN}, "a new table stands in storage/row_security.py, and in a migration"
    assert guarded == tables
    assert sorted(policies) == sorted((table, "SELECT") for table in OPEN)
    assert set(MINE) == set(OPEN)


@pytest.mark.parametrize("who", ["ann", "bob"])
def test_a_query_without_a_condition_reads_the_callers_rows_alone(filled: str, client: str, who: str) -> None:
    with clients(filled, client, {"sub": who, "role": "authenticated"}) as connection:
        for table, column in MINE.items():
            read = [str(value) for (value,) in rows(connection, table, column)]
            assert read, table
            assert all(value.endswith(who) for value in read), (table, read)
        assert len(rows(connection, "chat_messages")) == 2
        for table in CLOSED:
            assert rows(connection, table) == [], table


@pytest.mark.parametrize("claims", [None, {}, {"sub": None}, {"sub": ""}, {"role": "anon"}, {"sub": "carl"}])
def test_without_claims_or_with_those_of_a_stranger_nothing_is_read(
    filled: str, client: str, claims: dict[str, Any] | None
) -> None:
    with clients(filled, client, claims) as connection:
        for table in (*OPEN, *CLOSED):
            assert rows(connection, table) == [], table


@contextmanager
def granted(address: str, role: str, grant: str = "") -> Iterator[psycopg.Connection[Any]]:
    """Yield a connection of the owner of the tables, while a role may read them all, or what a grant says."""
    name = sql.Identifier(role)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute((grant or f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}").encode())
        yield connection
        connection.execute("RESET ROLE")
        connection.execute(sql.SQL("DROP OWNED BY {}").format(name))


def test_claims_end_with_the_transaction_that_they_were_set_in(filled: str, client: str) -> None:
    with granted(filled, client) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(client)))
        with connection.transaction():
            connection.execute("""SELECT set_config('request.jwt.claims', '{"sub": "ann"}', true)""")
            assert len(rows(connection, "chats")) == 1
        assert rows(connection, "chats") == []


@pytest.mark.parametrize("table", OPEN)
def test_a_client_writes_nothing_not_even_of_its_own(filled: str, client: str, table: str) -> None:
    name = sql.Identifier(table)
    owned = sql.Identifier("owner" if MINE[table] == "owner" else MINE[table])
    with clients(filled, client, {"sub": "ann"}) as connection:
        assert connection.execute(sql.SQL("UPDATE {} SET {} = 'bob'").format(name, owned)).rowcount == 0
        assert connection.execute(sql.SQL("DELETE FROM {}").format(name)).rowcount == 0
        copied = sql.SQL("INSERT INTO {} SELECT * FROM {} LIMIT 1").format(name, name)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute(copied)
    for statement in ("UPDATE {} SET {} = 'bob'", "DELETE FROM {}", "TRUNCATE {}"):
        with (
            clients(filled, client, {"sub": "ann"}, granted="SELECT") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(sql.SQL(statement).format(name, owned))


def test_the_grant_that_the_documents_show_opens_what_they_say_and_no_more(filled: str, client: str) -> None:
    page = Path("docs/supabase.md").read_text(encoding="utf-8")
    grant, revoke = re.findall(r"```sql\n(.+?)```", page, re.DOTALL)
    with granted(filled, client, grant.replace("authenticated", client)) as connection:
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(client)))
        connection.execute("""SELECT set_config('request.jwt.claims', '{"sub": "bob"}', false)""")
        for table in OPEN:
            assert rows(connection, table), table
            assert f"`{table}`" in page
        for table in CLOSED:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                rows(connection, table)
        connection.execute("RESET ROLE")
        connection.execute(revoke.replace("anon, authenticated", client).encode())
        connection.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(client)))
        for table in OPEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                rows(connection, table)


def test_a_user_from_whom_the_rows_are_guarded_is_told_so_instead_of_finding_nothing(filled: str, client: str) -> None:
    with granted(filled, client) as connection:
        connection.execute(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(client)))
        with pytest.raises(ChafferError, match="belong to another user") as refused:
            asyncio.run(open_store(filled.replace("//postgres:", f"//{client}:"), CODEC))
    assert refused.value.code is Code.VALIDATION_ERROR
