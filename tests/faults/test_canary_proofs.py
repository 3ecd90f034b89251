"""Canary secrets of the doors go through every door of a real server, and are found nowhere but where they belong."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx2
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from chaffer.doors.passwords import hash_password
from tests.support.forked import run_chaffer
from tests.support.postgres import PostgresServer
from tests.support.runs import RunReader, plan, stream_of
from tests.support.server import Server, opened, posted
from tests.support.standin import MODEL, StandIn, standing_in
from tests.support.standin_scripts import Answer
from tests.support.tokens import claims, signed
from tests.support.valkey import ValkeyAtHand

USER: Final = "ada"
PASSWORD: Final = "canary-password-of-ada-5d1e"
WRONG: Final = "canary-password-that-is-wrong-90aa"
HASHED: Final = hash_password(PASSWORD)
JWT_SECRET: Final = "canary-secret-of-the-issuer-0123456789abcdef"
SECRET_KEY: Final = "canary: forty characters of a secret, or so"
OF_METRICS: Final = "canary-token-of-metrics-77f0"
OF_BOT: Final = "sk-canary-key-of-a-bot-31c9"
OF_PATCH: Final = "sk-canary-key-of-a-patch-a7e2"
TOKEN: Final = signed(claims(exp=int(time.time()) + 3600), JWT_SECRET)  # The test may run long after this line.
FORGED: Final = signed(claims(sub="canary-subject"), "canary-of-somebody-else-0123456789abcdef")
AWAY: Final = "198.51.100.7"
RUN: Final = "/api/run"


LOGINS: Final[tuple[Any, ...]] = (
    {"username": USER, "password": WRONG},
    {"username": PASSWORD, "password": WRONG},
    {"user": USER, "password": PASSWORD},
    {"username": USER, "password": {"is": PASSWORD}},
    {PASSWORD: PASSWORD},
    [PASSWORD],
    PASSWORD,
)
BOTS: Final[tuple[dict[str, Any], ...]] = (
    {"api_key": [OF_BOT]},
    {"apikey": OF_BOT},
    {"provider": OF_BOT},
    {"api_key": OF_BOT, OF_BOT: OF_BOT},
)


def basic(password: str) -> str:
    """Return a password as `Authorization` has it."""
    return "Basic " + base64.b64encode(f"{USER}:{password}".encode()).decode()


PROOFS: Final = (f"Bearer {TOKEN}", basic(PASSWORD))
REFUSED: Final = (f"Bearer {FORGED}", basic(WRONG), f"Nonsense {TOKEN}", f"Bearer {TOKEN} {TOKEN}", f"Basic {WRONG}")


@pytest.mark.timeout(200)
def test_canary_proofs_go_through_every_door_and_are_found_nowhere(tmp_path: Path, valkey: ValkeyAtHand) -> None:
    """Issue 4, Shown by tests: canary secrets in no log, error, export, URL."""
    with standing_in(lambda _: Answer("I see it another way."), delay=0.4) as model:
        variables = _variables(model, tmp_path, valkey)
        with Server(tmp_path, **variables) as server:
            told, cookies = asyncio.run(asyncio.wait_for(_through_every_door(server, valkey), 100))
            server.stop()
            told |= {"stdout and stderr": "".join(server.log)}
        keys = {str(asked.headers.get("authorization")) for asked in model.asked}
    assert {f"Bearer {OF_BOT}", f"Bearer {OF_PATCH}"} <= keys, "the bots' keys did arrive at their provider"
    told |= {str(path): path.read_bytes().decode("latin-1") for path in _files(tmp_path)}
    told |= {f"chaffer settings {form}": _settings(tmp_path, variables, *form.split()) for form in ("", "--json")}
    assert "door.refused" in told["stdout and stderr"], "what was refused is told"
    assert "limits.storage_away" in told["stdout and stderr"]
    canaries = [*_proofs(), *cookies, HASHED, JWT_SECRET, SECRET_KEY, OF_METRICS, OF_BOT, OF_PATCH, valkey.password]
    assert [(where, canary) for where, text in told.items() for canary in canaries if canary in text] == []


def _proofs() -> list[str]:
    encoded = [basic(password).partition(" ")[2] for password in (PASSWORD, WRONG)]
    return [PASSWORD, WRONG, *encoded, TOKEN, TOKEN.rpartition(".")[2], FORGED, "canary-subject"]


def _variables(model: StandIn, folder: Path, valkey: ValkeyAtHand) -> dict[str, str]:
    log = {"LOG_LEVEL": "DEBUG", "LOG_FORMAT": "json", "LOG_FILE": str(folder / "program" / "app.log"), "DEBUG": "true"}
    asked = {"BASIC_AUTH_USER": USER, "BASIC_AUTH_PW_HASH": HASHED, "SUPABASE_JWT_SECRET": JWT_SECRET}
    limits = {"RATE_LIMIT_STORAGE_URL": valkey.url, "RATE_LIMIT_PER_MINUTE": "1000", "RATE_LIMIT_ENABLED": "true"}
    attempts = {"RATE_LIMIT_ATTEMPTS_PER_MINUTE": "1000", "TRUSTED_PROXIES": "127.0.0.1"}
    secrets = {"SECRET_KEY": SECRET_KEY, "METRICS_TOKEN": OF_METRICS}
    return {**log, **asked, **limits, **attempts, **secrets, "OPENAI_BASE_URL": model.url}


def _files(folder: Path) -> Iterator[Path]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.relative_to(folder).parts[0] for path in files} >= {"data", "program"}, "nothing to look through"
    yield from files


def _settings(folder: Path, variables: Mapping[str, str], *options: str) -> str:
    """Return all that `chaffer settings` prints."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "400", **variables}
    code, out, err = run_chaffer(["settings", *options], folder, environment)
    assert code == 0
    assert b"SUPABASE_JWT_SECRET" in out
    return (out + err).decode()


