"""The assistant on the command line: a turn, a talk, approvals, and what the API can do with conversations."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Chaffer, Ran, command, environment
from tests.support.cut_commands import cut_short
from tests.support.server import Server

KEYBOARD = "find me a quiet keyboard under 120"


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment whose database has the sample, which is put into it once for all tests here."""
    return {"DATA_DIR": str(tmp_path_factory.mktemp("floor")), "DEMO_CATALOG": "true"}


@pytest.fixture
def chats(chaffer: Chaffer, floor: dict[str, str]) -> Callable[..., Ran]:
    """Return what runs a command over the sample."""

    def run(*arguments: str, stdin: str = "") -> Ran:
        return chaffer(*arguments, env=floor, stdin=stdin)

    return run


def document(ran: Ran) -> Any:
    """Return what a command with --json printed."""
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def frames(ran: Ran) -> list[dict[str, Any]]:
    """Return the frames that a command with --json printed."""
    return [json.loads(line) for line in ran.out.splitlines()]


def begun(chats: Callable[..., Ran], words: str, *options: str) -> str:
    """Say something in a new conversation, and return its id."""
    conversation: str = frames(chats("chat", "--json", *options, words))[0]["conversation_id"]
    return conversation


def test_a_turn_is_answered_and_goes_on_in_the_next_command(chats: Callable[..., Ran]) -> None:
    """Issue 6: `chaffer chat` in the terminal; a pipe's text is words, too."""
    ran = chats("chat", "What", "invoices", "do", "I", "have?", "--user-id", "ann", "--seed", "1")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("billing: ")
    assert chats("chat", "--user-id", "ann", "--seed", "1", stdin="What invoices do I have?\n").out == ran.out
    first = frames(chats("chat", "--json", "--user-id", "ann", KEYBOARD))
    assert [first[0]["type"], first[-1]["type"]] == ["start", "complete"]
    conversation = first[0]["conversation_id"]
    more = frames(chats("chat", "--conversation", conversation, "--json", "--user-id", "ann", "something cheaper"))
    assert more[0]["conversation_id"] == conversation
    assert frames(chats("conversations", "follow", conversation, "--json")) == more
    assert frames(chats("conversations", "follow", conversation, "--json", "--after", more[0]["event_id"])) == more[1:]


def test_what_commits_money_waits_for_a_yes_and_its_news_are_shown(chats: Callable[..., Ran]) -> None:
    """Issue 6: approval; the negotiation that was approved of is played here to its end."""
    conversation = begun(chats, KEYBOARD, "--user-id", "bob", "--seed", "7")
    asked = chats("chat", "--conversation", conversation, "haggle for two")
    assert asked.code == 3
    assert asked.out.rstrip().endswith("?") or "Send a buyer" in asked.out
    assert f"chaffer conversations approve {conversation}" in asked.err
    shown = chats("conversations", "show", conversation)
    assert "waiting" in shown.out
    assert shown.out.rstrip().endswith(f"chaffer conversations approve {conversation}, or decline")
    done = chats("conversations", "approve", conversation)
    assert done.code == 0, done.err
    assert "Deal! " in done.out
    (invoice,) = re.findall(r"INV-\d{4}-\d{6}", done.out)
    assert invoice in chats("chat", "--user-id", "bob", "what invoices do I have?").out
    paying = chats("chat", "--user-id", "bob", "--json", f"pay invoice {invoice}")
    assert paying.code == 3
    again = frames(paying)[0]["conversation_id"]
    declined = frames(chats("conversations", "decline", again, "--json"))
    assert [frame["status"] for frame in declined if frame["type"] == "tool_call"] == ["declined"]
    late = chats("conversations", "approve", again)
    assert (late.code, late.out) == (2, "")
    assert "waits for no approval" in late.err
    assert document(chats("invoices", "show", invoice, "--json"))["status"] == "issued"


def test_conversations_are_listed_searched_named_pinned_exported_and_deleted(
    chats: Callable[..., Ran], tmp_path: Path
) -> None:
    """Everything that the API can do the command line can."""
    mine = ("--user-id", "cleo")
    assert chats("conversations", "list", *mine).out == "There are no conversations.\n"
    opened = document(chats("conversations", "open", "--title", "Later", *mine, "--json"))["id"]
    talked = begun(chats, KEYBOARD, *mine)
    assert chats("conversations", "rename", opened, "Much", "later").code == 0
    assert chats("conversations", "pin", opened).out.endswith("'Much later', and pinned.\n")
    listed = document(chats("conversations", "list", *mine, "--json"))["conversations"]
    assert [one["id"] for one in listed] == [opened, talked]
    assert "pinned" not in chats("conversations", "unpin", opened).out
    found = document(chats("conversations", "search", "QUIET", "keyboard", *mine, "--json"))["conversations"]
    assert [one["id"] for one in found] == [talked]
    assert chats("conversations", "search", "zebra", *mine).out == "No conversation holds 'zebra'.\n"
    page = chats("conversations", "show", talked, "--limit", "1")
    assert "(earlier: --before 1)" in page.out
    assert KEYBOARD in chats("conversations", "show", talked, "--limit", "1", "--before", "1").out
    file = tmp_path / "talk.json"
    assert chats("conversations", "export", talked, "--out", str(file)).code == 0
    assert chats("export", talked, "--format", "json").out.encode() == file.read_bytes()
    assert KEYBOARD in chats("conversations", "export", talked).out
    assert chats("conversations", "stop", talked).out.endswith("is idle.\n")
    assert "is deleted" in chats("conversations", "delete", talked).out
    gone = chats("conversations", "show", talked)
    assert (gone.code, gone.out) == (2, "")


