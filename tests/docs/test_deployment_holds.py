"""What the page on deployment, the Dockerfile and the Compose file say is so; no image is built here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx2
import pytest

from chaffer.cli.outcomes import Outcome
from chaffer.settings import Settings
from tests.docs.conftest import Shell
from tests.docs.reading import Page
from tests.support.markets import scenario
from tests.support.postgres import PostgresServer
from tests.support.server import Server
from tools.environment import ROOT

PAGE = Page("docs/deployment.md")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", "")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
VARIABLES, UNIT = PAGE.blocks("ini")
INSTALL, _, _, BACKUP, RESTORE, DUMP, RELOAD = PAGE.blocks("sh")
SETTINGS = {name.upper() for name in Settings.model_fields}
HEALTH_CHECK: list[str] = json.loads(re.findall(r"^HEALTHCHECK .* CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)[0])
NAME = "chaffer.example.com"


def commands_of(words: str) -> list[str]:
    """Return the commands of the Dockerfile that begin with these words."""
    return re.findall(rf"^(?:RUN )?({re.escape(words)}.*)$", DOCKERFILE, re.MULTILINE)


def test_every_variable_of_the_server_is_a_setting() -> None:
    (of_image,) = re.findall(r"^ENV PATH=\S+ (.*)$", DOCKERFILE, re.MULTILINE)
    server = COMPOSE.partition("\n  server:\n")[2].partition("\n  postgres:\n")[0]
    of_compose = server.partition("\n    environment:\n")[2].partition("\n    ports:\n")[0]
    named = {
        "page": re.findall(r"^([A-Z_]+)=", VARIABLES, re.MULTILINE),
        "image": [pair.partition("=")[0] for pair in of_image.split()],
        "compose": re.findall(r"^ +([A-Z_]+):", of_compose, re.MULTILINE),
    }
    assert all(named.values())
    assert {name: found for name, found in named.items() if not SETTINGS.issuperset(found)} == {}


def test_variables_of_the_page_are_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    random = VARIABLES.replace("$…", "$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$aGFzaA").replace("=…", "=" + "x" * 40)
    (tmp_path / ".env").write_text(random, encoding="utf-8")
    settings = Settings(_env_file=tmp_path / ".env")
    assert settings.allowed_hosts == [NAME]
    assert settings.basic_auth_pw_hash is not None
    assert settings.basic_auth_pw_hash.get_secret_value().startswith("$argon2id$v=19$")


def test_image_and_service_are_installed_by_the_same_commands() -> None:
    of_page = [line.removeprefix("sudo ") for line in INSTALL.splitlines()]
    of_image = commands_of("python3 -m venv") + commands_of("/opt/chaffer/bin/pip")
    assert of_image == of_page[-3:]


def test_image_is_given_what_it_copies_and_all_that_a_build_reads() -> None:
    nothing, *let_through = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] != "#"
    ]
    copied = [word for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()]
    assert nothing == "*"
    assert {line[1:] for line in let_through if line.startswith("!")} == set(copied)
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    read = [project["project"]["readme"], *project["project"]["license-files"], *wheel["force-include"]]
    assert {*read, *(Path(package).parts[0] for package in wheel["packages"])} < set(copied)


def test_volumes_are_those_of_the_image_and_hold_what_is_written() -> None:
    folder, *_ = re.findall(r"^WORKDIR (/srv\S+)$", DOCKERFILE, re.MULTILINE)
    (volumes,) = re.findall(r"^VOLUME (\[.*\])$", DOCKERFILE, re.MULTILINE)
    mounted = re.findall(rf"\w+:({folder}/\w+)$", COMPOSE, re.MULTILINE)
    assert mounted == json.loads(volumes)
    written = (Settings(_env_file=None).data_dir, Settings(_env_file=None).logs_dir, Settings(_env_file=None).log_file)
    assert {f"{folder}/{path.parts[0]}" for path in written} == set(mounted)
    assert f"WorkingDirectory={folder}\n" in UNIT


def test_compose_lets_nobody_in_but_the_machine_itself_and_believes_its_proxy_alone() -> None:
    (gateway,) = re.findall(r"^ +gateway: (\S+)$", COMPOSE, re.MULTILINE)
    assert re.findall(r"^ +TRUSTED_PROXIES: (\S+)$", COMPOSE, re.MULTILINE) == [gateway]
    assert re.findall(r"^ +- (\S*\d+:\d+)$", COMPOSE, re.MULTILINE) == ["127.0.0.1:8000:8000"]


def test_health_check_tells_a_server_that_answers_from_one_that_does_not(tmp_path: Path) -> None:
    """Where names of hosts are set, the check calls by a name that is none of them."""

    def checked(url: str) -> int:
        environment = {**os.environ, "PORT": str(urlsplit(url).port)}
        words = [sys.executable, *HEALTH_CHECK[1:]]
        return subprocess.run(words, env=environment, stderr=subprocess.DEVNULL, check=False).returncode

    with Server(tmp_path, ALLOWED_HOSTS=NAME) as server:
        assert httpx2.get(f"{server.url}/health", trust_env=False).status_code == 403
        assert checked(server.url) == 0
    assert checked(server.url) == 1


def test_service_starts_the_server_and_gives_up_on_a_wrong_setting() -> None:
    unit = ConfigParser(interpolation=None)
    unit.read_string(UNIT)
    service = unit["Service"]
    assert service["ExecStart"] == "/opt/chaffer/bin/chaffer serve"
    assert int(service["RestartPreventExitStatus"]) == Outcome.BAD_INPUT
    assert service["ReadWritePaths"] == service["WorkingDirectory"]


def test_proxy_waits_for_an_answer_as_long_as_the_server_does() -> None:
    (nginx,) = PAGE.blocks("nginx")
    defaults = Settings(_env_file=None)
    assert f"proxy_read_timeout {defaults.answer_timeout:.0f}s;" in nginx
    assert f"proxy_pass http://127.0.0.1:{defaults.port};" in nginx
    assert f"reverse_proxy 127.0.0.1:{defaults.port}\n" in PAGE.blocks("text")[0]


def bought(url: str) -> list[str]:
    """Play a market, and return the invoices that there are then."""
    with httpx2.Client(base_url=f"{url}/api/v1", timeout=60, trust_env=False) as client:
        session = client.post("/simulation/initialize", json=scenario(seed=7)).raise_for_status().json()["session_id"]
        client.post(f"/simulation/{session}/start").raise_for_status()
        # The stream ends when all rooms have.
        client.get(f"/simulation/{session}/stream").raise_for_status()
        return [invoice["number"] for invoice in client.get("/invoices").json()["invoices"]]


def listed(shell: Shell, words: str = "") -> list[str]:
    """Return the numbers of the invoices in the shell's database."""
    return [one["number"] for one in json.loads(shell.run(f"{words} chaffer invoices list --json"))["invoices"]]


