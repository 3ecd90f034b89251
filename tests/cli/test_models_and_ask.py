"""`chaffer models` and `chaffer ask` against a stand-in: what a person sees who tries a set-up."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaffer.vendors import PROVIDERS
from tests.cli.conftest import Chaffer, Ran, command, environment
from tests.support.forked import start_chaffer
from tests.support.server import Server
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer, Script, always

NOWHERE = "http://127.0.0.1:9"
CANARY_KEY = "sk-KEY-CANARY-77aa"
WORDS = "One kettle, please.\nAnd a second one: é漢😀."
PRICED = "gpt-5-nano"


@pytest.fixture
def standin() -> Iterator[StandIn]:
    with standing_in(always(Answer(WORDS))) as running:
        yield running


def at(standin: StandIn | None, **variables: str) -> dict[str, str]:
    """Return an environment whose providers are the stand-in; nobody else is set up."""
    url = f"{NOWHERE}/v1" if standin is None else standin.url
    return {"LM_STUDIO_BASE_URL": url, "OPENAI_BASE_URL": url, **variables}


def answering(standin: StandIn, script: Script) -> dict[str, str]:
    standin.script = script
    return at(standin)


def row(ran: Ran, provider: str) -> str:
    """Return a provider's line of the table."""
    (line,) = (line for line in ran.out.splitlines() if line.split()[:1] == [provider])
    return line


def refused(ran: Ran, code: int) -> str:
    """Return the sentence of a command that printed no result."""
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert "Traceback" not in ran.err
    return ran.err


def test_models_shows_who_answers_and_what_to_do_about_the_others(chaffer: Chaffer, standin: StandIn) -> None:
    """Issue 3: `chaffer models` shows the same as `/api/v1/llm/status`, as a table."""
    ran = chaffer("models", env=at(standin))
    assert (ran.code, ran.err) == (0, "")
    assert row(ran, "lm_studio").split() == ["lm_studio", "answers", standin.url, f"{MODEL},", "other", "2"]
    assert "rules, no model" in row(ran, "builtin")
    for provider in ("openrouter", "openai", "anthropic", "bedrock"):
        assert "not set up" in row(ran, provider)
    assert "anthropic: anthropic needs a key: set ANTHROPIC_API_KEY. `builtin` needs none.\n" in ran.out
    assert "with the request" not in ran.out, "what only a caller of the API can do"


def test_models_tells_what_to_do_about_a_dead_server(chaffer: Chaffer) -> None:
    ran = chaffer("models", env=at(None))
    assert ran.code == 0
    assert "does not answer" in row(ran, "lm_studio")
    assert f"Is LM Studio running? Is a model loaded? curl {NOWHERE}/v1/models tells." in ran.out


def test_long_lists_of_models_are_cut(chaffer: Chaffer, standin: StandIn) -> None:
    names = [f"model-{number}" for number in range(250)]
    standin.listing = lambda _: Answer(body=json.dumps({"data": [{"id": name} for name in names]}).encode())
    line = row(chaffer("models", env=at(standin)), "lm_studio")
    assert line.endswith("250")
    assert "model-2, …" in line
    assert "model-3" not in line


def test_names_of_models_cannot_steer_the_terminal(chaffer: Chaffer, standin: StandIn) -> None:
    body = json.dumps({"data": [{"id": "\x1b[2J\x1b]0;owned\x07nice\nforged"}, {"id": "good"}]}).encode()
    standin.listing = lambda _: Answer(body=body)
    ran = chaffer("models", env=at(standin))
    assert "\x1b" not in ran.out
    assert "forged" not in ran.out
    assert "good" in row(ran, "lm_studio")


def test_models_prints_the_same_document_as_a_server(chaffer: Chaffer, standin: StandIn, tmp_path: Path) -> None:
    env = at(standin, OPENAI_API_KEY=CANARY_KEY, OPENAI_BASE_URL=f"{NOWHERE}/v1")
    here = chaffer("models", "--json", env=env)
    with Server(tmp_path / "server", **env) as server:
        there = chaffer("models", "--json", "--url", server.url)
        table = chaffer("models", "--url", server.url)
    document = json.loads(here.out)
    assert document == json.loads(there.out)
    assert tuple(document) == PROVIDERS
    assert document["lm_studio"] == {
        "available": True,
        "api_key_configured": False,
        "base_url": standin.url,
        "models": [MODEL, "other"],
        "error": None,
    }
    assert document["openai"]["api_key_configured"] is True
    assert "does not answer" in row(table, "openai")
    assert CANARY_KEY not in here.out + here.err + there.out + table.out


