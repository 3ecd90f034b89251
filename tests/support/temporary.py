"""Where tests write: in memory, where there is much of it. A disk is waited for a thousand times in a run."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_IN_MEMORY: Final = Path("/dev/shm")  # noqa: S108  What is made in it is for this user alone.
_LEAST_MEMORY: Final = 4 << 30


def temporary_root() -> Path:
    """Return the folder for what a run of the tests leaves behind."""
    try:
        is_roomy = os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free >= _LEAST_MEMORY
    except OSError:
        is_roomy = False
    return _IN_MEMORY if is_roomy else Path(tempfile.gettempdir())
