"""Flows are imported with the first conversation of their kind: LangGraph, which comes with them, takes a second."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from types import ModuleType


def imported_flow(name: str) -> ModuleType:
    """Return the module of a flow by its name. Call it in a thread: the first import takes a second.

    Where a process keeps what it has imported out of full collections, as a server does, this is kept out, too:
    with LangGraph's objects in it a collection lets every stream stand still for 100 ms.
    """
    is_new = name not in sys.modules
    flow = import_module(name)
    if is_new and gc.get_freeze_count():
        gc.collect()
        gc.freeze()
    return flow
