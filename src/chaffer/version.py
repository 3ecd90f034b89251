"""Which version of the program this is."""

from __future__ import annotations

from importlib.metadata import version


def version_of(override: str = "") -> str:
    """Return the version to show: the one that a setting gives, else the package's."""
    return override or version("chaffer")