def test_tools_are_listed_with_what_asks_first(chats: Callable[..., Ran]) -> None:
    asking = {
        one["name"] for one in document(chats("conversations", "tools", "--json"))["tools"] if one["needs_approval"]
    }
    assert asking == {"open_negotiation", "accept_offer", "pay_invoice"}
    lines = chats("conversations", "tools").out.splitlines()
    assert {line.split()[0] for line in lines if "yes" in line.split()} == asking


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("chat",), "message"),
        (("chat", "--conversation", "nowhere", "x"), "There is no conversation"),
        (("chat", "--conversation", "c", "--provider", "builtin", "x"), "that it was begun with"),
        (("conversations", "approve", "nowhere"), "There is no conversation"),
        (("conversations", "export", "c", "--format", "doc"), "must be one of json, md, csv, pdf"),
    ],
    ids=str,
)
def test_bad_input_is_told_in_a_sentence(chats: Callable[..., Ran], arguments: tuple[str, ...], said: str) -> None:
    ran = chats(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_a_server_answers_the_same_commands(chaffer: Chaffer, tmp_path: Path) -> None:
    """With `--url` the server plays what was approved of, and the command returns at once."""
    with Server(tmp_path, DEMO_CATALOG="true") as server:
        there = ("--url", server.url)
        conversation = frames(chaffer("chat", "--json", "--seed", "7", KEYBOARD, *there))[0]["conversation_id"]
        asked = chaffer("chat", "--conversation", conversation, "haggle for it", *there)
        assert f"chaffer conversations approve {conversation} --url {server.url}" in asked.err
        assert chaffer("conversations", "approve", conversation, *there).code == 0
        assert "Deal! " in chaffer("conversations", "follow", conversation, *there).out


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal that can be sent there")
def test_ctrl_c_stops_the_answer_and_keeps_what_was_said(
    chats: Callable[..., Ran], floor: dict[str, str], tmp_path: Path
) -> None:
    """The exit code is 130, and what was said of the answer is in the conversation."""
    variables = environment(tmp_path, **floor, BUILTIN_CHARS_PER_SECOND="20")
    cut = cut_short(["chat", "--json", KEYBOARD], tmp_path, variables, at="token", by=signal.SIGINT)
    assert (cut.code, cut.frames[-1]["type"]) == (130, "stopped")
    said = "".join(frame["content"] for frame in cut.frames if frame["type"] == "token")
    kept = document(chats("conversations", "show", cut.frames[0]["conversation_id"], "--json"))
    assert (kept["status"], kept["messages"][-1]["content"]) == ("idle", said)


def test_an_answer_that_a_killed_command_left_is_finished_before_the_next_words(
    chats: Callable[..., Ran], floor: dict[str, str], tmp_path: Path
) -> None:
    variables = environment(tmp_path, **floor, BUILTIN_CHARS_PER_SECOND="20")
    cut = cut_short(["chat", "--json", KEYBOARD], tmp_path, variables, at="token")
    conversation = cut.frames[0]["conversation_id"]
    next_ones = frames(chats("chat", "--conversation", conversation, "--json", "hello"))
    assert [frame["type"] for frame in next_ones].count("complete") == 2


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="a terminal is needed to type on")
def test_a_person_talks_allows_declines_and_leaves(floor: dict[str, str], tmp_path: Path) -> None:
    """Issue 6: approval asked yes or no at the keyboard; `--conversation` comes back to what was said."""
    variables = environment(tmp_path, **floor, BUILTIN_CHARS_PER_SECOND="0", TERM="dumb")
    typed = [KEYBOARD, "haggle for it", "no", "/nothing", "haggle for it", "yes"]
    shown = _talked(("--seed", "7"), typed, variables, tmp_path, awaited="invoice is")
    assert shown.count("Send a buyer") == 2
    assert "nothing was done" in shown
    assert shown.index("has begun") < shown.index("Deal! "), "the news come while nothing is typed"
    assert "There is no command /nothing" in shown
    way_back = shown.splitlines()[-1].partition("chaffer chat ")[2].split()
    assert way_back[0] == "--conversation"
    again = _talked(tuple(way_back), ["/new", "hello"], variables, tmp_path)
    assert "You: haggle for it" in again
    assert "Deal! " in again
    assert way_back[1] not in again.splitlines()[-1]


def _talked(
    options: tuple[str, ...], lines: list[str], variables: dict[str, str], folder: Path, awaited: str = ""
) -> str:
    """Type lines on a terminal, wait for what is awaited, leave, and return what stood on it in the end."""
    ours, theirs = os.openpty()
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    with subprocess.Popen(
        command("chat", *options),
        cwd=folder,
        env=variables,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as run:
        assert run.stdout is not None
        shown = ""
        while awaited not in shown:
            shown += run.stdout.readline()
        os.write(ours, b"/quit\n")
        shown += run.communicate(timeout=60)[0]
        os.close(theirs)
        os.close(ours)
    assert run.returncode == 0, shown
    return shown
