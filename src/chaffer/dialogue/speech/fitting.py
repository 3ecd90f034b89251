"""Sentences put together as long as they fit."""

from __future__ import annotations

from collections.abc import Sequence


def fitted(sentences: Sequence[str], longest: int) -> tuple[str, bool]:
    """Return as many sentences as have so many characters, and whether not even the first one fits and was cut."""
    first = sentences[0]
    if len(first) > longest:
        head, _, _ = first[:longest].rpartition(" ")
        return (head if head and not first[longest : longest + 1].isspace() else first[:longest]), True
    text = first
    for sentence in sentences[1:]:
        if len(text) + 1 + len(sentence) > longest:
            break
        text = f"{text} {sentence}"
    return text, False