async def _through_every_door(server: Server, valkey: ValkeyAtHand) -> tuple[dict[str, str], list[str]]:
    """Return what was told where, and the values of the cookies that were given."""
    async with server.client() as client:
        cookies = [await _logged_in(client, {"headers": {"Authorization": proof}}) for proof in PROOFS]
        cookies.append(await _logged_in(client, {"json": {"username": USER, "password": PASSWORD}}))
        client.cookies.clear()
        told = await _refusals(client)
        for proof in PROOFS:
            told |= await _documents(client, {"Authorization": proof})
        told |= await _runs(server, cookies[0])
        told |= await _metrics(client)
        valkey.kill()
        told |= await _documents(client, {"Cookie": f"chaffer={cookies[1]}"})
        for cookie in cookies:
            answer = await client.post("/api/logout", headers={"Cookie": f"chaffer={cookie}"})
            assert answer.status_code == 204
            told[f"logout {len(told)}"] = _text(answer)
            refused = await client.get(RUN + "s", headers={"Cookie": f"chaffer={cookie}"})
            assert refused.status_code == 401
            told[f"after logout {len(told)}"] = _text(refused)
    return told, cookies


async def _logged_in(client: httpx2.AsyncClient, given: dict[str, Any]) -> str:
    answer = await client.post("/api/login", **given)
    assert answer.status_code == 200, answer.text
    value: str = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    assert value not in answer.text
    return value


def _text(answer: httpx2.Response) -> str:
    return f"{answer.status_code} {answer.headers} {answer.text}"


async def _refusals(client: httpx2.AsyncClient) -> dict[str, str]:
    """Return what is answered to wrong proofs, and to right ones at wrong places."""
    good = {"Authorization": PROOFS[0]}
    asked = [("GET", "/api/runs"), ("POST", "/api/login"), ("GET", "/api/nothing"), ("PUT", "/health")]
    answers = [
        await client.request(method, path, headers={"Authorization": proof})
        for proof in REFUSED
        for method, path in asked
    ]
    answers += [await client.post("/api/login", json=body) for body in LOGINS]
    answers.append(await client.post("/api/login", content=json.dumps({"username": USER, "password": PASSWORD})[:-3]))
    answers += [await client.post(RUN, json=plan(bots=(bot, {})), headers=good) for bot in BOTS]
    answers.append(await client.post(RUN, json=[plan()], headers={**good, "Idempotency-Key": OF_BOT * 20}))
    assert {answer.status_code for answer in answers} <= {400, 401, 405}
    return {f"refusal {number}": _text(answer) for number, answer in enumerate(answers)}


async def _documents(client: httpx2.AsyncClient, proof: dict[str, str]) -> dict[str, str]:
    async with httpx2.AsyncClient(base_url=client.base_url, headers=proof, trust_env=False) as who:
        session = await opened(who)
    paths = ["/", "/health", "/openapi.json", "/api/v1/health", "/api/v1/me", "/api/v1/llm/status", "/api/docs"]
    paths += ["/api/runs", "/api/v1/simulation", "/api/v1/logs", session.session, f"{session.room}/state"]
    answers = {path: await client.get(path, headers=proof) for path in paths}
    assert [(path, answer.text) for path, answer in answers.items() if not answer.is_success] == []
    return {f"{path} by {[*proof]}": _text(answer) for path, answer in answers.items()}


