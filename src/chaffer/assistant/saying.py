"""What a model may say to a person: code strikes every sentence that has one of these, before anybody reads it.

- a figure that no tool returned and the person did not say, see `figures`;
- a link, an address of e-mail, the number of an account, or markup that fetches something: tools return none, so it is
  a stranger's, to whom data or money would go;
- a run of letters of its own instructions, whatever stands between the letters.

Not caught: instructions that are translated or enciphered. They hold nothing secret; docs/prompts.md shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from chaffer.amounts.letters import Letters
from chaffer.assistant.chat import Outcome
from chaffer.assistant.events import Line, Role
from chaffer.assistant.figures import Figures
from chaffer.assistant.questions import Context
from chaffer.assistant.tools import NegotiationStatus, Specialist

RUN: Final = 32
"""So many letters in a row, about seven words, are the instructions' own."""

_ADDRESS: Final = re.compile(
    r"\w{1,20}://\S+|\b(?:www\.|mailto:|javascript:|data:\w+/)\S+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+|\]\s*[(\[]"
    r"|<\s*+/?\s*+[a-z][^>]{0,1000}>|\b(?:[a-z\d-]{1,63}\.){1,8}[a-z]{2,63}/\S*"
    r"|\b[a-z]{2}\d{2}(?: ?[a-z\d]{4}){3,}|\b(?:\d{4}[ -]?){3}\d{4}\b",
    re.IGNORECASE,
)
"""Each repetition has a bound, or a sentence of ten thousand characters is looked through from each of them."""
_NO_LETTER: Final = re.compile(r"[\W_]+")


class Sayable:
    """Tells of one sentence after another whether it may be said. Nothing of one that may not is kept in mind."""

    def __init__(
        self, context: Context, done: Iterable[Outcome], instructions: str, lines: Sequence[Line] = ()
    ) -> None:
        """Know what tools returned, before and as `done`, what was said, `lines` included, and the instructions."""
        heard = (*lines, *context.history)
        self._said = (*(line.text for line in heard if line.role is Role.PERSON), context.text)
        told = (line.text for line in heard if line.role is Role.ASSISTANT)
        going_on = (
            Outcome(each.room_id, Specialist.NEGOTIATION, NegotiationStatus(), each) for each in context.negotiations
        )
        self._figures = Figures(
            (*context.outcomes, *going_on, *done), self._said, (*told, context.summary or "", context.today.isoformat())
        )
        letters = _letters(instructions)
        self._runs = {letters[start : start + RUN] for start in range(len(letters) - RUN + 1)}
        self._before = ""

    def may_be_said(self, sentence: str) -> bool:
        """Tell whether a sentence may be said behind those before it that were."""
        letters = self._before + _letters(sentence)
        if any(self._figures.strange_in(sentence)) or self._has_strange_address(sentence) or self._has_run(letters):
            return False
        self._before = letters[-RUN + 1 :]
        return True

    def _has_strange_address(self, sentence: str) -> bool:
        addresses = [found[0] for found in _ADDRESS.finditer(Letters(sentence).read)]
        said = "\n".join(Letters(text).read for text in self._said) if addresses else ""
        return any(address not in said for address in addresses)

    def _has_run(self, letters: str) -> bool:
        return any(letters[start : start + RUN] in self._runs for start in range(len(letters) - RUN + 1))


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", Letters(text).read.casefold())
