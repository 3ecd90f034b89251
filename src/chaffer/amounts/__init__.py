"""Amounts of money in prose: what is one, and the filter that lets none through that a turn may not state.

`reading` finds them, with `letters`, `words`, `measures` and `idioms` telling what a number is; `numerals` finds all
numbers, whatever they count; `filter` holds text back while it is being generated. No rule of a room is here.
"""

from __future__ import annotations
