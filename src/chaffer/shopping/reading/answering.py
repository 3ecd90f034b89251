"""The answer to a question of the assistant: one of the options, a place among them, or that none of it matters."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from msgspec.structs import replace

from chaffer.shopping.catalogue.idle import IDLE
from chaffer.shopping.catalogue.searching import Constraints, Need, Property
from chaffer.shopping.catalogue.units import converted, folded_text, measure_of, span_of
from chaffer.shopping.events import Choice
from chaffer.shopping.reading.known import NO, YES, Known, is_switch, switched_on
from chaffer.shopping.reading.language.lifts import BRAND, CATEGORY
from chaffer.shopping.reading.language.pointers import FIRST_OF, ORDINALS
from chaffer.shopping.reading.numerals import spoken_value
from chaffer.shopping.reading.phrases import any_of
from chaffer.shopping.reading.relating import with_need
from chaffer.shopping.reading.sentences import Gap, Sentence, stem, word_set, words_of

_ANY: Final = any_of("""
    any, either, whatever, doesn't matter, don't care, no preference, don't know, not sure, both, surprise me, all,
    anything, i don't mind, don't mind, no idea, dunno, idk, you choose, you decide, up to you, no matter, whichever,
    any of them, all of them, either one, either is fine, makes no difference, not important, irrelevant, indifferent,
    skip, no clue, can't decide, pass, egal, weiß nicht, keine ahnung, beide, alle, peu importe, je ne sais pas,
    sais pas, n'importe, not picky, not bothered, none, undecided, doesn't really matter, don't really care,
    any is fine, don't need, no need, not needed, not necessary, not necessarily, unnecessary, don't need it,
    mir egal, beides, les deux, tous, flexible, no preferences, not particular, unsure, who cares
    """)
_AT_ONCE: Final = any_of("""
    surprise me, just show me, show me, whatever, i don't care, don't care, you choose, you decide, you pick,
    up to you, pick one, pick for me, just pick, anything, anything is fine, skip, who cares, no more questions,
    stop asking, just recommend, egal, mir egal, überrasch mich, zeig einfach, peu importe, surprends-moi
    """)
"""Who says so to a question wants no other one."""
_YES: Final = word_set("""
    yes yeah yep yup sure please definitely absolutely y ja oui ok okay certainly must true needed aye gerne bien
    jawohl si yea ya
    """)
_NO: Final = word_set("""
    no nope nah not n nein non never without dont unnecessary false nee ohne sans
    """)
_NUMBERED: Final = frozenset({"number", "option", "no", "nr", "choice", "nummer", "#", "numero"})
_GOING_ON: Final = frozenset({"and", "but", "with", "please", "und", "et", "mit", "avec", "under"})
_EXTREMES: Final = {"biggest": -1, "largest": -1, "most": -1, "highest": -1, "smallest": 0, "lowest": 0, "least": 0}
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


def answered_with(said: str, choice: Choice, wanted: Constraints, known: Known) -> Constraints | None:
    """Return the constraints with an answer that says no more than what was asked; None for any other words."""
    sentence = Sentence(said)
    values = _values_at(sentence, choice) or _value_named(sentence, choice)
    if values:
        return _with(wanted, choice, values, known)
    if any(_ANY.at(sentence.words, at) is not None for at in range(len(sentence))) and _is_short(sentence):
        return _without(wanted, choice)
    return _switched(wanted, choice, [word for word in sentence.words if word.isalnum()], known)


def answered_at_first(said: str, choice: Choice, wanted: Constraints, known: Known) -> tuple[Constraints, str]:
    """Return the constraints with a yes or a no that an answer begins with, and the rest of it: `yes, and wireless`."""
    sentence = Sentence(said)
    if len(sentence) > 1 and (sentence.gap(1) is not Gap.SPACE or sentence.words[1] in _GOING_ON):
        switched = _switched(wanted, choice, sentence.words[:1], known)
        if switched is not None:
            return switched, sentence.slice(1, len(sentence))
    return wanted, said


def wants_no_question(said: str) -> bool:
    """Tell whether an answer wants products to be shown, whatever was asked: `surprise me`, `just show me some`."""
    sentence = Sentence(said)
    is_said = any(_AT_ONCE.at(sentence.words, at) is not None for at in range(len(sentence)))
    return is_said and _is_short(sentence)


def _is_short(sentence: Sentence) -> bool:
    """Tell whether the words say nothing but that it does not matter."""
    left = sentence.rest(IDLE)
    return all(word in _ANY.words() or word in _AT_ONCE.words() for word in words_of(left))


def _values_at(sentence: Sentence, choice: Choice) -> tuple[str, ...]:
    """Return the options that are pointed at: `the second`, `the first two`, `option 2`, `2` where that is no value."""
    for at in range(len(sentence)):
        first, ordinal = FIRST_OF.at(sentence.words, at), ORDINALS.at(sentence.words, at)
        count = None if first is None else spoken_value(sentence.words, first.end)
        if count is not None and _says_no_more(sentence, at, count[1]):
            return choice.values[: int(count[0])]
        if ordinal is not None and _says_no_more(sentence, ordinal.start, ordinal.end):
            return choice.values[ordinal.meaning :][:1] if ordinal.meaning < len(choice.values) else ()
        extreme = _EXTREMES.get(sentence.words[at])
        if extreme is not None and measure_of(choice.values[0]) is not None and _says_no_more(sentence, at, at + 1):
            return (choice.values[extreme],)
    return _value_counted(sentence, choice)


def _value_counted(sentence: Sentence, choice: Choice) -> tuple[str, ...]:
    numbers = [at for at in range(len(sentence)) if sentence.tokens[at].number is not None]
    if len(numbers) != 1:
        return ()
    at, number = numbers[0], sentence.tokens[numbers[0]].number or Decimal(0)
    is_pointed = at > 0 and sentence.words[at - 1] in _NUMBERED
    measures = [measure for value in choice.values if (measure := _NUMBER.match(value)) is not None]
    is_value = bool(measures) and float(number) >= min(float(measure[0]) for measure in measures)
    is_place = number == int(number) and 1 <= number <= len(choice.values) and not (is_value and not is_pointed)
    return (choice.values[int(number) - 1],) if is_place and _says_no_more(sentence, at - is_pointed, at + 1) else ()


def _says_no_more(sentence: Sentence, start: int, end: int) -> bool:
    others = [*sentence.words[:start], *sentence.words[end:]]
    return all(word in IDLE or word in _NUMBERED for word in others)


def _value_named(sentence: Sentence, choice: Choice) -> tuple[str, ...]:
    """Return the option that the words are, polite ones aside: `15-inch please`, `the over-ear ones`."""
    said = [stem(word) for word in words_of(sentence.rest(IDLE - _NO - YES))]
    fitting = [value for value in choice.values if [stem(word) for word in words_of(value)] == said]
    return tuple(fitting) if said and len(fitting) == 1 and folded_text(fitting[0]) not in YES | NO else ()


def _with(wanted: Constraints, choice: Choice, values: tuple[str, ...], known: Known) -> Constraints:
    if choice.name == CATEGORY:
        return replace(wanted, category=values[0])
    if choice.name == BRAND:
        return replace(wanted, brands=values)
    attribute = _attribute(wanted, choice, known)
    measures = [measure for value in values if (measure := measure_of(value)) is not None]
    if measures and attribute is not None and not attribute.texts:
        spans = [span_of(converted(measure, attribute.unit) or measure) for measure in measures]
        need = Need(choice.name, at_least=spans[0][0], at_most=spans[-1][1], unit=attribute.unit)
        return with_need(wanted, need)
    texts = tuple(map(folded_text, values))
    if attribute is not None and is_switch(attribute) and NO.issuperset(texts):
        return with_need(wanted, Need(choice.name, switched_on(attribute), excluded=True))
    return with_need(wanted, Need(choice.name, texts))


def _without(wanted: Constraints, choice: Choice) -> Constraints:
    """Return the constraints with what was asked left open."""
    if choice.name == BRAND:
        return replace(wanted, brands=())
    if choice.name == CATEGORY:
        return replace(wanted, category=None)
    return replace(wanted, needs=tuple(need for need in wanted.needs if need.name != choice.name))


def _switched(wanted: Constraints, choice: Choice, words: list[str], known: Known) -> Constraints | None:
    """Return the constraints with a yes or a no to an attribute that a product has or has not; None for other words."""
    attribute = _attribute(wanted, choice, known)
    if attribute is None or not is_switch(attribute) or not words:
        return None
    others = [word for word in words if word not in IDLE and word not in _YES | _NO]
    is_no = any(word in _NO for word in words)
    if others or not (is_no or any(word in _YES for word in words)):
        return None
    return with_need(wanted, Need(choice.name, switched_on(attribute), excluded=is_no))


def _attribute(wanted: Constraints, choice: Choice, known: Known) -> Property | None:
    return next((each for each in known.within(wanted.category) if each.name == choice.name), None)