def test_neither_command_opens_a_database(chaffer: Chaffer, standin: StandIn, tmp_path: Path) -> None:
    assert chaffer("models", env=at(standin)).code == 0
    assert chaffer("ask", "lm_studio", MODEL, "Hi?", env=at(standin)).code == 0
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("provider", "cap"), [("lm_studio", ("TOKENS", "50")), ("openai", ("COST", "0.000001"))], ids=["tokens", "cost"]
)
def test_what_is_asked_counts_against_the_day_s_cap(
    chaffer: Chaffer, standin: StandIn, provider: str, cap: tuple[str, str]
) -> None:
    env = at(standin, OPENAI_API_KEY=CANARY_KEY, **{f"LLM_MAX_{cap[0]}_PER_DAY": cap[1]})
    ask = ("ask", provider, PRICED, "Hi?", "--max-tokens", "5")
    first = chaffer(*ask, env=env)
    assert (first.code, first.out) == (0, f"{WORDS}\n"), first.err
    assert f"LLM_MAX_{cap[0]}_PER_DAY" in refused(chaffer(*ask, env=env), 1)
    assert len(standin.asked) == 1


def test_ask_prints_the_reply_and_then_what_it_took(chaffer: Chaffer, standin: StandIn) -> None:
    """Issue 3: `chaffer ask PROVIDER MODEL "…"` streams one reply."""
    ran = chaffer("ask", "lm_studio", MODEL, "What do you want?", env=at(standin))
    assert (ran.code, ran.out) == (0, f"{WORDS}\n")
    (line,) = ran.err.splitlines()
    assert line.startswith(f"{MODEL}, tokens 100 in and {len(WORDS) // 4} out, first text after 0.")
    assert line.endswith(" s in all")
    body = standin.asked[0].body
    assert body["messages"] == [{"role": "user", "content": "What do you want?"}]
    assert body["max_tokens"] == 500
    assert "temperature" not in body


def test_ask_passes_on_what_it_is_told(chaffer: Chaffer, standin: StandIn) -> None:
    options = ("--system", "Be brief.", "--max-tokens", "33", "--temperature", "0.25")
    ran = chaffer("ask", "lm_studio", "", "-", *options, env=at(standin), stdin="Übrigens?\n")
    assert ran.code == 0, ran.err
    body = standin.asked[0].body
    assert body["model"] == "llama-3-8b-instruct"
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Übrigens?\n"},
    ]
    assert (body["max_tokens"], body["temperature"]) == (33, 0.25)


def test_ask_tells_the_cost_where_the_price_is_known(chaffer: Chaffer, standin: StandIn) -> None:
    env = at(standin, OPENAI_API_KEY=CANARY_KEY)
    ran = chaffer("ask", "openai", PRICED, "Hi?", env=env)
    assert ran.code == 0, ran.err
    assert ", $0.0000" in ran.err
    unknown = chaffer("ask", "openai", "no-price-is-known-of-it", "Hi?", env=env)
    assert unknown.code == 0
    assert "$" not in unknown.err
    told = json.loads(chaffer("ask", "openai", PRICED, "Hi?", "--json", env=env).out)
    assert 0 < told["cost_dollars"] < 0.0001
    assert CANARY_KEY not in ran.out + ran.err + unknown.err + json.dumps(told)


def test_ask_prints_one_document_for_scripts(chaffer: Chaffer, standin: StandIn) -> None:
    ran = chaffer("ask", "lm_studio", MODEL, "Hi?", "--json", env=at(standin))
    assert (ran.code, ran.err) == (0, "")
    document: dict[str, Any] = json.loads(ran.out)
    assert 0 < document.pop("first_token_seconds") <= document.pop("latency_seconds") < 30
    assert document == {
        "provider": "lm_studio",
        "model": MODEL,
        "text": WORDS,
        "finish": "stop",
        "prompt_tokens": 100,
        "completion_tokens": len(WORDS) // 4,
        "cached_tokens": None,
        "cost_dollars": None,
    }


def test_reply_cannot_steer_the_terminal_and_keeps_its_lines(chaffer: Chaffer, standin: StandIn) -> None:
    text = "one\n\x1b[2Jtwo\x07\n\u202ethree"
    for letters in (100, 1):
        ran = chaffer("ask", "lm_studio", MODEL, "Hi?", env=answering(standin, always(Answer(text, letters=letters))))
        assert len(ran.out.splitlines()) == 3
        assert not {"\x1b", "\x07", "\u202e"} & set(ran.out)


