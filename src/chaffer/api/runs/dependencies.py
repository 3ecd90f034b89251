"""What routes of runs are given beside what all routes are."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from chaffer.api.dependencies import Calling, Running
from chaffer.dialogue.runs import Runs


async def _runs_of(chaffer: Running, caller: Calling) -> Runs:
    return chaffer.runs.of(caller.scope)


MyRuns = Annotated[Runs, Depends(_runs_of)]
"""The runs that the caller may see."""
