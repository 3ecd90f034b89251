"""How a scripted message comes about: a phase of the talk, sentences for it, and what was heard worked into them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import takewhile
from math import ceil
from typing import Final

from chaffer.dialogue.questions import Line, Part, SpeakerTurn
from chaffer.dialogue.speech import sentences
from chaffer.dialogue.speech.character import Character, character_of
from chaffer.dialogue.speech.concerns import CONCERN_OF
from chaffer.dialogue.speech.lexicon import COMMON, Manner, Stance
from chaffer.dialogue.speech.subject import Subject, subject_of
from chaffer.dialogue.speech.wording import in_one_line, is_one_word, quoted, words_of
from chaffer.draws import Draws

ADMITTED: Final = "script"
"""Who has said this word has said what it is."""

_LONGEST_QUOTE: Final = 60
_LONGEST_ECHO: Final = 24
_LONGEST_RUN: Final = 6
_LONG_WORD: Final = 6
_BRIEF: Final = 2


class Phase(Enum):
    """What a message in the middle of a talk does."""

    ANSWER = auto()
    QUESTION = auto()
    EXAMPLE = auto()
    CONCESSION = auto()
    WEIGHING = auto()


_TEMPLATE_WORDS: Final = frozenset(word.casefold() for word in words_of(" ".join(sentences.all_templates())))
"""A script that takes up the script's own phrases would talk of nothing."""

_BODIES: Final = {
    Phase.ANSWER: sentences.REASON,
    Phase.QUESTION: sentences.QUESTION,
    Phase.CONCESSION: sentences.HOLDING_ON,
    Phase.WEIGHING: sentences.WEIGHING,
}
_PHASES: Final = tuple(Phase)
_PHASES_OF: Final = {
    Stance.CURIOUS: (Phase.QUESTION, Phase.ANSWER, Phase.QUESTION, Phase.EXAMPLE, Phase.WEIGHING),
    Stance.CAUTIOUS: (Phase.ANSWER, Phase.CONCESSION, Phase.WEIGHING, Phase.EXAMPLE, Phase.CONCESSION),
}


def scripted_message(turn: SpeakerTurn) -> tuple[str, ...]:
    """Return what the script says in a turn, sentence by sentence.

    It is drawn from the seed, the turn and the bot's index, and takes up words of what was heard. Of the bot's prompt
    no more is said than `character.py` tells; the topic and what a person said are quoted, shortened.
    """
    draws = Draws(turn.seed, turn.index)
    subject = subject_of(turn.topic)
    heard = turn.heard()
    return _Message(turn, draws, subject, character_of(turn.bot.prompt, subject, draws), heard).sentences()


