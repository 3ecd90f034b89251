"""Commands that are cut short while they tell what they do, a frame of JSON a line."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.forked import start_chaffer


@dataclass(frozen=True)
class CutShort:
    """What a command did: its exit code, the frames that it told before the signal and after it, and its errors."""

    code: int
    frames: list[dict[str, Any]]
    err: str


def cut_short(
    arguments: Sequence[str], folder: Path, variables: Mapping[str, str], *, at: str, by: signal.Signals | None = None
) -> CutShort:
    """Run a command until it tells a frame of the type `at`, and send it the signal `by`; None kills it."""
    told: list[dict[str, Any]] = []
    run = start_chaffer(arguments, folder, variables)
    assert run.stdout is not None
    with run.stdout as lines:
        while not told or told[-1]["type"] != at:
            told.append(json.loads(next(lines)))
        if by is None:
            run.kill()
        else:
            run.send_signal(by)
        rest = [line for line in lines if line.endswith("\n")]
    code = run.wait()
    frames = [json.loads(line) for line in rest if line.startswith("{")]
    return CutShort(code, told + frames, "".join(line for line in rest if not line.startswith("{")))
