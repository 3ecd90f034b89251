"""How the shopper is asked: one question, and a label for each answer."""

from __future__ import annotations

from typing import Final

from chaffer.counting import listed
from chaffer.draws import Draws
from chaffer.shopping.catalogue.fitting import NO
from chaffer.shopping.catalogue.units import folded_text, is_more_better, measure_of
from chaffer.shopping.clarifying import BRAND, CATEGORY
from chaffer.shopping.events import Choice
from chaffer.shopping.questions import Clarification, ClarificationQuestion
from chaffer.shopping.speech.naming import YES, is_adjective, size_of
from chaffer.shopping.speech.templates import Wordings

_OF_KIND: Final[Wordings] = (
    "What kind of product are you looking for: {values}, or something else?",
    "To begin with, what shall it be: {values}, or something else?",
)
_OF_BRAND: Final[Wordings] = ("Is there a brand that you prefer: {values}?", "Do you prefer {values}?")
_OF_USE: Final[Wordings] = ("What is it for: {values}?", "What will you use it for: {values}?")
_OF_HAVING: Final[Wordings] = ("Should it have {name}?", "Do you want {name}?")
_OF_BEING: Final[Wordings] = ("Should it be {name}?", "Do you want it {name}?")
_OF_SIZE: Final[Wordings] = ("Do you prefer {values} {name}s?", "Which is better for you, {values} {name}s?")
_OF_AMOUNT: Final[Wordings] = (
    "How much do you need at least in {name}: {values}?",
    "What {name} should it have: {values}?",
)
_OF_TEXT: Final[Wordings] = ("Which {name} do you prefer: {values}?", "About the {name}: {values}?")
_BY_NAME: Final = {CATEGORY: _OF_KIND, BRAND: _OF_BRAND, "use": _OF_USE}


def clarification_of(question: ClarificationQuestion) -> Clarification:
    """Return how the built-in assistant asks; the same seed and turn ask the same."""
    choice, context = question.choice, question.context
    labels = tuple(_label(value) for value in choice.values)
    said = listed([label.removesuffix(" or more") for label in labels], "or")
    name = choice.name.removesuffix(" size") if _is_of_sizes(choice) else choice.name
    wording = Draws(context.seed, 0).part(_wordings(choice), f"ask {choice.name}", context.turn)
    return Clarification(wording.format(values=said, name=name), labels)


def _wordings(choice: Choice) -> Wordings:
    if choice.name in _BY_NAME:
        return _BY_NAME[choice.name]
    if {YES, NO}.issuperset(map(folded_text, choice.values)):
        return _OF_BEING if is_adjective(choice.name) else _OF_HAVING
    if _is_of_sizes(choice):
        return _OF_SIZE
    return _OF_AMOUNT if measure_of(choice.values[0]) is not None else _OF_TEXT


def _is_of_sizes(choice: Choice) -> bool:
    measure = measure_of(choice.values[0])
    return measure is not None and measure.unit == "in"


def _label(value: str) -> str:
    """Return the words for one of the values, as people say it."""
    if folded_text(value) in {YES, NO}:
        return value.capitalize()
    measure = measure_of(value)
    if measure is not None and measure.unit == "in":
        return size_of(measure)
    return f"{value} or more" if measure is not None and is_more_better(measure.unit) else value
