"""The logs that are written obey the schema that is committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.support.forked import run_chaffer
from tools.environment import ROOT

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/log.schema.json").read_text(encoding="utf-8"))


def _written(folder: Path, scenario: str) -> list[dict[str, Any]]:
    file = str(ROOT / "scenarios" / f"{scenario}.json")
    run_chaffer(["negotiate", file, "--quiet"], folder, {"HOME": str(folder), "PYTHONUTF8": "1"})
    files = sorted((folder / "logs").rglob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def test_logs_and_summary_obey_the_schema(tmp_path: Path) -> None:
    documents = [*_written(tmp_path, "one-stock"), *_written(tmp_path, "impasse")]
    assert sum("purchases" in document for document in documents) == 3
    for document in documents:
        jsonschema_rs.validate(SCHEMA, document)


def test_schema_refuses_what_is_no_log(tmp_path: Path) -> None:
    validator = jsonschema_rs.validator_for(SCHEMA)
    log = next(document for document in _written(tmp_path, "one-stock") if "events" in document)
    assert validator.is_valid(log)
    assert not validator.is_valid({**log, "schema_version": 2})
    assert not validator.is_valid({**log, "events": [{**log["events"][0], "type": "room_closed"}]})
    assert not validator.is_valid({**log, "events": [{**log["events"][0], "data": {}}]})
