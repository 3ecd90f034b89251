"""`python -m chaffer` is `chaffer`."""

from __future__ import annotations

from chaffer.cli.main import main

main()
