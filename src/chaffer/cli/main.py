"""The command `chaffer`: its arguments, and the one place where errors become sentences and exit codes.

What a command does is imported when it runs, so that `chaffer --help` answers at once.
"""

from __future__ import annotations

import asyncio
import os
import sys
import traceback
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from chaffer.cli import room_commands, session_commands
from chaffer.cli.outcomes import Outcome, outcome_of, sentences
from chaffer.cli.terminal import prepare_streams
from chaffer.errors import ChafferError

HELP: Final = """Markets of AI agents: one buyer haggles with up to ten sellers, and code keeps every limit.

Start with `chaffer demo`. Exit codes: 0 done or deal(s), 3 no deal, 2 bad input, 1 fault, 130 interrupted."""