async def _runs(server: Server, cookie: str) -> dict[str, str]:
    """Play a run whose bots have keys of their own, over every kind of stream, and export it."""
    async with server.client() as client:
        client.headers["Cookie"] = f"chaffer={cookie}"
        mind = {"provider": "openai", "model": MODEL, "api_key": OF_BOT}
        created = await client.post(RUN, json=plan(bots=(mind, mind), max_turns=6))
        assert created.status_code == 201, created.text
        run = f"{RUN}/{created.json()['id']}"
        patch = {"provider": "openai", "model": MODEL, "api_key": OF_PATCH}
        patched = await client.patch(f"{run}/bot/1", json=patch)
        assert patched.is_success, patched.text
        reader = RunReader(client, stream_of(run))
        frames = [created.text, patched.text, *await _socket(server, run, cookie)]
        await reader.read_to_the_end()
        assert reader.told.status == "completed", reader.told.frames
        path = run.replace(RUN, "/api/export")
        answers = [await client.get(f"{path}.{form}") for form in ("json", "md", "csv", "pdf")]
        answers += [await client.get(run), await client.get("/api/runs")]
        assert {answer.status_code for answer in answers} == {200}
        told = [f"{answer.headers} {answer.content.decode('latin-1')}" for answer in answers]
    return {"run": " ".join([*frames, reader.raw.decode(), *told])}


async def _socket(server: Server, run: str, cookie: str) -> list[str]:
    """Return the frames of a run's socket, and what those are told who may not open it."""
    address = server.url.replace("http://", "ws://") + run.replace(RUN, "/api/ws/run")
    told = []
    wrong = ({"Authorization": REFUSED[0]}, {"Authorization": REFUSED[1]}, {"Cookie": f"chaffer={cookie[:-1]}!"})
    for heads in wrong:
        with pytest.raises(InvalidStatus) as refused:
            await connect(address, proxy=None, additional_headers=heads)
        response = refused.value.response
        assert response.status_code == 401
        told.append(f"{response.headers} {(response.body or b'').decode()}")
    async with connect(address, proxy=None, additional_headers={"Cookie": f"chaffer={cookie}"}) as socket:
        await socket.send(json.dumps({"type": "patch", "index": 0, "bot": {"api_key": OF_PATCH, OF_PATCH: 1}}))
        await socket.send(json.dumps({"type": "patch", "index": 0, "bot": {"api_key": [OF_PATCH]}}))
        told += [str(frame) async for frame in socket]
    assert any('"refused"' in frame for frame in told)
    return told


async def _metrics(client: httpx2.AsyncClient) -> dict[str, str]:
    far = {"X-Forwarded-For": AWAY}
    tried = {"": 401, f"Bearer {OF_METRICS}x": 401, f"Bearer {OF_METRICS}": 200}
    told: dict[str, str] = {}
    for proof, status in tried.items():
        answer = await client.get("/metrics", headers={**far, "Authorization": proof})
        assert answer.status_code == status
        told[f"metrics {status} {len(told)}"] = _text(answer)
    return told


def test_the_password_of_the_database_is_told_nowhere(tmp_path: Path, postgres_server: PostgresServer) -> None:
    """Neither by a server that runs on it, nor by one that cannot, nor by the command line."""
    with postgres_server.empty_database() as url:
        variables = {"LOG_LEVEL": "DEBUG", "DEBUG": "true", "LOG_FILE": str(tmp_path / "program" / "app.log")}
        with Server(tmp_path, **variables, DATABASE_URL=_with_password(url)) as server:
            told = {"answers": asyncio.run(_asked(server))}
            postgres_server.run(_ends(url))
            told["answers without"] = asyncio.run(_asked(server, is_up=False))
            server.stop()
            told["log"] = "".join(server.log)
    told |= {str(path): path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()}
    nowhere = "postgresql+psycopg://ada:canary-of-the-database@127.0.0.1:9/none?password=canary-of-the-database"
    for place in (nowhere, nowhere.replace("postgresql+psycopg", "mysql"), "canary-of-the-database"):
        told[f"{place[:5]} served"] = _refused(tmp_path, place, "serve", "--port", "0")
    told |= {" ".join(words): _refused(tmp_path, nowhere, *words) for words in (("sessions", "list"), ("settings",))}
    assert [where for where, text in told.items() if "canary-of-the-database" in text] == []


def _with_password(url: str) -> str:
    parts = urlsplit(url)
    user, _, rest = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:canary-of-the-database@{rest}"))


def _ends(url: str) -> str:
    name = urlsplit(url).path.lstrip("/")
    return f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"


async def _asked(server: Server, *, is_up: bool = True) -> str:
    async with server.client() as client:
        if is_up:
            await posted(client, RUN, plan(max_turns=1))
        paths = ("/health", "/api/v1/health", "/api/runs", "/metrics", "/api/v1/simulation")
        return "".join([_text(await client.get(path)) for path in paths])


def _refused(folder: Path, url: str, *words: str) -> str:
    """Return what a command says where there is no such database."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "DATABASE_URL": url, "LOG_FILE": "off"}
    code, out, err = run_chaffer(words, folder, {**environment, "LOG_LEVEL": "DEBUG", "COLUMNS": "400"})
    assert out + err
    assert words == ("settings",) or code != 0
    return (out + err).decode()
