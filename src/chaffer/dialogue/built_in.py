"""The bot without a model: a scripted speaker, and honest about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Voice
from chaffer.conversation.voices import speak
from chaffer.dialogue.events import Cut
from chaffer.dialogue.questions import SCRIPTED, SpeakerTurn, Spoken
from chaffer.dialogue.speech import fitted, scripted_message
from chaffer.vendors import BUILTIN

CHARACTERS_A_TOKEN: Final = 4


@dataclass(frozen=True, slots=True)
class BuiltInSpeaker:
    """Speaks a script; `chars_per_second` is its pace, 0 for at once."""

    chars_per_second: float = 0

    async def ask(self, question: SpeakerTurn, voice: Voice) -> Spoken:
        """Return what the script says in this turn, in at most `max_tokens` of 4 characters each.

        The same seed, turn, bots and words before give the same text. It says in its first message that it is scripted.
        """
        longest = question.bot.mind.max_tokens * CHARACTERS_A_TOKEN
        text, is_cut = fitted(scripted_message(question), longest)
        await speak(voice, 0, text, self.chars_per_second)
        making = Making(BUILTIN, SCRIPTED, attempts=1, latency_seconds=0.0)
        return Spoken(text, making, Cut.LENGTH if is_cut else None)
