"""`chaffer ledger verify`: what it tells, and its exit code (issue 6)."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.cli.conftest import Chaffer


def test_books_in_order_end_with_zero_and_a_fault_in_them_with_one(
    chaffer: Chaffer, small_market: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "market.json"
    path.write_text(json.dumps(small_market), encoding="utf-8")
    assert chaffer("negotiate", str(path), env={"TAX_RATE_PERCENT": "19"}).code == 0
    fine = chaffer("ledger", "verify")
    assert fine.code == 0, fine.err
    assert "Checked: accounts 1, purchases 1, invoices 1, credit notes 0, postings 3." in fine.out
    assert "The books are in order" in fine.out
    told = json.loads(chaffer("ledger", "verify", "--json").out)
    assert (told["ok"], told["found"], told["findings"]) == (True, 0, [])
    assert told["checked"] == {"accounts": 1, "purchases": 1, "invoices": 1, "credit_notes": 0, "postings": 3}
    with sqlite3.connect(tmp_path / "data" / "chaffer.db") as books:
        books.execute("UPDATE postings SET amount_minor = amount_minor - 1 WHERE account = 'input_tax'")
    books.close()
    wrong = chaffer("ledger", "verify")
    assert wrong.code == 1
    assert "Findings: 3." in wrong.out
    assert "invoice" in wrong.out
    found = json.loads(chaffer("ledger", "verify", "--json").out)
    assert (found["ok"], found["found"]) == (False, 3)
    assert sorted({finding["rule"] for finding in found["findings"]}) == ["balanced", "postings"]
    assert all(set(finding) == {"rule", "subject", "text"} for finding in found["findings"])
