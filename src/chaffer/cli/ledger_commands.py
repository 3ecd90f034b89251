"""`chaffer ledger`: whether the books are in order."""

from __future__ import annotations

import typer

from chaffer.cli.parameters import AsJson, run

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Check the books.")


@app.callback()
def _ledger() -> None:
    """Let the command below have a name of its own."""


@app.command()
def verify(*, as_json: AsJson = False) -> None:
    """Check all purchases, invoices and postings of the database here; ends with 1 where something is not in order."""
    from chaffer.cli.environment import settings_here  # noqa: PLC0415
    from chaffer.cli.ledger import verify_ledger  # noqa: PLC0415

    run(verify_ledger(settings_here(), as_json=as_json))
