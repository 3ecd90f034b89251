"""Runs on the command line: begun and shown live, listed, followed, steered, stopped, deleted."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Chaffer, Ran, command, environment
from tests.support.cut_commands import cut_short
from tests.support.server import Server
from tests.support.standin import MODEL, standing_in
from tests.support.standin_scripts import Answer

TOPIC = "tea or coffee"
SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture
def slow_server(tmp_path: Path) -> Iterator[Server]:
    """Yield a server whose bots speak so slowly that a run stays open."""
    with Server(tmp_path / "server", BUILTIN_CHARS_PER_SECOND="20") as running:
        yield running


def document(ran: Ran) -> Any:
    """Return what a command with --json printed."""
    assert ran.code == 0, ran.err
    return json.loads(ran.out)


def frames(ran: Ran) -> list[dict[str, Any]]:
    """Return the frames that a command with --json printed."""
    return [json.loads(line) for line in ran.out.splitlines()]


def test_two_bots_talk_with_no_key_and_no_server(chaffer: Chaffer) -> None:
    """Issue 4: `chaffer run --topic …` shows it live; without a key the bots are scripted, and say so."""
    ran = chaffer("run", "--topic", TOPIC, "--turns", "4", "--seed", "1", "--name", "Ada", "--name", "Ben")
    assert ran.code == 0, ran.err
    topic, empty, *lines = ran.out.splitlines()
    assert (topic, empty) == (TOPIC, "")
    assert [line.split(":")[0] for line in lines] == ["Ada", "Ben", "Ada", "Ben"]
    assert "script" in ran.out
    assert "\x1b" not in ran.out
    assert "is completed" in ran.err
    run = document(chaffer("runs", "list", "--json"))["runs"][0]
    assert (run["status"], run["turns"], run["topic"]) == ("completed", 4, TOPIC)
    assert [bot["provider"] for bot in run["bots"]] == ["builtin", "builtin"]
    assert run["id"] in ran.err
    again = chaffer("run", "--topic", TOPIC, "--turns", "4", "--seed", "1", "--name", "Ada", "--name", "Ben")
    assert again.out == ran.out, "the same seed talks the same"


def test_colours_tell_speakers_apart_where_they_are_wanted(chaffer: Chaffer) -> None:
    """Speakers in colour on a terminal only, plain otherwise."""
    ran = chaffer("run", "--topic", TOPIC, "--turns", "2", env={"FORCE_COLOR": "1"})
    assert ran.out.count("\x1b[") >= 2


def test_frames_are_printed_as_lines_and_nothing_when_quiet(chaffer: Chaffer) -> None:
    """`--json` prints the stream's frames as they are, `--quiet` nothing."""
    ran = chaffer("run", "--topic", TOPIC, "--turns", "2", "--json")
    assert ran.code == 0
    told = frames(ran)
    assert (told[0]["type"], told[-1]["type"], told[-1]["status"]) == ("start", "done", "completed")
    assert told[0]["bots"][0]["provider"] == "builtin"
    quiet = chaffer("run", "--topic", TOPIC, "--turns", "2", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    run = told[0]["run_id"]
    assert frames(chaffer("runs", "follow", run, "--json")) == told
    middle = told[2]["event_id"]
    assert frames(chaffer("runs", "follow", run, "--json", "--after", middle)) == told[3:]


def test_what_options_say_is_what_the_bots_are(chaffer: Chaffer, tmp_path: Path) -> None:
    """One value holds for both, two for one each; names and prompts are the first's, then the second's."""
    (tmp_path / "one.txt").write_text("You love tea.\n", encoding="utf-8")
    (tmp_path / "two.txt").write_text("You love coffee.\n", encoding="utf-8")
    options = ("--bot", "builtin:scripted", "--name", "Ada", "--temperature", "0.1", "--temperature", "0.9")
    more = ("--max-tokens", "90", "--prompt-file", "one.txt", "--prompt-file", "two.txt", "--user-id", "ann")
    ran = chaffer("run", "--topic", TOPIC, "--turns", "2", "--quiet", *options, *more)
    assert ran.code == 0, ran.err
    (run,) = document(chaffer("runs", "list", "--json", "--user-id", "ann"))["runs"]
    told = [
        {name: bot[name] for name in ("name", "model", "prompt", "temperature", "max_tokens")} for bot in run["bots"]
    ]
    both = {"model": "scripted", "max_tokens": 90}
    assert told == [
        {**both, "name": "Ada", "prompt": "You love tea.", "temperature": 0.1},
        {**both, "name": "Bot 2", "prompt": "You love coffee.", "temperature": 0.9},
    ]


def test_a_run_file_is_taken_and_options_go_before_it(chaffer: Chaffer) -> None:
    """The example in the scenarios' folder is the body of `POST /api/run`."""
    ran = chaffer("run", "--file", str(SCENARIOS / "runs" / "debate.json"), "--turns", "2", "--name", "Zoë", "--json")
    assert ran.code == 0, ran.err
    start = frames(ran)[0]
    assert [bot["name"] for bot in start["bots"]] == ["Zoë", "Ben"]
    assert start["max_turns"] == 2
    assert "library" in start["topic"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--topic is missing"),
        (("--topic", ""), "topic"),
        (("--topic", TOPIC, "--turns", "51"), "--turns must be at most 50; got 51"),
        (("--topic", TOPIC, "--turns", "0"), "'--turns': it must be at least 1; got '0'"),
        (("--topic", TOPIC, "--temperature", "1.5"), "'--temperature': it must be at most 1; got '1.5'"),
        (("--topic", TOPIC, "--bot", "nobody"), "--bot must be one of builtin, "),
        (("--topic", TOPIC, "--bot", "builtin:x"), "--bot must be 'scripted' or left out"),
        (("--topic", TOPIC, "--bot", "openai:x"), "openai needs a key: set OPENAI_API_KEY. `builtin` needs none.\n"),
        (("--topic", TOPIC, "--bot", "builtin", "--bot", "builtin", "--bot", "builtin"), "--bot is given 3 times"),
        (("--topic", TOPIC, "--name", "A", "--name", "a"), '--name must differ from the other bot\'s; got "a"'),
        (("--topic", TOPIC, "--prompt", "x", "--prompt-file", "y"), "--prompt-file cannot stand beside --prompt"),
        (("--topic", TOPIC, "--prompt-file", "nowhere.txt"), "nowhere.txt cannot be read"),
        (("--file", "nowhere.json"), "nowhere.json cannot be read"),
        (("--topic", TOPIC, "--api-key", "sk-canary"), "No such option"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, tuple) else "",
)
def test_a_bad_run_is_refused_in_a_sentence(chaffer: Chaffer, arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2; no key is taken as an option, as others could read it."""
    ran = chaffer("run", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_a_prompt_that_is_refused_is_not_shown(chaffer: Chaffer, tmp_path: Path) -> None:
    """It may be of any length, and the house's secret."""
    (tmp_path / "long.txt").write_text("canary" * 4_000)
    ran = chaffer("run", "--topic", TOPIC, "--prompt-file", str(tmp_path / "long.txt"))
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "--prompt-file must have at most 20000 characters. Correct it.\n"


def test_a_bad_run_file_is_told_with_field_and_value(chaffer: Chaffer) -> None:
    body = json.dumps({"topic": TOPIC, "bots": [{"provider": "builtin"}, {"provider": "builtin", "temperature": 3}]})
    ran = chaffer("run", "--file", "-", stdin=body)
    assert ran.code == 2
    assert "standard input was refused: bots[1].temperature must be at most 1; got 3" in ran.err
    beyond = chaffer("run", "--file", "-", stdin='{"topic": "x", "bots": [{"temperature": 1e400}, {}]}')
    assert (beyond.code, beyond.out) == (2, "")
    assert "bots[0].temperature must be a finite number; got 1e400" in beyond.err
    assert chaffer("run", "--file", "-", stdin="[]").code == 2
    assert "bots must have at least 2 members" in chaffer("run", "--file", "-", stdin='{"topic": "x", "bots": []}').err


def test_a_model_speaks_and_its_fault_is_told(chaffer: Chaffer) -> None:
    """Exit code 1 for a fault; `PROVIDER:MODEL` is split at the first colon; what steers a terminal is not shown."""
    evil = "Ha\x1b[31m red \x1b]0;title\x07 and\nBen: forged\u202e"

    def script(asked: Any) -> Answer:
        return Answer(evil, letters=100) if asked.number == 0 else Answer(status=401, body=b"{}")

    with standing_in(script) as model:
        ran = chaffer(
            *("run", "--topic", TOPIC, "--bot", f"lm_studio:{MODEL}", "--bot", f"lm_studio:{MODEL}"),
            env={"LM_STUDIO_BASE_URL": model.url, "LLM_MAX_RETRIES": "0"},
        )
    assert ran.code == 1
    (line,) = ran.out.splitlines()[2:]
    assert line.startswith("Bot 1: Ha")
    assert line.endswith("Ben: forged")
    assert "The run broke off" in ran.err
    assert "INVALID_API_KEY" in ran.err
    shown = chaffer("runs", "show", ran.err.split("Run ")[1].split()[0]).out
    assert line.removeprefix("Bot 1: ") in shown
    assert not any(sign in ran.out + ran.err + shown for sign in "\x1b\x07\u202e")


def test_a_provider_that_does_not_answer_is_a_fault(chaffer: Chaffer) -> None:
    ran = chaffer("run", "--topic", TOPIC, "--bot", "lm_studio", env={"LM_STUDIO_BASE_URL": "http://127.0.0.1:9/v1"})
    assert (ran.code, ran.out) == (1, "")


def test_a_run_of_a_server_is_steered_from_elsewhere(chaffer: Chaffer, slow_server: Server, tmp_path: Path) -> None:
    """What the API can do the command line can: patch, say, stop, show, delete; 3 tells that it was stopped."""
    there = ("--url", slow_server.url)
    line = command("run", "--topic", TOPIC, "--turns", "50", "--name", "Ada", *there)
    with subprocess.Popen(
        line, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as watched:
        run = _only_run(chaffer, *there)
        patched = chaffer("runs", "patch", run, "1", "--name", "Cleo", "--temperature", "0.2", *there)
        assert patched.out.startswith("Cleo is changed (revision 1), from turn ")
        said = chaffer("runs", "say", run, "And cocoa?", "--name", "Zoë", *there)
        assert said.out.startswith("Zoë said it in turn ")
        state = document(chaffer("runs", "show", run, "--json", *there))
        assert [bot["name"] for bot in state["bots"]] == ["Ada", "Cleo"]
        assert "is cancelled" in chaffer("runs", "stop", run, *there).out
        assert chaffer("runs", "stop", run, *there).code == 0
        out, err = watched.communicate(timeout=60)
    assert watched.returncode == 3
    assert "Zoë: And cocoa?" in out
    assert "- bot 1 is changed" in out
    assert f"Run {run} is cancelled" in err
    assert "And cocoa?" in chaffer("runs", "show", run, *there).out
    assert "And cocoa?" in chaffer("runs", "follow", run, *there).out
    late = chaffer("runs", "say", run, "Hello?", *there)
    assert (late.code, late.out) == (2, "")
    assert "is deleted" in chaffer("runs", "delete", run, *there).out
    gone = chaffer("runs", "show", run, *there)
    assert (gone.code, gone.out) == (2, "")
    assert "There is no run" in gone.err


def _only_run(chaffer: Chaffer, *there: str) -> str:
    """Look until a run is there; the test's time-out ends a search in vain."""
    while True:
        runs = document(chaffer("runs", "list", "--json", *there))["runs"]
        if runs:
            run_id: str = runs[0]["id"]
            return run_id


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal that can be sent there")
def test_an_interrupted_run_is_stopped_and_told_where_it_lies(chaffer: Chaffer, tmp_path: Path) -> None:
    """Ctrl-C stops the run and says where it lies: exit code 130, as of every command."""
    variables = environment(tmp_path, BUILTIN_CHARS_PER_SECOND="20")
    line = ["run", "--topic", TOPIC, "--turns", "50", "--json"]
    cut = cut_short(line, tmp_path, variables, at="token", by=signal.SIGINT)
    start = cut.frames[0]
    assert cut.code == 130
    assert f"Run {start['run_id']} is cancelled" in cut.err
    assert "Traceback" not in cut.err
    state = document(chaffer("runs", "show", start["run_id"], "--json"))
    assert state["status"] == "cancelled"
    assert state["transcript"][0]["cut"] == "stopped"


def test_a_run_that_a_process_left_behind_goes_on_where_it_is_followed(chaffer: Chaffer, tmp_path: Path) -> None:
    """A killed process leaves a run behind; who follows it here plays it to its end."""
    variables = environment(tmp_path, BUILTIN_CHARS_PER_SECOND="200", LEASE_SECONDS="1")
    line = ["run", "--topic", TOPIC, "--turns", "2", "--json"]
    start = cut_short(line, tmp_path, variables, at="token").frames[0]
    followed = chaffer("runs", "follow", start["run_id"], "--json", env={"LEASE_SECONDS": "1"})
    assert followed.code == 0, followed.err
    assert frames(followed)[-1] == {**frames(followed)[-1], "type": "done", "status": "completed"}


def test_runs_are_listed_in_pages(chaffer: Chaffer) -> None:
    """CONTRACT §1: lists page by cursor, newest first."""
    assert chaffer("runs", "list").out == "There are no runs.\n"
    for number in range(3):
        assert chaffer("run", "--topic", f"topic {number}", "--turns", "1", "--quiet").code == 0
    ran = chaffer("runs", "list", "--limit", "2")
    assert "topic 2" in ran.out
    assert "topic 0" not in ran.out
    more = ran.out.splitlines()[-1]
    assert more.startswith("More: chaffer runs list --limit 2 --after ")
    assert "topic 0" in chaffer(*more.removeprefix("More: chaffer ").split()).out


@pytest.mark.parametrize("name", ["x", "a/../../v1/simulation", "%00", "é"])
def test_a_run_that_is_not_there_is_told(chaffer: Chaffer, name: str) -> None:
    ran = chaffer("runs", "show", name)
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert "There is no" in ran.err


@pytest.mark.parametrize("arguments", [("follow", "x"), ("stop", "x"), ("say", "x", "Hi"), ("delete", "x")])
def test_nothing_is_done_to_a_run_that_is_not_there(chaffer: Chaffer, arguments: tuple[str, ...]) -> None:
    ran = chaffer("runs", *arguments)
    assert (ran.code, ran.out) == (2, ""), ran.err
    assert "There is no" in ran.err
