"""What a check of the books finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the books that is not as it must be: which rule it breaks, what it is about, and how."""

    rule: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, as counts by name, and what was found: the first findings, and how many there are in all."""

    checked: Mapping[str, int]
    findings: tuple[Finding, ...]
    found: int

    @property
    def is_clean(self) -> bool:
        """Tell whether everything is as it must be."""
        return self.found == 0
