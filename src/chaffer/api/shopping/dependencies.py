"""What routes of shopping are given beside what all routes are."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from chaffer.api.dependencies import Calling, Running
from chaffer.shopping.purchasing import Purchasing
from chaffer.shopping.taste import Tastes
from chaffer.shopping.threads import Threads


async def _threads_of(chaffer: Running, caller: Calling) -> Threads:
    return chaffer.threads.of(caller.scope)


async def _purchasing_of(chaffer: Running, caller: Calling) -> Purchasing:
    return chaffer.purchasing.of(caller.scope)


async def _tastes_of(chaffer: Running, caller: Calling) -> Tastes:
    return chaffer.tastes.of(caller.scope)


MyThreads = Annotated[Threads, Depends(_threads_of)]
"""The threads that the caller may see,"""
MyPurchasing = Annotated[Purchasing, Depends(_purchasing_of)]
"""what the caller may send a buyer for from them,"""
MyTastes = Annotated[Tastes, Depends(_tastes_of)]
"""and the preferences that the caller may see."""
