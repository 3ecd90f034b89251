"""Servers of models that others wrote, as programs of their own on loopback: they share no error of ours.

`llmock` speaks OpenAI's wire at `/v1` and Anthropic's below `/anthropic`, and fails as it is told over HTTP.
`llm-katan` echoes what the user said, over OpenAI's, Anthropic's and, after its own fashion, Bedrock's wires.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2

KATAN_MODEL: Final = "katan-echo"
_LOOPBACK: Final = "127.0.0.1"
_START_SECONDS: Final = 30.0


@dataclass(frozen=True)
class Foreign:
    """A running server."""

    root: str

    def behave(self, *behaviours: Mapping[str, Any]) -> None:
        """Have llmock answer the next requests like this, one behaviour each, and forget what it was told before."""
        with httpx2.Client(base_url=self.root, trust_env=False) as client:
            client.post("/_llmock/reset").raise_for_status()
            if behaviours:
                client.post("/_llmock/scenario", json={"behaviors": list(behaviours)}).raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """Return what llmock was asked since then."""
        with httpx2.Client(base_url=self.root, trust_env=False) as client:
            asked: list[dict[str, Any]] = client.get("/_llmock/requests").raise_for_status().json()["requests"]
            return asked


@contextmanager
def llmock(folder: Path) -> Iterator[Foreign]:
    """Run llmock while the context lasts; its log goes to the folder."""
    with _running(["llmock", "serve", "-h", _LOOPBACK, "-p"], folder, "/health") as server:
        yield server


@contextmanager
def llm_katan(folder: Path) -> Iterator[Foreign]:
    """Run llm-katan while the context lasts; its log and its figures go to the folder."""
    options = ["--model", KATAN_MODEL, "--backend", "echo", "--providers", "openai,anthropic,bedrock"]
    places = ["--stats-file", str(folder / "stats.json"), "--disable-dashboard", "--host", _LOOPBACK, "--port"]
    with _running(["llm-katan", *options, *places], folder, "/health") as server:
        yield server


@contextmanager
def _running(command: Sequence[str], folder: Path, health: str) -> Iterator[Foreign]:
    port = _free_port()
    program = Path(sys.executable).parent / command[0]
    log = folder / f"{command[0]}.log"
    # Without proxies and without a home: they must find nothing there, and leave nothing.
    surroundings = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    environment = {**surroundings, "HOME": str(folder), "USERPROFILE": str(folder), "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(program), *command[1:], str(port)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            root = f"http://{_LOOPBACK}:{port}"
            _wait_until_up(process, root + health, log)
            yield Foreign(root)
        finally:
            # Asked politely, they would first wait for streams that nobody reads any more.
            process.kill()
            process.wait(10)


def _wait_until_up(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    with httpx2.Client(trust_env=False, timeout=1) as client:
        while time.monotonic() < end and process.poll() is None:
            try:
                if client.get(url).status_code == httpx2.codes.OK:
                    return
            except httpx2.TransportError:
                time.sleep(0.05)
    msg = f"{url} did not come up:\n{log.read_text(errors='replace')}"
    raise RuntimeError(msg)


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind((_LOOPBACK, 0))
        port: int = bound.getsockname()[1]
        return port