@dataclass(frozen=True, slots=True)
class _Message:
    """One message while it is composed."""

    turn: SpeakerTurn
    draws: Draws
    subject: Subject
    character: Character
    heard: Sequence[Line]

    @property
    def number(self) -> int:
        """Return which of the bot's own turns this is."""
        return self.turn.turn // 2

    def sentences(self) -> tuple[str, ...]:
        """Return the message."""
        person = self._since(Part.PERSON)
        said = [self._one(sentences.PERSON, "person")] if person is not None else []
        said += self._body(takes_up=person is None)
        if self.number and not any(ADMITTED in line.text for line in self.heard if line.part is Part.OWN):
            said.insert(0, self._one(sentences.ADMISSION, "admission"))
        return tuple(said[:_BRIEF] if self.character.is_brief else said)

    def _body(self, *, takes_up: bool) -> list[str]:
        if not self.number:
            said = [self._one(sentences.OPENING, "opening"), self._one(sentences.REMARK[self.character.stance], "say")]
            return [*said, self._led(sentences.REASON, "reason")]
        taken_up = [self._one(sentences.TAKING_UP, "take up")] if takes_up and self._echo() else []
        if self.turn.turn + 2 >= self.turn.turns:
            return [*taken_up, self._one(sentences.CLOSING, "close"), self._one(sentences.FAREWELL, "farewell")]
        phase = self._phase()
        if phase is Phase.EXAMPLE:
            return [self._led(sentences.EXAMPLE, "example"), self._one(sentences.MORAL, "moral")]
        if phase is Phase.CONCESSION:
            taken_up = [self._one(sentences.CONCEDING, "concede")]
        return [*taken_up, self._led(_BODIES[phase], phase.name)]

    def _phase(self) -> Phase:
        phases = _PHASES_OF.get(self.character.stance, _PHASES)
        return self.draws.part(phases, "phase", self.number - 1)

    def _one(self, known: Sequence[str], purpose: str, lead: str = "") -> str:
        """Return a sentence of its kind; the lower the temperature, the fewer there are to choose from."""
        reach = ceil(len(known) * (0.5 + self.turn.bot.mind.temperature / 2))
        template = self.draws.part(known[:reach], purpose, self.number)
        if lead and not template.startswith(("I ", "{")):
            template = template[:1].lower() + template[1:]
        return f"{lead} {template}".strip().format_map(self._fields())

    def _led(self, known: Sequence[str], purpose: str) -> str:
        """Return a sentence, with what its speaker's manner puts before it every now and then."""
        manner, temperature = self.character.manner, self.turn.bot.mind.temperature
        often = temperature / 3 if manner is Manner.PLAIN else (1 + temperature) / 2
        if self.draws.chance("lead", self.number) >= often:
            return self._one(known, purpose)
        return self._one(known, purpose, self.draws.part(sentences.LEADS[manner], "leads", self.number))

    def _fields(self) -> dict[str, str]:
        concerns, number = self.character.concerns, self.number
        again, place = divmod(number, len(concerns))
        concern = concerns[place]
        side = self.character.side
        person = self._since(Part.PERSON)
        return {
            "topic": self.subject.topic,
            "mine": self.subject.sides[side],
            "theirs": self.subject.sides[1 - side],
            "name": in_one_line(self.turn.bot.name),
            "other": in_one_line(self.turn.other_name),
            "concern": concern.name,
            "gain": concern.gains[again % len(concern.gains)],
            "loss": concern.losses[(again + place) % len(concern.losses)],
            "scene": concern.scene,
            "echo": f"“{self._echo() or 'that'}”",
            "person": in_one_line(person.name) if person is not None else "",
            "words": quoted(person.text, _LONGEST_QUOTE) if person is not None else "",
        }

    def _since(self, part: Part) -> Line | None:
        """Return the last that was said by the other bot, or by a person, since this one spoke."""
        fresh = takewhile(lambda line: line.part is not Part.OWN, reversed(self.heard))
        return next((line for line in fresh if line.part is part), None)

    def _echo(self) -> str:
        """Return a salient word of what the other said last, rather one that this one did not take up before."""
        other = self._since(Part.OTHER)
        if other is None:
            return ""
        own = "".join(line.text for line in self.heard if line.part is Part.OWN)
        names = {*words_of(self.turn.other_name), *words_of(self.turn.bot.name)}
        words = [word for word in dict.fromkeys(words_of(other.text)) if word not in names and _says_something(word)]
        fresh = [word for word in words if f"“{_short(word)}”" not in own] or words
        best = max(map(_salience, fresh), default=0)
        salient = [word for word in fresh if _salience(word) >= min(best, 1)]
        return _short(self.draws.part(salient, "echo", self.number)) if salient else ""


def _salience(word: str) -> int:
    if word.casefold() in CONCERN_OF:
        return 2
    return int(len(word) >= _LONG_WORD or not is_one_word(word))


def _says_something(word: str) -> bool:
    text = word.casefold()
    return text in CONCERN_OF or (text not in COMMON and text not in _TEMPLATE_WORDS)


def _short(word: str) -> str:
    return word[:_LONGEST_ECHO] if is_one_word(word) else word[:_LONGEST_RUN]
