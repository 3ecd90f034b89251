"""`chaffer settings`: what the environment and `.env` come to, secrets masked."""

from __future__ import annotations

from typing import Any, Final

from chaffer.cli.environment import settings_here
from chaffer.cli.tables import print_table
from chaffer.cli.terminal import out, print_json
from chaffer.cli.variables import misspelt
from chaffer.settings import Settings, masked

DOCUMENTED_IN: Final = "docs/settings.md"


def print_settings(*, as_json: bool) -> None:
    """Print every setting's effective value and whether it was set. Raises VALIDATION_ERROR when one is wrong."""
    settings = settings_here()
    rows = settings_rows(settings)
    if as_json:
        slips = [{"name": one.variable.name, "where": one.variable.where, "meant": one.meant} for one in misspelt()]
        print_json({"documented_in": DOCUMENTED_IN, "settings": rows, "misspelt": slips})
        return
    shown = ((row["name"], row["value"] or "-", "set" if row["is_set"] else "default") for row in rows)
    print_table(("setting", "value", "from"), shown, empty="There are no settings.")
    out().print(f"Each is explained in {DOCUMENTED_IN}; set them in the environment or in .env.")


def settings_rows(settings: Settings) -> list[dict[str, Any]]:
    """Return a row a setting, in the order in which they are declared."""
    fields = type(settings).model_fields
    return [
        {
            "name": name,
            "value": value,
            "is_set": name.lower() in settings.model_fields_set,
            "description": fields[name.lower()].description,
        }
        for name, value in masked(settings).items()
    ]