def test_reply_that_was_cut_is_shown_and_told(chaffer: Chaffer, standin: StandIn) -> None:
    """Issue 3: truncation is a fault, not a message."""
    env = answering(standin, always(Answer("A long st", finish_reason="length")))
    ran = chaffer("ask", "lm_studio", MODEL, "Hi?", "--max-tokens", "3", env=env)
    assert (ran.code, ran.out) == (1, "A long st\n")
    assert "The reply was cut at 3 tokens. Allow more with --max-tokens." in ran.err


def test_fault_after_some_text_is_told_behind_it(chaffer: Chaffer, standin: StandIn) -> None:
    env = answering(standin, always(Answer("Half a sent", finish_reason=None, disconnects=True)))
    ran = chaffer("ask", "lm_studio", MODEL, "Hi?", env=env)
    assert (ran.code, ran.out) == (1, "Half a sent\n")
    assert "cut the reply" in ran.err


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        (Answer(status=500), 1, "failed (status 500)"),
        (Answer(status=401, body=CANARY_KEY.encode()), 2, "refused the key"),
        (Answer(status=404), 2, "has no model"),
        (Answer(""), 1, "empty reply"),
    ],
    ids=str,
)
def test_fault_is_a_sentence_after_one_attempt(
    chaffer: Chaffer, standin: StandIn, answer: Answer, code: int, told: str
) -> None:
    env = {**answering(standin, always(answer)), "OPENAI_API_KEY": CANARY_KEY, "LLM_MAX_RETRIES": "5"}
    sentence = refused(chaffer("ask", "openai", MODEL, "Hi?", env=env), code)
    assert told in sentence
    assert CANARY_KEY not in sentence
    assert len(standin.asked) == 1


def test_server_that_is_not_there_is_a_fault(chaffer: Chaffer) -> None:
    assert "Is LM Studio running?" in refused(chaffer("ask", "lm_studio", MODEL, "Hi?", env=at(None)), 1)


def test_builtin_says_that_it_is_rules(chaffer: Chaffer) -> None:
    sentence = refused(chaffer("ask", "builtin", "boulware", "Hi?"), 2)
    assert "rules for haggling and no model: it answers no questions" in sentence


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("open_ai", MODEL, "Hi?"), "there is no provider 'open_ai'; there are builtin, lm_studio"),
        (("anthropic", MODEL, "Hi?"), "anthropic needs a key: set ANTHROPIC_API_KEY. `builtin` needs none.\n"),
        (("openai", "", "Hi?"), "No model of openai was named"),
        (("lm_studio", MODEL, " "), "The question is empty"),
        (("lm_studio", MODEL, "-"), "The question is empty"),
        (("lm_studio", MODEL, "Hi?", "--temperature", "3"), "'--temperature'"),
        (("lm_studio", MODEL, "Hi?", "--max-tokens", "0"), "'--max-tokens'"),
        (("lm_studio", MODEL), "QUESTION"),
    ],
    ids=str,
)
def test_bad_input_is_told_without_asking_anybody(chaffer: Chaffer, arguments: tuple[str, ...], told: str) -> None:
    assert told in refused(chaffer("ask", *arguments, env=at(None)), 2)


def test_question_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    line = command("ask", "lm_studio", MODEL, "-")
    done = subprocess.run(
        line, cwd=tmp_path, env=environment(tmp_path), input=b"\xff\xfe?", capture_output=True, check=False
    )
    assert done.returncode == 2
    assert b"no UTF-8" in done.stderr


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal that can be sent there")
def test_interrupt_closes_the_connection(tmp_path: Path, standin: StandIn) -> None:
    """Issue 3: cancellation closes the connection; an interrupted command exits with 130.

    What was said until then came as it was said: the rest never comes.
    """
    variables = environment(tmp_path, **answering(standin, always(Answer("Let me think", hangs="after"))))
    run = start_chaffer(["ask", "lm_studio", MODEL, "Hi?"], tmp_path, variables)
    assert run.stdout is not None
    with run.stdout as told:
        assert told.read(12) == "Let me think"
        run.send_signal(signal.SIGINT)
        assert standin.wait_until(lambda: standin.broken_off == 1)
        assert (run.wait(), told.read()) == (130, "\nInterrupted.\n")


def test_help_imports_no_provider(tmp_path: Path) -> None:
    """Issue 3: `chaffer --help` imports none of the providers."""
    code = (
        "import sys\nfrom chaffer.cli.main import main\n"
        "try:\n    main(['ask', '--help'])\nexcept SystemExit:\n    pass\n"
        "slow = {'httpx2', 'chaffer.settings', 'chaffer.bootstrap', 'chaffer.llm', 'rich.console'} & set(sys.modules)\n"
        "assert not slow, slow"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(tmp_path), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
