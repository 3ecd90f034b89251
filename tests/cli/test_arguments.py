"""Bad arguments and settings end with exit code 2 and a sentence that names what, its limit and its value."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Chaffer, environment

SLOW_IMPORTS = ("fastapi", "langgraph", "sqlalchemy", "pydantic", "rich", "httpx2", "uvicorn")


def test_help_is_shown_without_importing_what_is_slow(tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from chaffer.cli.main import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit as left:\n    assert left.code == 0, left.code\n"
        f"print('slow:', [name for name in {SLOW_IMPORTS!r} if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "slow: []"
    assert "Begin with: chaffer demo" in done.stdout


@pytest.mark.parametrize("command", ["demo", "negotiate", "replay", "serve", "status", "me", "settings", "openapi"])
def test_every_command_explains_itself(chaffer: Chaffer, command: str) -> None:
    ran = chaffer(command, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: chaffer {command} ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("demo", "--speed", "-3"), "'--speed': it must be at least 0; got '-3'"),
        (("demo", "--seed", "soon"), "'--seed': it must be a whole number"),
        (("negotiate", "x.json", "--rounds", "51"), "'--rounds': it must be at most 50; got '51'"),
        (("sessions", "list", "--limit", "500"), "'--limit': it must be at most 100; got '500'"),
        (("negotiat",), "No such command 'negotiat'. Did you mean 'negotiate'?"),
        (("negotiate",), "Missing argument 'SCENARIO'"),
        (("serve", "--port", "70000"), "'--port': it must be at most 65535; got '70000'"),
        (("sessions", "list", "--url", "localhost:8000"), "--url 'localhost:8000' is no address of a server"),
        (("demo", "--scenario", "nowhere.json"), "nowhere.json cannot be read: No such file or directory"),
        (("replay", "nowhere.json"), "nowhere.json cannot be read: No such file or directory"),
    ],
)
def test_bad_argument_is_told_in_a_sentence(chaffer: Chaffer, arguments: tuple[str, ...], said: str) -> None:
    ran = chaffer(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"PORT": "abc"}, "The setting PORT was refused: it must be a whole number"),
        ({"PORT": "abc"}, "got 'abc'"),
        ({"PORT": "99999"}, "it must be at most 65535; got '99999'"),
        ({"LLM_MAX_COST_PER_ROOM": "much"}, "it must be a number; got 'much'"),
        ({"LLM_MAX_COST_PER_ROOM": "0.0000001"}, "it must have at most 6 decimals; got '0.0000001'"),
        ({"WORKERS": "4"}, "WORKERS is 4, but one process owns the rooms"),
        ({"LOG_LEVEL": "LOUD"}, "it must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'; got 'LOUD'"),
        ({"LM_STUDIO_BASE_URL": "localhost"}, "The setting LM_STUDIO_BASE_URL was refused"),
    ],
)
def test_bad_setting_is_told_in_a_sentence(chaffer: Chaffer, env: dict[str, str], said: str) -> None:
    ran = chaffer("settings", env=env)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_bad_setting_in_a_dotenv_file_is_told_too(chaffer: Chaffer, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=seven\n", encoding="utf-8")
    ran = chaffer("settings")
    assert ran.code == 2
    assert "got 'seven'" in ran.err


@pytest.mark.parametrize("url", ["nonsense", "mysql://u:hunter2@h/d"])
def test_bad_database_is_told_without_its_password(chaffer: Chaffer, url: str) -> None:
    ran = chaffer("sessions", "list", env={"DATABASE_URL": url})
    assert ran.code == 2
    assert "DATABASE_URL" in ran.err
    assert "hunter2" not in ran.err
    assert "Traceback" not in ran.err


def test_settings_show_effective_values_and_no_secret(chaffer: Chaffer) -> None:
    secrets = {"OPENROUTER_API_KEY": "sk-canary", "DATABASE_URL": "postgresql://u:canary@h/d"}
    secrets["SECRET_KEY"] = "canary" * 6
    ran = chaffer("settings", "--json", env={**secrets, "PORT": "8123"})
    assert ran.code == 0
    assert "canary" not in ran.out + ran.err
    rows = {row["name"]: row for row in json.loads(ran.out)["settings"]}
    assert (rows["PORT"]["value"], rows["PORT"]["is_set"]) == ("8123", True)
    assert (rows["WORKERS"]["value"], rows["WORKERS"]["is_set"]) == ("1", False)
    assert {rows[name]["value"] for name in secrets} == {"********"}
    assert all(row["description"] for row in rows.values())
    assert "canary" not in chaffer("settings", env=secrets).out


@pytest.mark.parametrize(
    "url", ["http://ann:canary@h:1234/v1", "http://ann:can/ary@h/v1", "http://ann:c@nary@h/v1", "https://canary@h/v1"]
)
def test_settings_show_no_credentials_of_a_url(chaffer: Chaffer, url: str) -> None:
    ran = chaffer("settings", env={"LM_STUDIO_BASE_URL": url})
    shown = ran.out + ran.err  # A password with a slash in it makes an address that cannot be called.
    assert "********@h" in shown
    assert not any(part in shown for part in ("ann", "can", "nary"))


def test_refused_url_is_shown_without_its_credentials(chaffer: Chaffer) -> None:
    ran = chaffer("settings", env={"LM_STUDIO_BASE_URL": "ftp://ann:canary@h/v1"})
    assert ran.code == 2
    assert "got 'ftp://********@h/v1'" in ran.err
    assert "canary" not in ran.err


@pytest.mark.parametrize("name", ["LM_STUDIO_BASE_URL", "OPENAI_BASE_URL", "BEDROCK_BASE_URL"])
@pytest.mark.parametrize("tail", ["?api_key=canary", "#canary", "/?a=1&api_key=canary#canary"])
def test_a_key_behind_an_address_is_refused_and_not_shown(chaffer: Chaffer, name: str, tail: str) -> None:
    ran = chaffer("settings", env={name: f"http://h:1/v1{tail}"})
    assert ran.code == 2
    assert f"The setting {name} was refused: it must end before any ? or #" in ran.err
    assert "canary" not in ran.out + ran.err


@pytest.mark.parametrize("address", ["http://localhost:99999/v1", "http://h:0/v1", "http://h:x/v1", "http:///v1"])
@pytest.mark.parametrize("name", ["LM_STUDIO_BASE_URL", "OPENROUTER_BASE_URL", "ANTHROPIC_BASE_URL"])
def test_an_address_that_cannot_be_called_is_refused(chaffer: Chaffer, name: str, address: str) -> None:
    ran = chaffer("settings", env={name: address})
    assert ran.code == 2
    assert f"The setting {name} was refused: it must be an address such as http://localhost:1234/v1" in ran.err


def test_short_secret_key_is_refused_without_being_shown(chaffer: Chaffer) -> None:
    ran = chaffer("settings", env={"SECRET_KEY": "canary"})
    assert ran.code == 2
    assert "SECRET_KEY was refused: it must have at least 32 characters" in ran.err
    assert "canary" not in ran.out + ran.err


def test_settings_tell_that_no_file_is_logged_to(chaffer: Chaffer) -> None:
    rows = {row["name"]: row["value"] for row in json.loads(chaffer("settings", "--json").out)["settings"]}
    assert (rows["LOG_FILE"], rows["DEBUG"]) == ("off", "True")


def test_colour_is_for_terminals_unless_forced(chaffer: Chaffer) -> None:
    assert "\x1b[" not in chaffer("settings").out
    assert "\x1b[" in chaffer("settings", env={"FORCE_COLOR": "1"}).out
    assert "\x1b[" not in chaffer("settings", env={"FORCE_COLOR": "0"}).out
    assert "\x1b[" not in chaffer("settings", env={"FORCE_COLOR": "1", "NO_COLOR": "1"}).out


def test_console_that_knows_little_gets_question_marks_and_no_crash(chaffer: Chaffer) -> None:
    ran = chaffer("settings", env={"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "APP_NAME": "Märkte"})
    assert ran.code == 0
    assert "M?rkte" in ran.out


def test_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    line = f"{sys.executable} -m chaffer.cli.main settings | head -n 1"
    done = subprocess.run(  # noqa: S602  A pipe is what is tried.
        line, shell=True, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
