"""What a model is asked with, whatever is asked: two texts and the shape of the reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Prompt:
    """A system text, a user text, and the JSON Schema of the reply, typed fields before prose."""

    system: str
    user: str
    schema_name: str
    schema: Mapping[str, Any]


def again(asked: str, complaint: str | None) -> str:
    """Return what is asked, and behind it why the last reply was not let through, if there was one."""
    if complaint is None:
        return asked
    return f"{asked} Your last reply was not let through, because {complaint}. Reply again, within the rules."
