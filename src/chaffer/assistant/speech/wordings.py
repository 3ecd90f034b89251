"""Who speaks: draws a wording of each sentence by the conversation's seed, another one in each turn."""

from __future__ import annotations

from dataclasses import dataclass

from chaffer.assistant.questions import Context
from chaffer.assistant.speech.templates import Wordings
from chaffer.draws import Draws


@dataclass(frozen=True, slots=True)
class Speaker:
    """The voice of one turn. The same seed, turn and facts give the same words."""

    context: Context

    def say(self, wordings: Wordings, **words: str) -> str:
        """Return one of the wordings with its fields filled in."""
        draws = Draws(self.context.seed, 0)
        return draws.part(wordings, wordings[0], self.context.turn).format(**words)
