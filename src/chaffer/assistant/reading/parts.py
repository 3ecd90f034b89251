"""A text taken apart into the things that are wanted, one specialist's each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from chaffer.assistant.reading.memory import Memory
from chaffer.assistant.reading.topics import topic_by_memory, topic_of
from chaffer.assistant.reading.wording import plain_words
from chaffer.assistant.tools import Specialist

_SENTENCE: Final = re.compile(r"(?<=[.!?;])\s+(?=\S)")
_BEGINNING: Final = (
    r"(?:tell|show|find|list|what|how|which|who|when|where|pay|settle|haggle|negotiate|bargain|i need|i want|did|do i|"
    r"are|is|search|look|compare|accept|take|walk|give|any|have i|let me|check|remember|get me|buy|recommend|stop|"
    r"cancel|open|my)"
)
"""How a clause that wants something begins."""
_JOINT: Final = re.compile(
    r"(?:,\s*|\s+)(?:(?:and )?by the way|and(?: then| also| please)?|also|then|plus|oh and|but also|as well as),?\s+"
    rf"(?=(?:please |can you |could you |also |then ){{0,3}}{_BEGINNING})"
    r"|,\s+(?=(?:what|how|which|show me|tell me|find me)\b)",
    re.IGNORECASE,
)
_MOST_JOINTS: Final = 50
"""A sentence is parted at no more places: each costs a look at what stands on both sides, `_NEAR` characters of it."""
_NEAR: Final = 300


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is wanted, in the person's words, and who sees to it."""

    specialist: Specialist
    text: str


def parts_of(said: str, memory: Memory) -> tuple[Part, ...]:
    """Return the parts of what was said that a specialist sees to, in their order; none where none does."""
    clauses = list(_clauses(said, memory))
    parts: list[Part] = []
    held = ""
    for clause in clauses:
        topic = topic_of(clause, memory)
        if topic is not None:
            parts.append(Part(topic, f"{held} {clause}".strip()))
            held = ""
        elif parts and topic_by_memory(clause, memory) is not None:
            parts[-1] = Part(parts[-1].specialist, f"{parts[-1].text} {clause}")
        elif not parts and topic_by_memory(clause, memory) is not None:
            held = f"{held} {clause}".strip()
    if not parts and held:
        found = topic_by_memory(held, memory)
        return () if found is None else (Part(found, held),)
    return tuple(parts)


def _clauses(said: str, memory: Memory) -> Iterator[str]:
    """Yield the clauses of a text: its sentences, parted where each side would be understood by itself."""
    for line in said.splitlines():
        for sentence in _SENTENCE.split(plain_words(line)):
            yield from _split(sentence, memory)


def _split(sentence: str, memory: Memory) -> Iterator[str]:
    begun = 0
    for joint in islice(_JOINT.finditer(sentence), _MOST_JOINTS):
        left, right = sentence[begun : joint.start()], sentence[joint.end() :]
        if topic_of(left[-_NEAR:], memory) is not None and topic_of(right[:_NEAR], memory) is not None:
            yield left
            begun = joint.end()
    if begun < len(sentence):
        yield sentence[begun:]
