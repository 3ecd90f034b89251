"""Shopping on the command line: a turn, a conversation, and what the API can do with sessions and preferences."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Chaffer, Ran, command, environment
from tests.support.assistant_scripts import replies
from tests.support.cut_commands import cut_short
from tests.support.standin import MODEL, standing_in

WANTED = "I need a gaming laptop under $1500"


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment whose database has the sample, which is put into it once for all tests here."""
    return {"DATA_DIR": str(tmp_path_factory.mktemp("floor")), "DEMO_CATALOG": "true"}


@pytest.fixture
def shops(chaffer: Chaffer, floor: dict[str, str]) -> Callable[..., Ran]:
    """Return what runs a command over the sample."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> Ran:
        return chaffer(*arguments, env={**floor, **variables}, stdin=stdin)

    return run


def document(ran: Ran) -> Any:
    """Return what a command with --json printed."""
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def frames(ran: Ran) -> list[dict[str, Any]]:
    """Return the frames that a command with --json printed."""
    return [json.loads(line) for line in ran.out.splitlines()]


def test_a_turn_is_answered_with_words_and_a_table(shops: Callable[..., Ran]) -> None:
    """Issue 5: `chaffer shop` is the same conversation in the terminal; a pipe's text is words, too."""
    ran = shops("shop", *WANTED.split(), "--seed", "7")
    assert ran.code == 0, ran.err
    said, empty, head, *rows, why = ran.out.splitlines()
    assert "under your limit of $1,500.00" in said or "$1,500.00" in said
    assert (empty, head.split()) == ("", ["#", "product", "price", "rating", "score", "stock"])
    assert len(rows) == 10
    assert [row.startswith("*") for row in rows] == [True] + [False] * 9
    assert why.startswith("10 of ")
    assert "Value score" in why
    assert "\x1b" not in ran.out + ran.err
    piped = shops("shop", "--seed", "7", stdin=f"{WANTED}\n")
    assert (piped.code, piped.out) == (0, ran.out), "the same seed says the same"


def test_a_session_goes_on_in_the_next_command(shops: Callable[..., Ran]) -> None:
    first = frames(shops("shop", "--json", WANTED))
    session = first[0]["session_id"]
    assert [first[0]["type"], first[-1]["type"]] == ["start", "complete"]
    more = frames(shops("shop", "--session", session, "--json", "only", "Asus"))
    assert more[-1]["result"]["constraints"]["brands"] == ["Asus"]
    assert more[-1]["result"]["turn"] == 1
    followed = frames(shops("shopping", "follow", session, "--json"))
    assert followed == more
    assert frames(shops("shopping", "follow", session, "--json", "--after", more[0]["event_id"])) == more[1:]
    refused = shops("shop", "--session", session, "--provider", "builtin", "cheaper")
    assert (refused.code, refused.out) == (2, "")
    assert "that it was begun with" in refused.err


def test_exit_codes_tell_what_came_of_it(shops: Callable[..., Ran]) -> None:
    """0 recommended or answered, 3 nothing found or a question waits, 2 bad input, 1 a fault."""
    assert shops("shop", "--quiet", "hello there") == Ran(0, "", "")
    assert shops("shop", "--quiet", "a gaming laptop under $3") == Ran(3, "", "")
    for arguments, said in (
        (("shop",), "query must have at least 1 character"),
        (("shop", "--session", "nowhere", "x"), "There is no shopping session"),
        (("preferences", "set"), "Nothing is to be set"),
        (("preferences", "set", "--require", ":x"), "--require"),
        (("preferences", "forget", "everything"), "must be one of"),
    ):
        ran = shops(*arguments)
        assert (ran.code, ran.out) == (2, ""), arguments
        assert said in ran.err
    lost = shops("shop", "--provider", "lm_studio", "x", LM_STUDIO_BASE_URL="http://127.0.0.1:9/v1")
    assert (lost.code, lost.out) == (1, "")


def test_a_question_is_answered_by_the_command_that_is_told(shops: Callable[..., Ran]) -> None:
    """CONTRACT §5: an interrupt waits; the command line names the command that answers it."""
    asked = shops("shop", "a laptop")
    assert asked.code == 3
    question, *options = asked.out.splitlines()
    assert question.endswith("?")
    assert options[-1].endswith(". No preference")
    told = asked.err.partition("Answer it, for example: chaffer ")[2].split()
    assert told[:2] == ["shopping", "answer"]
    session = told[2]
    shown = shops("shopping", "show", session)
    assert "waiting" in shown.out
    assert question in shown.out
    answered = shops(*told[:3], "gaming,", "15-inch", "--json")
    assert answered.code == 0, answered.err
    assert frames(answered)[-1]["type"] == "complete"
    again = shops(*told)
    assert (again.code, again.out) == (2, "")
    assert f"waits for no answer. Say something: chaffer shop --session {session}\n" in again.err


def test_a_buyer_haggles_and_the_news_are_shown(shops: Callable[..., Ran]) -> None:
    """Issue 5: its outcome comes back into the thread as a message with the saving and the invoice id."""
    result = frames(shops("shop", "--json", "--user-id", "ann", "a Dell gaming laptop"))[-1]["result"]
    session, product = result["session_id"], result["recommendation"]["recommended_product"]
    deal = shops("shopping", "negotiate", session, product["id"], "--budget", str(product["price"]))
    assert deal.code == 0, deal.err
    assert f"A buyer haggles for 1 x {product['name']}" in deal.out
    assert "round 1 of" in deal.out
    assert "Deal! " in deal.out
    assert "The invoice is " in deal.out
    none = shops("shopping", "negotiate", session, product["id"], "--budget", "1", "--json")
    assert none.code == 3
    assert [frame["type"] for frame in frames(none)] == ["negotiation", "news"]
    assert product["brand"] in shops("preferences", "show", "--user-id", "ann").out


