"""What the README tells people to type works, and what it shows is what they get."""

from __future__ import annotations

import re
import shutil
import socket

import pytest

from tests.docs.conftest import Shell
from tests.docs.reading import Page
from tools.tasks import TASKS

README = Page("README.md")
FIRST, COMMANDS, API, SHOP, CHAT, RUN, REPLAY = README.blocks("sh")

with_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="these commands of the README call curl")


def test_first_screen_has_the_two_commands() -> None:
    typed = re.findall(r"^make (\w+)", FIRST, re.MULTILINE)
    assert typed == ["demo", "test"]
    assert set(typed) <= set(TASKS)
    assert README.text.index(FIRST) < 1500


def test_recorded_session_is_what_the_demo_shows(shell: Shell) -> None:
    shown = [line.rstrip() for line in shell.run("chaffer demo").splitlines()]
    (recorded,) = README.blocks("text")
    for line in filter(None, recorded.splitlines()):
        if line == "…":
            continue
        pattern = ".*".join(map(re.escape, line.split("…")))
        assert any(re.fullmatch(pattern, each) for each in shown), f"not shown: {line}"


def test_scenarios_are_played_and_a_log_is_played_back(shell: Shell) -> None:
    played = shell.run(COMMANDS)
    assert "Spent" in played
    assert '"final_price"' in played
    assert "Results" in shell.run(REPLAY)


def test_assistant_recommends_what_was_asked_for(shell: Shell) -> None:
    told = shell.run(SHOP)
    assert "$1,500.00" in told
    assert "Value score 0." in told


def test_chat_answers_about_products_and_money(shell: Shell) -> None:
    told = shell.run(CHAT)
    assert re.search(r"^shopping: .*\$\d+\.\d\d", told, re.MULTILINE)
    assert re.search(r"^billing: .*invoices", told, re.MULTILINE)


def test_two_bots_talk_and_what_they_said_is_a_file(shell: Shell) -> None:
    assert "Bot 2: " in shell.run(RUN)
    assert (shell.folder / "run.pdf").read_bytes().startswith(b"%PDF-")


@with_curl
def test_api_is_served_and_called_as_shown(shell: Shell) -> None:
    port = free_port()
    pasted, count = re.subn(r"(?m)^API=http://127\.0\.0\.1:8000/", f"API=http://127.0.0.1:{port}/", API)
    assert (pasted.startswith("chaffer serve &\n"), count) == (True, 1)
    answered = shell.run(f"export PORT={port}\ntrap 'kill $(jobs -p); wait' EXIT\n{pasted}")
    assert answered.count("event: negotiation_complete\n") == 3
    assert '"completed_purchases":2' in answered


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port
