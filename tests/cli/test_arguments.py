"""Bad arguments and settings end with exit code 2 and a sentence that names what, its limit and its value."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Chaffer, command, environment

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
        (("preferences", "set", "--max-budget", "inf"), "'--max-budget': it must be at most 1000000000; got 'inf'"),
        (
            ("shopping", "negotiate", "s", "p", "--budget", "inf"),
            "'--budget': it must be at most 1000000000; got 'inf'",
        ),
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
        ({"PORT": "abc"}, "got 'abc' from the environment."),
        ({"PORT": "99999"}, "it must be at most 65535; got '99999'"),
        ({"RUN_RETENTION_DAYS": "1e300"}, "it must be at most 36500; got '1e300'"),
        ({"LLM_MAX_COST_PER_ROOM": "much"}, "it must be a number; got 'much'"),
        ({"LLM_MAX_COST_PER_ROOM": "0.0000001"}, "it must have at most 6 decimals; got '0.0000001'"),
        ({"WORKERS": "4"}, "it must be 1: one process owns the rooms, and several would fight; got '4'"),
        ({"LOG_LEVEL": "LOUD"}, "it must be 'DEBUG', 'INFO', 'WARNING' or 'ERROR'; got 'LOUD'"),
        ({"LM_STUDIO_BASE_URL": "localhost"}, "The setting LM_STUDIO_BASE_URL was refused"),
    ],
)
def test_bad_setting_is_told_in_a_sentence(chaffer: Chaffer, env: dict[str, str], said: str) -> None:
    ran = chaffer("settings", env=env)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_bad_setting_in_a_dotenv_file_is_told_too(chaffer: Chaffer, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=six\n# What listens.\n\nexport PORT=seven\nSECRET_KEY=canary\n", encoding="utf-8")
    ran = chaffer("settings", env={"SECRET_KEY": ""})
    assert (ran.code, ran.out) == (2, "")
    assert f"got 'seven' from {file}, line 4 (1 more below). Correct it." in ran.err
    assert f"random ones; got it from {file}, line 5" in ran.err
    assert "canary" not in ran.err


def test_misspelt_setting_is_told_and_another_program_s_is_not(chaffer: Chaffer, tmp_path: Path) -> None:
    """CONTRACT §1: a misspelt setting is not silently dropped."""
    file = tmp_path / ".env"
    file.write_text("MAX_NEGOTIATON_ROUNDS=3\nOPENAI_KEY=canary\nPOSTGRES_PASSWORD=canary\n", encoding="utf-8")
    env = {"LOG_RETENTION_DAY": "3", "LOG_DIR": "/var/log", "SECRET": "canary"}
    ran = chaffer("settings", "--json", env=env)
    assert ran.code == 0
    slips = [
        ("LOG_RETENTION_DAY", "the environment", "LOG_RETENTION_DAYS"),
        ("MAX_NEGOTIATON_ROUNDS", f"{file}, line 1", "MAX_NEGOTIATION_ROUNDS"),
        ("OPENAI_KEY", f"{file}, line 2", "OPENAI_API_KEY"),
    ]
    assert [tuple(slip.values()) for slip in json.loads(ran.out)["misspelt"]] == slips
    for name, where, meant in slips:
        told = f"{name} (from {where}) is no setting and changes nothing. Did you mean {meant}?\n"
        assert told in chaffer("sessions", "list", env=env).err
        assert ran.err.count(told) == 1
    assert len(ran.err.splitlines()) == len(slips)
    assert "canary" not in ran.out + ran.err


def test_misspelt_setting_is_told_by_a_server_too(tmp_path: Path) -> None:
    """A process from its beginning, as a server does without modules that a fork already has."""
    variables = environment(tmp_path, MAX_NEGOTIATON_ROUNDS="3", HOST="256.0.0.1")
    ran = subprocess.run(command("serve"), env=variables, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    slip, refused = ran.stderr.splitlines()
    assert slip.startswith("MAX_NEGOTIATON_ROUNDS (from the environment) is no setting and changes nothing.")
    assert refused.startswith("The server did not start: '256.0.0.1' is no address")


def test_no_setting_is_taken_for_a_misspelt_one(chaffer: Chaffer, tmp_path: Path) -> None:
    example = Path(__file__).parents[2] / ".env.example"
    (tmp_path / ".env").write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    assert chaffer("settings", env={"API_HOST": "127.0.0.1", "API_PORT": "8001"}).err == ""


def test_dotenv_file_that_is_no_text_is_told_with_its_line(chaffer: Chaffer, tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=8000\nAPP_NAME=Caf\xe9\n")
    ran = chaffer("settings")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"{tmp_path / '.env'}, line 2, is no UTF-8 text. Save the file as UTF-8.\n"


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
