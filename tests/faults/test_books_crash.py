"""Many processes commit, pay and cancel at once and are killed again and again: the books stay whole (issue 6).

The file is also the program that is killed: it does its share from the beginning, whatever its lives before have done,
and prints the name of each deal once it is told that the books have it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

import pytest

from chaffer.errors import ChafferError, Code
from chaffer.ledger.books import CancelInvoice, PayInvoice
from chaffer.ledger.invoices import InvoiceStatus
from chaffer.storage.opening import open_store
from tests.contract.stores import CODEC, Store, account, at, opening, purchase

ROOT: Final = Path(__file__).parents[2]
AT: Final = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
LONGEST_LIFE: Final = 0.6


async def do_share(url: str, share: int, deals: int) -> None:
    """Make every deal of a share at the same time."""
    store = await open_store(url, CODEC)
    await asyncio.gather(*(_deal(store, f"s{share}d{number}", number) for number in range(deals)))
    await store.close()


async def _deal(store: Store, name: str, number: int) -> None:
    """Open a session, buy, and by its number leave it at that, pay, cancel, or both; what is done already stays."""
    effect = purchase("room", session_id=name, room_id=name, tax_percent=Decimal(19 + number % 3), purchased_at=AT)
    invoice_id = effect.purchase.invoice_id
    steps: list[Awaitable[object]] = [store.create([opening(name)], AT, [account(name), effect])]
    if number % 4 in {1, 3}:
        steps.append(store.settle(PayInvoice(invoice_id), AT))
    if number % 4 in {2, 3}:
        steps.append(store.settle(CancelInvoice(invoice_id, f"note_{name}", "Came broken."), AT))
    for step in steps:
        try:
            await step
        except ChafferError as refused:
            assert refused.code is Code.CONFLICT, refused  # noqa: PT017  A life before this one did it.
    print(name, flush=True)  # noqa: T201  what the parent waits for


def live_and_die(url: str, share: int, deals: int, kills: int) -> tuple[set[str], int]:
    """Let the program do its share, kill it as often as wished, let it end at last.

    Return the deals it told of, and how many of its lives ended before their share was done.
    """
    random, killed = Random(share), 0
    told: set[str] = set()
    path = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "default"}
    command = [sys.executable, __file__, url, str(share), str(deals)]
    for life in range(kills + 1):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT) as writer:
            assert writer.stdout is not None
            if life < kills:
                first = writer.stdout.readline()
                told.add(first.strip())
                killer = threading.Timer(random.uniform(0, LONGEST_LIFE / deals), writer.send_signal, [signal.SIGKILL])
                killer.start()
            told |= {line.strip() for line in writer.stdout if line.endswith("\n")}
            code = writer.wait()
        assert code in ({0, -signal.SIGKILL} if life < kills else {0})
        killed += code != 0
    return told, killed


async def check(store: Store, told: set[str]) -> None:
    """Check that every deal stands in the books, once, and that the books are in order."""
    assert {name for name in told if await store.find(name) is None} == set()
    invoices = [invoice for name in told for invoice in await store.invoices(name)]
    assert len(invoices) == len(told)
    assert sorted(invoice.number for invoice in invoices) == [f"INV-2026-{n:06d}" for n in range(1, len(told) + 1)]
    by_status = {
        status: {invoice.room_id for invoice in invoices if invoice.status is status} for status in InvoiceStatus
    }
    assert {int(name.partition("d")[2]) % 4 for name in by_status[InvoiceStatus.ISSUED]} == {0}
    assert {int(name.partition("d")[2]) % 4 for name in by_status[InvoiceStatus.PAID]} == {1}
    assert {int(name.partition("d")[2]) % 4 for name in by_status[InvoiceStatus.CANCELLED]} == {2, 3}
    found = await store.verify()
    assert found.findings == ()
    assert found.checked["purchases"] == found.checked["invoices"] == len(told)
    assert found.checked["credit_notes"] == len(by_status[InvoiceStatus.CANCELLED])


def kill_at_once(url: str, processes: int, deals: int, kills: int) -> None:
    """Run as many programs at once as wished, each killed some times, and check what they leave."""
    with ThreadPoolExecutor(processes) as threads:
        lives = [threads.submit(live_and_die, url, share, deals, kills) for share in range(processes)]
        told = set().union(*(life.result()[0] for life in lives))
    assert sum(life.result()[1] for life in lives) > 0
    assert len(told) == processes * deals
    at(url, url).run(partial(check, told=told))


def url_on(server: str, folder: Path, request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database."""
    if server == "sqlite":
        return f"sqlite:///{(folder / 'chaffer.db').as_posix()}"
    url: str = request.getfixturevalue("postgres_url")
    return url


posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL.")
on_each_server = pytest.mark.parametrize("server", ["sqlite", "postgresql"])


@posix_only
@on_each_server
def test_books_of_processes_killed_at_once_balance_count_without_gaps_and_have_nothing_twice(
    server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kill_at_once(url_on(server, tmp_path, request), processes=3, deals=10, kills=1)


@posix_only
@pytest.mark.soak
@on_each_server
def test_books_of_two_hundred_concurrent_commits_stand_under_forty_kills(
    server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kill_at_once(url_on(server, tmp_path, request), processes=8, deals=25, kills=5)


if __name__ == "__main__":
    asyncio.run(do_share(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