def test_who_would_buy_is_told_the_command_that_haggles(shops: Callable[..., Ran]) -> None:
    session = frames(shops("shop", "--json", "a Dell gaming laptop"))[0]["session_id"]
    ran = shops("shop", "--session", session, "I'll take it")
    assert ran.code == 0, ran.err
    order = ran.err.partition("Have a buyer haggle for it: chaffer ")[2].split()
    assert order[:3] == ["shopping", "negotiate", session]
    assert "A buyer haggles for 1 x " in shops(*order).out


def test_sessions_are_listed_and_deleted(shops: Callable[..., Ran]) -> None:
    session = frames(shops("shop", "--json", "--user-id", "bob", "hello"))[0]["session_id"]
    (listed,) = document(shops("shopping", "list", "--user-id", "bob", "--json"))["sessions"]
    assert (listed["session_id"], listed["title"]) == (session, "hello")
    assert "is deleted" in shops("shopping", "delete", session).out
    assert shops("shopping", "list", "--user-id", "bob").out == "There are no shopping sessions.\n"


def test_preferences_are_set_shown_and_forgotten(shops: Callable[..., Ran]) -> None:
    """Everything that the API can do the command line can."""
    who = ("--user-id", "zoë/1")
    wishes = ("--like", "Sony", "--like", "Bose", "--dislike", "HP", "--max-budget", "99.5", "--category", "Headphones")
    more = ("--min-rating", "4.5", "--require", "noise cancelling", "--require", "battery life:>=30 h")
    assert shops("preferences", "set", *wishes, *more, *who).code == 0
    shown = shops("preferences", "show", *who).out
    for told in ("Sony, Bose", "HP", "99.50 for Headphones", "4.5 or better", "battery life of 30 h or more"):
        assert told in shown
    assert shops("preferences", "forget", "liked_brands", "max_budget", *who).out == "Forgotten.\n"
    left = document(shops("preferences", "show", "--json", *who))
    assert (left["liked_brands"], left["max_budget"], left["disliked_brands"]) == ([], None, ["HP"])
    assert shops("preferences", "forget", *who).out == "Forgotten.\n"


def test_what_a_model_says_steers_no_terminal(shops: Callable[..., Ran]) -> None:
    with standing_in(replies(text="Take it\x1b[31m red \x1b]0;title\x07 and\nforged\u202e.")) as model:
        ran = shops("shop", "--provider", "lm_studio", "--model", MODEL, WANTED, LM_STUDIO_BASE_URL=model.url)
    assert ran.code == 0, ran.err
    assert not any(sign in ran.out + ran.err for sign in "\x1b\x07\u202e")


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal that can be sent there")
def test_an_interrupted_answer_goes_on_when_one_comes_back(
    shops: Callable[..., Ran], floor: dict[str, str], tmp_path: Path
) -> None:
    """Ctrl-C during an answer leaves it as it is and says how to come back: exit code 130, as of every command."""
    variables = environment(tmp_path, **floor, BUILTIN_CHARS_PER_SECOND="20")
    cut = cut_short(["shop", "--json", WANTED], tmp_path, variables, at="chunk", by=signal.SIGINT)
    session = cut.frames[0]["session_id"]
    assert cut.code == 130
    assert f"chaffer shop --session {session}" in cut.err
    back = shops("shopping", "follow", session, "--json")
    assert frames(back)[-1]["type"] == "complete"


def test_an_answer_that_a_killed_command_left_is_finished_before_the_next_words(
    shops: Callable[..., Ran], floor: dict[str, str], tmp_path: Path
) -> None:
    variables = environment(tmp_path, **floor, BUILTIN_CHARS_PER_SECOND="20")
    cut = cut_short(["shop", "--json", WANTED], tmp_path, variables, at="chunk")
    next_ones = frames(shops("shop", "--session", cut.frames[0]["session_id"], "--json", "hello"))
    assert [frame["type"] for frame in next_ones].count("complete") == 2


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="a terminal is needed to type on")
def test_a_person_talks_answers_by_number_buys_and_leaves(floor: dict[str, str], tmp_path: Path) -> None:
    """Issue 5: the same conversation in the terminal: options by number, `/buy`, what is known, and the way back."""
    talk = (
        "/buy",
        "a laptop",
        "1",
        "1",
        "I'll take it",
        "/buy 2",
        "/products",
        "/preferences",
        "/forget",
        "/preferences",
        "/nothing",
    )
    typed = [*talk, "/new", "hello", "/quit"]
    shown = _talked(typed, environment(tmp_path, **floor, BUILTIN_CHARS_PER_SECOND="0", TERM="dumb"), tmp_path)
    assert "Nothing is found yet." in shown
    assert "  1. " in shown
    assert shown.count("Value score") == 2, "once with the answer, once for /products"
    assert shown.count("Type /buy, and a buyer haggles for it.") == 1
    assert "Deal! " in shown
    assert "The invoice is " in shown
    assert shown.index("likes  ") < shown.index("Forgotten.") < shown.index("Nothing is known.")
    assert "There is no command /nothing" in shown
    assert "chaffer shop --session " in shown.splitlines()[-1]


def _talked(lines: list[str], variables: dict[str, str], folder: Path) -> str:
    """Type lines on a terminal, and return what stood on it in the end."""
    ours, theirs = os.openpty()
    os.write(ours, "".join(f"{line}\n" for line in lines).encode())
    with subprocess.Popen(
        command("shop"), cwd=folder, env=variables, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as run:
        shown, _ = run.communicate(timeout=60)
        os.close(theirs)
        os.close(ours)
    assert run.returncode == 0, shown
    return shown.decode()
