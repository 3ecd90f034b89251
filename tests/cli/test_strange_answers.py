"""A server that is another program, or of another version: commands say so, and do not break."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest

from tests.cli.conftest import Chaffer

ID: Final = "00000000-0000-0000-0000-000000000000"
COMMANDS: Final = (
    "me",
    "status",
    "sessions list",
    "sessions open market.json",
    f"sessions show {ID}",
    f"sessions summary {ID}",
    f"sessions start {ID}",
    f"sessions watch {ID}",
    f"sessions watch {ID} --json",
    f"rooms show {ID}",
    f"rooms start {ID}",
    f"rooms say {ID} hello",
    f"rooms stop {ID}",
    f"rooms watch {ID}",
    f"rooms watch {ID} --json",
    "runs list",
    f"runs show {ID}",
    f"runs follow {ID}",
    f"runs stop {ID}",
    f"runs say {ID} hello",
    f"runs patch {ID} 0 --temperature 0",
    f"runs delete {ID}",
    "run --topic tea",
    "logs list",
    f"logs list {ID}",
    "negotiate market.json",
)


class _Stranger(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815  So http.server looks for them.

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def stranger() -> Iterator[str]:
    """Yield the address of a server that answers every call with an empty object."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Stranger) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("command", COMMANDS)
def test_an_empty_answer_is_the_servers_fault_and_told_as_such(
    chaffer: Chaffer, stranger: str, tmp_path: Path, small_market: dict[str, Any], command: str
) -> None:
    (tmp_path / "market.json").write_text(json.dumps(small_market), encoding="utf-8")
    ran = chaffer(*command.split(), "--url", stranger)
    assert ran.code == 1, ran
    assert "it is not this program's, or one of another version's" in ran.err
    assert "Chaffer broke" not in ran.err
