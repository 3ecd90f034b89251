"""`chaffer openapi`: the document that is committed, printed, written and checked."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Chaffer
from tools.environment import ROOT

COMMITTED = (ROOT / "openapi.json").read_text(encoding="utf-8")


def test_the_committed_document_is_printed(chaffer: Chaffer) -> None:
    """Issue: the OpenAPI document committed as `openapi.json`; settings of the machine are no part of it."""
    ran = chaffer("openapi", env={"APP_VERSION": "9.8.7", "APP_NAME": "Mine"})
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == COMMITTED


def test_what_is_written_is_up_to_date_and_what_was_changed_is_not(chaffer: Chaffer, tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    assert chaffer("openapi", "--output", "document.json").code == 0
    assert file.read_text(encoding="utf-8") == COMMITTED
    same = chaffer("openapi", "--check", "document.json")
    assert (same.code, same.err) == (0, "document.json is up to date.\n")
    file.write_text(COMMITTED.replace("seller", "vendor", 1), encoding="utf-8")
    changed = chaffer("openapi", "--check", "document.json")
    assert (changed.code, changed.out) == (1, "")
    assert changed.err.startswith("document.json is not up to date. `chaffer openapi --output document.json` ")


def test_file_that_cannot_be_written_or_read_is_told_in_a_sentence(chaffer: Chaffer) -> None:
    """Issue: bad arguments: a sentence, exit code 2."""
    for option, said in (("--output", "cannot be written: "), ("--check", "cannot be read: ")):
        ran = chaffer("openapi", option, "nowhere/document.json")
        assert (ran.code, ran.out) == (2, "")
        assert f"{Path('nowhere/document.json')} {said}" in ran.err
        assert "Traceback" not in ran.err
