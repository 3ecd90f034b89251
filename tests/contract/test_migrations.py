"""The schema: from nothing to what the program knows, by whoever comes first, and never half."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, text

from chaffer.errors import ChafferError, Code
from chaffer.storage.opening import open_store
from chaffer.storage.schema import HEAD, alembic_config, upgrade
from chaffer.storage.tables import metadata
from tests.contract.first_release import take_back_to_first_release, take_guards_away
from tests.contract.stores import CODEC, START, adding, opening, positions_of

COMPARED = {
    "compare_type": True,
    "compare_server_default": True,
    # What each server has in a kind of its own, and SQLite keeps behind it, SQLAlchemy does not know.
    "include_name": lambda name, kind, _: kind != "table" or not name.startswith(("product_words", "chat_words")),
    "include_object": lambda _, name, kind, *__: (
        (kind, name) not in {("column", "words"), ("index", "products_by_word")}
    ),
}


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """Yield a connection of our own, committed at the end."""
    engine: Engine = create_engine(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


async def opened_and_closed(url: str) -> None:
    """Open a store, as a start of the program does, and close it."""
    await (await open_store(url, CODEC)).close()


def emptied(connection: Connection) -> None:
    """Drop all that a database of ours has."""
    if connection.dialect.name == "postgresql":
        take_guards_away(connection)
    metadata.drop_all(connection)
    connection.execute(text("DROP TABLE alembic_version"))


def guards(connection: Connection) -> dict[str, Any]:
    """Return which tables' rows are guarded, on PostgreSQL, and whom they are shown to."""
    if connection.dialect.name == "sqlite":
        return {}
    guarded = text("SELECT relname FROM pg_class WHERE relrowsecurity AND NOT relforcerowsecurity")
    policies = text("SELECT tablename, policyname, permissive, roles, cmd, qual, with_check FROM pg_policies")
    return {
        "guarded": sorted(connection.scalars(guarded)),
        "policies": sorted(map(str, connection.execute(policies))),
        "caller": connection.scalar(text("SELECT pg_get_functiondef(CAST('chaffer_caller' AS regproc))")),
    }


def shape(connection: Connection) -> dict[str, Any]:
    """Return all that a database tells of its tables, in an order that does not depend on when they were made."""
    return {"guards": guards(connection), **tables(connection)}


def tables(connection: Connection) -> dict[str, Any]:
    """Return what it tells of columns, keys and indexes."""
    look = inspect(connection)
    return {
        table: {
            "columns": [{**column, "type": str(column["type"])} for column in look.get_columns(table)],
            "key": look.get_pk_constraint(table)["constrained_columns"],
            "others": [
                sorted(map(repr, found))
                for found in (
                    look.get_indexes(table),
                    look.get_unique_constraints(table),
                    look.get_foreign_keys(table),
                    look.get_check_constraints(table),
                )
            ],
        }
        for table in look.get_table_names()
    }


def test_a_new_database_is_what_the_migrations_would_make_it(empty_url: str) -> None:
    asyncio.run(opened_and_closed(empty_url))
    with connected(empty_url) as connection:
        new = shape(connection)
        emptied(connection)
    with connected(empty_url) as connection:
        upgrade(connection, None)
        migrated = shape(connection)
    assert new == migrated
    assert len(new) > 5


def test_an_empty_database_becomes_what_the_tables_say(empty_url: str) -> None:
    asyncio.run(opened_and_closed(empty_url))
    with connected(empty_url) as connection:
        emptied(connection)
        upgrade(connection, None)
    with connected(empty_url) as connection:
        context = MigrationContext.configure(connection, opts=COMPARED)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_the_newest_migration_is_the_one_the_program_knows(sqlite_url: str) -> None:
    with connected(sqlite_url) as connection:
        script = ScriptDirectory.from_config(alembic_config(connection))
        assert script.get_heads() == [HEAD]


def test_programs_that_start_at_once_on_an_empty_database_all_come_up(empty_url: str) -> None:
    async def case() -> None:
        stores = await asyncio.gather(*(open_store(empty_url, CODEC) for _ in range(6)))
        await stores[0].create([opening()], START)
        for position, store in enumerate(stores, start=1):
            assert positions_of(await store.append(adding(position, "x"))) == [position + 1]
        for store in stores:
            await store.close()

    asyncio.run(case())


def test_opening_again_changes_nothing(empty_url: str) -> None:
    async def case() -> None:
        first = await open_store(empty_url, CODEC)
        await first.create([opening()], START)
        await first.close()
        second = await open_store(empty_url, CODEC)
        assert len(await second.read("room")) == 1
        await second.close()

    asyncio.run(case())


def test_a_database_of_the_first_release_is_brought_up_to_date_with_all_that_it_holds(empty_url: str) -> None:
    async def begun_and_ended() -> None:
        store = await open_store(empty_url, CODEC)
        await store.create([opening("room", "Größe 15″")], START)
        await store.close()

    async def read_again() -> None:
        store = await open_store(empty_url, CODEC)
        assert positions_of(await store.read("room")) == [1]
        await store.close()

    asyncio.run(begun_and_ended())
    with connected(empty_url) as connection:
        new = shape(connection)
        take_back_to_first_release(connection)
    asyncio.run(read_again())
    with connected(empty_url) as connection:
        assert shape(connection) == new
        body = connection.scalar(text("SELECT body FROM events"))
        assert connection.scalar(text("SELECT bytes FROM conversations")) == len(str(body).encode())


@pytest.mark.parametrize("version", ["9999", "1000", "1f3a5c", "0000"])
def test_a_database_of_a_newer_program_is_refused_and_left_alone(database_url: str, version: str) -> None:
    with connected(database_url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    with pytest.raises(ChafferError) as refused:
        asyncio.run(open_store(database_url, CODEC))
    assert refused.value.code is Code.VALIDATION_ERROR
    assert f"schema {version}" in refused.value.message
    assert "Install a newer Chaffer" in refused.value.message
    with connected(database_url) as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == version


def test_a_migration_that_breaks_leaves_nothing_behind(empty_url: str) -> None:
    if empty_url.startswith("sqlite"):
        asyncio.run(opened_and_closed(empty_url))  # makes the folder
        with connected(empty_url) as connection:
            emptied(connection)
    with connected(empty_url) as connection:
        connection.execute(text("CREATE TABLE stock (pieces integer)"))  # the last one that would be made
    with pytest.raises(ChafferError) as refused:
        asyncio.run(open_store(empty_url, CODEC))
    assert "stock" in refused.value.message
    assert "already exists" in refused.value.message
    with connected(empty_url) as connection:
        assert inspect(connection).get_table_names() == ["stock"]