def test_backup_of_a_running_server_brings_back_what_was_bought_until_then(shell: Shell) -> None:
    with Server(shell.folder) as server:
        kept = bought(server.url)
        shell.run(BACKUP)
        assert len(bought(server.url)) > len(kept) > 0
        # What was written last must still lie beside the database, for the restore to take away.
        server.kill()
    shell.run(RESTORE)
    assert listed(shell) == kept


def test_dump_of_postgresql_brings_back_what_was_bought_until_then(
    shell: Shell, postgres_server: PostgresServer, postgres_url: str
) -> None:
    place = urlsplit(postgres_url)
    name, host = place.path[1:], unquote(place.query.partition("host=")[2])

    def typed(script: str) -> str:
        """Return a script for the server that runs here, in the place of one in a container."""
        here = re.sub(r"^docker compose (stop|start) server$", "", script, flags=re.MULTILINE)
        here = here.replace("docker compose exec -T postgres ", f"{postgres_server.programs}/")
        here = here.replace("--username chaffer", f"--username {place.username} --host {host}")
        return re.sub(r"(--format custom|--dbname) chaffer", rf"\1 {name}", here)

    with Server(shell.folder, DATABASE_URL=postgres_url) as server:
        kept = bought(server.url)
        shell.run(typed(DUMP))
        assert len(bought(server.url)) > len(kept) > 0
        server.stop()
    shell.run(typed(RELOAD))
    shell.run(f"DATABASE_URL='{postgres_url}' chaffer ledger verify")
    assert listed(shell, f"DATABASE_URL='{postgres_url}'") == kept
