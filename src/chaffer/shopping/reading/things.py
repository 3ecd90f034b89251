"""Things that a sentence names, though nothing in the catalogue is called so: `a toaster`, `an HDMI port`."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.catalogue.idle import COMMON, NOUNS
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.intents import CONTINUING, OPENING, SEEKING_ANEW
from chaffer.shopping.reading.language.pointers import IT, STANDING_FOR
from chaffer.shopping.reading.phrases import is_said
from chaffer.shopping.reading.sentences import Sentence, words_of
from chaffer.shopping.reading.wishes import Wishes

_MOST_OF_A_NAME: Final = 2
_ARTICLES: Final = frozenset({"a", "an", "some", "ein", "eine", "einen", "un", "une", "des"})
_LEADING: Final = OPENING.words() - _ARTICLES | {"please", "hi", "hello", "hey", "ok", "okay", "now", "so", "bitte"}


def names_thing(sentence: Sentence, wishes: Wishes) -> bool:
    """Tell whether it names a thing: a part of what is searched (`an HDMI port`), or another one (`a toaster`)."""
    text = words_of(wishes.text)
    if wishes.category is not None or not 0 < len(text) <= _MOST_OF_A_NAME or text[-1] in COMMON - NOUNS:
        return False
    if is_said(sentence, IT) or is_said(sentence, CONTINUING) or not STANDING_FOR.isdisjoint(sentence.words):
        return False
    return next((word for word in sentence.words if word not in _LEADING), "") in _ARTICLES


def names_another(sentence: Sentence, wishes: Wishes, known: Known) -> bool:
    """Tell whether the thing is clearly another one than what is searched: it is sought, or a kind of product."""
    is_another = is_said(sentence, SEEKING_ANEW) or known.has_foreign_kind(words_of(wishes.text))
    return is_another and names_thing(sentence, wishes)
