"""The command line makes hashes, and proves to a server who calls, from the environment alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaffer.doors.passwords import is_hash
from tests.cli.conftest import Chaffer
from tests.support.server import Server
from tests.support.tokens import HASHED, ISSUER, PASSWORD, SECRET, SUBJECT, USER, signed

GUARDED = {
    "BASIC_AUTH_USER": USER,
    "BASIC_AUTH_PW_HASH": HASHED,
    "SUPABASE_JWT_SECRET": SECRET,
    "JWT_ISSUER": ISSUER,
}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "server", **GUARDED) as running:
        yield running


def test_a_password_becomes_its_hash_alone_on_standard_output(chaffer: Chaffer) -> None:
    for options, begins in ((["-"], "$argon2id$"), (["-", "--bcrypt"], "$2b$")):
        ran = chaffer("hash-password", *options, stdin="pässwörd\n")
        assert (ran.code, ran.err) == (0, "")
        assert ran.out.startswith(begins)
        assert is_hash(ran.out.removesuffix("\n"))
        assert ran.out.count("\n") == 1


def test_a_password_that_cannot_be_hashed_is_refused_and_not_repeated(chaffer: Chaffer) -> None:
    for arguments, stdin in (
        (["-", "--bcrypt"], "canary" * 13),
        (["-"], ""),
        (["-"], "\n"),
        (["canary"], ""),
        ([], "canary\n"),
    ):
        ran = chaffer("hash-password", *arguments, stdin=stdin)
        assert (ran.code, ran.out) == (2, "")
        assert "canary" not in ran.err


def test_a_server_is_called_with_what_the_environment_says(chaffer: Chaffer, server: Server) -> None:
    stranger = chaffer("me", "--url", server.url)
    assert stranger.code == 2
    assert "CHAFFER_TOKEN" in stranger.err
    proofs = {USER: {"CHAFFER_USER": USER, "CHAFFER_PASSWORD": PASSWORD}, SUBJECT: {"CHAFFER_TOKEN": signed()}}
    for user, variables in proofs.items():
        ran = chaffer("me", "--url", server.url, "--json", env=variables)
        assert ran.code == 0, ran.err
        assert json.loads(ran.out)["user"] == user
        assert ran.err == ""
    wrong = chaffer("me", "--url", server.url, env={"CHAFFER_USER": USER, "CHAFFER_PASSWORD": "canary-wrong"})
    assert wrong.code == 2
    assert "canary" not in wrong.err + "".join(server.log)


def test_no_proxy_learns_what_proves_who_calls_a_server_of_this_machine(chaffer: Chaffer, server: Server) -> None:
    """A proxy is another machine as a rule, and the way to it is plain http."""
    nowhere = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "NO_PROXY": "", "no_proxy": ""}
    for name in ("127.0.0.1", "localhost"):
        url = server.url.replace("127.0.0.1", name)
        ran = chaffer("me", "--url", url, env={"CHAFFER_USER": USER, "CHAFFER_PASSWORD": PASSWORD, **nowhere})
        assert ran.code == 0, ran.err


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"CHAFFER_USER": "canary"}, "CHAFFER_PASSWORD"),
        ({"CHAFFER_PASSWORD": "canary"}, "CHAFFER_USER"),
        ({"CHAFFER_TOKEN": "canary", "CHAFFER_USER": "canary"}, "CHAFFER_TOKEN"),
        ({"CHAFFER_TOKEN": "canary\ncanary"}, "CHAFFER_TOKEN"),
    ],
)
def test_half_a_proof_is_refused_by_name(chaffer: Chaffer, variables: dict[str, str], named: str) -> None:
    ran = chaffer("me", "--url", "http://127.0.0.1:9", env=variables)
    assert ran.code == 2
    assert named in ran.err
    assert "canary" not in ran.err


def test_a_password_in_a_url_is_refused_and_not_repeated(chaffer: Chaffer) -> None:
    for url in ("http://ada:canary@127.0.0.1:9", "http://canary@127.0.0.1:9", "ftp://ada:canary@x"):
        ran = chaffer("me", "--url", url)
        assert ran.code == 2
        assert "canary" not in ran.err


def test_a_proof_over_an_open_line_is_warned_of(chaffer: Chaffer) -> None:
    ran = chaffer("me", "--url", "http://0.0.0.0:9", env={"CHAFFER_TOKEN": "canary"})
    assert "plain http" in ran.err
    assert "canary" not in ran.err
    assert "plain http" not in chaffer("me", "--url", "http://127.0.0.1:9", env={"CHAFFER_TOKEN": "canary"}).err
    assert "plain http" not in chaffer("me", "--url", "http://0.0.0.0:9").err


def test_on_its_own_database_the_command_line_needs_no_proof(
    chaffer: Chaffer, tmp_path: Path, small_market: dict[str, Any]
) -> None:
    (tmp_path / "market.json").write_text(json.dumps(small_market), encoding="utf-8")
    ran = chaffer("negotiate", "market.json", env=GUARDED)
    assert ran.code in {0, 3}, ran.err
    assert json.loads(chaffer("me", "--json", env=GUARDED).out)["mode"] == "open"


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["me"]])
def test_half_a_lock_ends_the_start_with_its_name(chaffer: Chaffer, command: list[str]) -> None:
    ran = chaffer(*command, env={"BASIC_AUTH_USER": "canary"})
    assert ran.code == 2
    assert "BASIC_AUTH_PW_HASH" in ran.err
    assert "canary" not in ran.err
