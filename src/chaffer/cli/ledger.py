"""Checking the books of the database here."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from chaffer.cli.outcomes import Outcome
from chaffer.cli.tables import print_table
from chaffer.cli.terminal import out, print_json
from chaffer.conversation.codec import Codec
from chaffer.ledger.findings import Verification
from chaffer.settings import Settings
from chaffer.storage.opening import open_store

_SHOWS: Final = (
    "every transaction comes to nothing; every invoice has its lines, tax, purchase and postings, and nothing twice; "
    "the numbers leave no gap; what sessions committed is what they bought."
)


async def verify_ledger(settings: Settings, *, as_json: bool) -> Outcome:
    """Check the books and tell what was checked and found. FAULT where anything was."""
    store = await open_store(settings.store_url, Codec(()))
    try:
        found = await store.verify()
    finally:
        await store.close()
    if as_json:
        document = {"ok": found.is_clean, "checked": dict(found.checked), "found": found.found}
        print_json({**document, "findings": [asdict(finding) for finding in found.findings]})
    else:
        _tell(found)
    return Outcome.DONE if found.is_clean else Outcome.FAULT


def _tell(found: Verification) -> None:
    counts = (f"{name.replace('_', ' ')} {count:,}" for name, count in found.checked.items())
    out().print(f"Checked: {', '.join(counts)}.")
    if found.is_clean:
        out().print(f"The books are in order: {_SHOWS}")
        return
    rows = ((finding.rule, finding.subject, finding.text) for finding in found.findings)
    print_table(("rule", "where", "what"), rows, empty="")
    more = found.found - len(found.findings)
    out().print(f"Findings: {found.found:,}{f', {more:,} of them not shown' if more else ''}.")
