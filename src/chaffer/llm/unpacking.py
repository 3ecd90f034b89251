"""Answers that come packed though none was asked for: unpacked piece by piece, however much they hold."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

_PIECE_BYTES: Final = 1_048_576
_WINDOWS: Final = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


class Unpacking:
    """Unpacks gzip and deflate, and leaves what any other coding is said to have done as it is."""

    def __init__(self, coding: str) -> None:
        """Begin with nothing."""
        window = _WINDOWS.get(coding.strip().lower())
        self._packed = None if window is None else zlib.decompressobj(window)
        self._may_lack_its_head = window == zlib.MAX_WBITS

    def pieces(self, content: bytes) -> Iterator[bytes]:
        """Yield what comes of the next bytes, in pieces of bounded size. Raises ValueError."""
        if self._packed is None:
            yield content
            return
        may_lack_its_head, self._may_lack_its_head = self._may_lack_its_head, False
        try:
            piece = self._packed.decompress(content, _PIECE_BYTES)
        except zlib.error:
            if not may_lack_its_head:
                raise ValueError from None
            self._packed = zlib.decompressobj(-zlib.MAX_WBITS)  # As some servers understand «deflate».
            yield from self.pieces(content)
            return
        while piece:
            yield piece
            try:
                piece = self._packed.decompress(self._packed.unconsumed_tail, _PIECE_BYTES)
            except zlib.error:
                raise ValueError from None
