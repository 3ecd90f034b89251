"""What holds for every test: no socket beyond this machine, and the real servers a test may ask for."""

from __future__ import annotations

import gc
import ipaddress
import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.plain_log import log_plainly
from tests.support.postgres import PostgresServer, running_postgres
from tests.support.temporary import temporary_root
from tests.support.valkey import ValkeyAtHand, running_valkey

# Derandomized, a failure is seen by everybody or by nobody; at a desk, every run looks elsewhere.
# Forty examples keep `make test` within its minutes; `make soak` tries two thousand.
settings.register_profile("ci", max_examples=40, derandomize=True, deadline=None, print_blob=True)
settings.register_profile("desk", max_examples=40, deadline=None)
settings.register_profile("soak", max_examples=2_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
log_plainly()
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(temporary_root()))
settings.load_profile("ci" if os.environ.get("CI") else "desk")


class BeyondLoopbackError(RuntimeError):
    """A test went for another machine. No OSError, which the code under test might take for an answer."""


def _refuse_other_machines(event: str, arguments: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        # Those of Unix sockets are texts, and None stands for the peer that was connected to before.
        host = address[0] if isinstance(address, tuple) else None
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    else:
        return
    if host and not _is_loopback(host.decode() if isinstance(host, bytes) else str(host)):
        msg = f"{event} to {host}: tests reach loopback only"
        raise BeyondLoopbackError(msg)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


# Sees every socket of this process, however it is opened. Those of libpq it does not: tests hand it Unix sockets.
sys.addaudithook(_refuse_other_machines)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among what the tests import: almost all of it stays, and to look takes half of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let those that take long begin first, so that no worker is left with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)


@pytest.fixture(scope="session")
def postgres_server(testrun_uid: str) -> Iterator[PostgresServer]:
    """Yield the PostgreSQL that all workers of this run share."""
    with running_postgres(testrun_uid) as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Yield the URL of an empty database of a real PostgreSQL, this test's alone: `postgresql+psycopg://…`."""
    with postgres_server.empty_database() as url:
        yield url


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[ValkeyAtHand]:
    """Yield the Valkey of this worker."""
    # Not under pytest's own folder: the path of a Unix socket has 107 bytes at most.
    with tempfile.TemporaryDirectory(prefix="chaffer-valkey-") as folder, running_valkey(Path(folder)) as valkey:
        yield valkey


@pytest.fixture
def valkey(valkey_server: ValkeyAtHand) -> ValkeyAtHand:
    """Return a real Valkey with nothing in it; a test may end it."""
    valkey_server.start()
    valkey_server.forget_everything()
    return valkey_server
