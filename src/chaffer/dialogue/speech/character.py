"""Who a scripted speaker is, read from the words of its prompt: a stance, a manner, concerns, and the side it takes.

Of a prompt nothing can be heard but this: what kind of words are in it, and at most two of its own words, each alone,
as what the bot cares about: words of 4 to 20 letters, written small, that follow one such as «about» or «mention». No
number, no name and no two words of a prompt behind each other are ever said because they stand there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chaffer.dialogue.speech.concerns import CONCERN_OF, CONCERNS, Concern, named
from chaffer.dialogue.speech.lexicon import (
    BRIEF,
    COMMON,
    MANNERS,
    NEGATION_REACH,
    NEGATIONS,
    OPPOSITES,
    ROLES,
    STANCES,
    Manner,
    Stance,
    all_of,
)
from chaffer.dialogue.speech.subject import Subject
from chaffer.dialogue.speech.wording import is_one_word, words_of
from chaffer.draws import Draws

FEWEST_CONCERNS: Final = 4
MOST_OWN_WORDS: Final = 2
_SHORTEST: Final = 4
_LONGEST: Final = 20
_VERB_REACH: Final = 4
_CUES: Final = all_of("about of for mention mentions defend defends protect protects value values love loves")
_BETWEEN: Final = all_of("the a an your our their all some good")
_DEVIL: Final = "devil's"


@dataclass(frozen=True, slots=True)
class Character:
    """A scripted speaker. `side` is that of the subject's two which it takes."""

    stance: Stance
    manner: Manner
    is_brief: bool
    concerns: tuple[Concern, ...]
    side: int


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of a prompt; `is_name` where it is written large, `is_named` where a word before it points at it."""

    text: str
    is_negated: bool
    is_name: bool
    is_named: bool


def character_of(prompt: str, subject: Subject, draws: Draws) -> Character:
    """Return who the prompt makes of a speaker; what it does not say is drawn."""
    words = list(_read(prompt))
    stance = _stance(words)
    positive = [word.text for word in words if not word.is_negated]
    manners = Counter(MANNERS[word] for word in positive if word in MANNERS)
    return Character(
        stance=stance,
        manner=manners.most_common(1)[0][0] if manners else Manner.PLAIN,
        is_brief=not BRIEF.isdisjoint(positive),
        concerns=_concerns(words, subject, draws),
        side=_side(words, stance, subject, draws.index),
    )


def _read(prompt: str) -> Iterator[_Word]:
    reach = 0
    is_cued = False
    for word in words_of(prompt):
        text = word.casefold()
        yield _Word(text, reach > 0, is_name=word != text, is_named=is_cued)
        reach = NEGATION_REACH if text in NEGATIONS else max(reach - 1, 0)
        is_cued = text in _CUES or (is_cued and text in _BETWEEN)


def _stance(words: Sequence[_Word]) -> Stance:
    found: Counter[Stance] = Counter()
    for word in words:
        if word.text == _DEVIL and not word.is_negated:
            return Stance.AGAINST
        stance = STANCES.get(word.text)
        if stance is not None and word.is_negated:
            stance = OPPOSITES.get(stance)
        if stance is not None:
            found[stance] += 1
    return found.most_common(1)[0][0] if found else Stance.OPEN


def _concerns(words: Sequence[_Word], subject: Subject, draws: Draws) -> tuple[Concern, ...]:
    """Return what it cares about: what the prompt says, then what the topic does, then what is drawn."""
    told = [word.text for word in words if not word.is_negated]
    known = [CONCERN_OF.get(text) or ROLES.get(text) for text in told]
    asked = [CONCERN_OF.get(word.casefold()) for word in words_of(subject.topic)]
    # Drawn by the seed alone and dealt by the index: two bots without a prompt care about different things.
    dealt = Draws(draws.seed, 0).shuffled(list(CONCERNS), "concerns")[draws.index :: 2]
    own = [named(word) for word in _own_words(words, subject)]
    from_prompt = [CONCERNS[name] for name in dict.fromkeys(filter(None, known))]
    found = [*from_prompt, *own]
    names = {concern.name for concern in found}
    others = [CONCERNS[name] for name in dict.fromkeys([*filter(None, asked), *dealt]) if name not in names]
    return (*found, *others[: max(FEWEST_CONCERNS - len(found), 1)])


def _own_words(words: Sequence[_Word], subject: Subject) -> list[str]:
    """Return words of the prompt that it points at."""
    asked = {word.casefold() for word in words_of(subject.topic)}
    fit = (word.text for word in words if word.is_named and _may_be_said(word) and word.text not in asked)
    return list(dict.fromkeys(fit))[:MOST_OWN_WORDS]


def _may_be_said(word: _Word) -> bool:
    text = word.text
    is_known = any(text in known for known in (COMMON, CONCERN_OF, ROLES, STANCES, MANNERS, BRIEF, NEGATIONS))
    is_fit = _SHORTEST <= len(text) <= _LONGEST and text.isalpha() and is_one_word(text)
    return is_fit and not is_known and not word.is_negated and not word.is_name


def _side(words: Sequence[_Word], stance: Stance, subject: Subject, index: int) -> int:
    """Return the side that the prompt speaks for; where it does not say, each bot has its own."""
    if subject.choice is not None:
        one, other = (_leaning(words, side) for side in subject.choice)
        if one != other:
            return 0 if one > other else 1
        return index
    if stance in OPPOSITES:
        return 0 if stance is Stance.FOR else 1
    return index


def _leaning(words: Sequence[_Word], side: str) -> int:
    """Return how often a prompt speaks for one of two that are to choose from, less how often against it."""
    own = {word.casefold() for word in words_of(side)} - COMMON
    leaning = 0
    for place, word in enumerate(words):
        if word.text in own:
            before = [one.text for one in words[max(place - _VERB_REACH, 0) : place]]
            against = word.is_negated or any(STANCES.get(text) is Stance.AGAINST for text in before)
            leaning += -1 if against else 1
    return leaning
