"""A server shows nothing in colour, but structlog and httpx import rich for that wherever they find it: 5 MB."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_rich() -> Iterator[None]:
    """Have what is imported while the context lasts go without rich, unless that is there already."""
    if "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # Python's own way to say that there is no such module.
    try:
        yield
    finally:
        del sys.modules["rich"]
