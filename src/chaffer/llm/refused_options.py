"""Which optional fields of a request the models are known not to take."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

MOST_MODELS: Final = 256
"""Of more models, those that were not asked for longest are forgotten, and cost one call more the next time."""


class RefusedOptions:
    """The fields by model. What is noted holds for everybody who asks the model, so it must have been seen to help."""

    def __init__(self) -> None:
        """Begin without any."""
        self._of: OrderedDict[str, frozenset[str]] = OrderedDict()

    def __len__(self) -> int:
        """Return of how many models something is known."""
        return len(self._of)

    def of(self, model: str) -> frozenset[str]:
        """Return the fields that a model does not take."""
        if model in self._of:
            self._of.move_to_end(model)
        return self._of.get(model, frozenset())

    def note(self, model: str, options: frozenset[str]) -> None:
        """Remember that a model answered once it was asked without these."""
        self._of[model] = self.of(model) | options
        if len(self._of) > MOST_MODELS:
            self._of.popitem(last=False)
