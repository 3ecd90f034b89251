"""How the person is asked back where it is not clear what is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chaffer.assistant.reading.steps import Ask, Lack
from chaffer.assistant.speech import templates
from chaffer.assistant.speech.templates import Wordings
from chaffer.assistant.speech.wordings import Speaker
from chaffer.counting import listed

_QUESTIONS: Final[Mapping[Lack, Wordings]] = {
    Lack.PRODUCT: templates.ASK_PRODUCT,
    Lack.NOTHING_FOUND: templates.NOTHING_THERE,
    Lack.SEVERAL_PRODUCTS: templates.ASK_SEVERAL,
    Lack.PLACE: templates.ASK_PLACE,
    Lack.ROOM: templates.ASK_ROOM,
    Lack.WHICH_ROOM: templates.ASK_WHICH_ROOM,
    Lack.WHICH_INVOICE: templates.ASK_WHICH_INVOICE,
    Lack.NOTHING_UNPAID: templates.NOTHING_UNPAID,
    Lack.PREFERENCE: templates.ASK_PREFERENCE,
    Lack.CANCELLING: templates.NO_CANCELLING,
}


def asked_back(ask: Ask, speaker: Speaker) -> str:
    """Return the question, with what it may be."""
    return speaker.say(_QUESTIONS[ask.lack], choices=listed(ask.choices, "or") if ask.choices else "")
