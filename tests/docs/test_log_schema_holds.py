"""The logs that are written obey the schema that is committed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs

from tests.docs.conftest import Shell
from tools.environment import ROOT

SCHEMA: dict[str, Any] = json.loads((ROOT / "docs/log.schema.json").read_text(encoding="utf-8"))


def _written(shell: Shell, scenario: str) -> list[dict[str, Any]]:
    shell.run(f"chaffer negotiate scenarios/{scenario}.json --quiet || true")
    files = sorted(Path(shell.folder, "logs").rglob("*.json"))
    return [json.loads(file.read_text(encoding="utf-8")) for file in files]


def test_logs_and_summary_obey_the_schema(shell: Shell) -> None:
    documents = [*_written(shell, "one-stock"), *_written(shell, "impasse")]
    assert sum("purchases" in document for document in documents) == 3
    for document in documents:
        jsonschema_rs.validate(SCHEMA, document)


def test_schema_refuses_what_is_no_log(shell: Shell) -> None:
    validator = jsonschema_rs.validator_for(SCHEMA)
    log = next(document for document in _written(shell, "one-stock") if "events" in document)
    assert validator.is_valid(log)
    assert not validator.is_valid({**log, "schema_version": 2})
    assert not validator.is_valid({**log, "events": [{**log["events"][0], "type": "room_closed"}]})
    assert not validator.is_valid({**log, "events": [{**log["events"][0], "data": {}}]})
