"""A server behind its doors, for tests that try them over the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.proofs import BOTH
from tests.support.server import Server


@pytest.fixture(scope="session")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a server that asks who calls, by password or token."""
    variables = {name.upper(): str(value) for name, value in BOTH.items()}
    with Server(tmp_path_factory.mktemp("guarded"), **variables) as server:
        yield server
