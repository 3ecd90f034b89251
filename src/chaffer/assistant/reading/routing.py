"""Who sees to what a person said, and in what order."""

from __future__ import annotations

from chaffer.assistant.events import Handover
from chaffer.assistant.questions import Context
from chaffer.assistant.reading.memory import memory_of
from chaffer.assistant.reading.parts import parts_of
from chaffer.assistant.tools import Specialist


def handovers(context: Context) -> tuple[Handover, ...]:
    """Return who sees to what was said, each specialist once, with its parts in lines; nobody for mere courtesies."""
    requests: dict[Specialist, list[str]] = {}
    for part in parts_of(context.text, memory_of(context)):
        requests.setdefault(part.specialist, []).append(part.text)
    return tuple(Handover(specialist, "\n".join(texts)) for specialist, texts in requests.items())
