from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import create_engine, text

from tests.support.postgres import PostgresServer


def _tables(url: str) -> list[str]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE stock (pieces bigint)"))
            found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            return list(found.scalars())
    finally:
        engine.dispose()


def test_each_test_has_an_empty_database(postgres_url: str) -> None:
    assert postgres_url.startswith("postgresql+psycopg://")
    assert _tables(postgres_url) == ["stock"]


def test_next_test_has_an_empty_database_too(postgres_url: str) -> None:
    assert _tables(postgres_url) == ["stock"]


def test_server_is_a_recent_postgres_and_not_a_stand_in(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        assert connection.info.server_version >= 180_000


def test_database_goes_though_a_connection_is_left_open(postgres_server: PostgresServer) -> None:
    with postgres_server.empty_database() as url:
        left_open = psycopg.connect(url.replace("+psycopg", ""))
    with left_open, pytest.raises(psycopg.OperationalError):
        left_open.execute("SELECT 1")
