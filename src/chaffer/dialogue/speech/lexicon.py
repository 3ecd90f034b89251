"""The words that a scripted speaker knows in a prompt: what they say of its stance, its manner and its concerns."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class Stance(Enum):
    """What it thinks of the matter."""

    FOR = auto()
    AGAINST = auto()
    CURIOUS = auto()
    CAUTIOUS = auto()
    OPEN = auto()
    """The prompt does not say."""


class Manner(Enum):
    """How it speaks."""

    PLAIN = auto()
    FORMAL = auto()
    BLUNT = auto()
    WARM = auto()
    FUNNY = auto()
    POETIC = auto()
    PIRATE = auto()


def all_of(words: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(words.split())


def _known(kinds: Mapping[str, str]) -> dict[str, str]:
    """Return kind by word."""
    return {word: kind for kind, words in kinds.items() for word in words.split()}


STANCES: Final[Mapping[str, Stance]] = {
    word: Stance[kind]
    for word, kind in _known(
        {
            "FOR": "optimist optimistic enthusiast enthusiastic advocate supporter support supports supportive defend "
            "defends defender defending favour favor favours favors pro promote champion believer believe believes "
            "love loves hopeful fan proponent salesman evangelist dreamer visionary bold",
            "AGAINST": "sceptic skeptic sceptical skeptical pessimist pessimistic against critic critical criticise "
            "criticize oppose opposes opponent opposed attack devil's contrarian doubter doubt doubts cynic cynical "
            "hate hates hater dislike dislikes reject rejects refute anti",
            "CURIOUS": "curious student interviewer journalist reporter learner inquisitive wonder ask asks asking "
            "questions socratic socrates child explorer researcher host moderator",
            "CAUTIOUS": "cautious careful prudent conservative moderate balanced diplomat diplomatic mediator neutral "
            "judge referee wary measured regulator",
        }
    ).items()
}

MANNERS: Final[Mapping[str, Manner]] = {
    word: Manner[kind]
    for word, kind in _known(
        {
            "FORMAL": "formal formally professor academic lawyer judge diplomat diplomatic polite politely scholar "
            "senator minister butler",
            "BLUNT": "blunt bluntly rude direct directly harsh terse sarcastic gruff stern drill",
            "WARM": "warm warmly friendly kind gentle empathetic caring encouraging grandmother nurse therapist coach",
            "FUNNY": "funny humorous comedian joke jokes witty comic clown playful jester",
            "POETIC": "poet poetic poetry bard lyrical romantic rhyme",
            "PIRATE": "pirate pirates buccaneer corsair",
        }
    ).items()
}

BRIEF: Final = all_of("short brief briefly concise terse laconic succinct")
"""They keep a message short."""

ROLES: Final[Mapping[str, str]] = _known(
    {
        "cost": "economist accountant banker trader treasurer buyer merchant",
        "health": "doctor nurse physician surgeon dietitian therapist athlete",
        "safety": "firefighter pilot safety-officer",
        "learning": "teacher professor tutor student librarian scholar",
        "fairness": "lawyer judge activist unionist",
        "nature": "farmer gardener ecologist environmentalist biologist beekeeper",
        "quality": "engineer craftsman carpenter chef cook programmer",
        "beauty": "poet artist painter musician designer architect",
        "trust": "journalist reporter priest",
        "progress": "inventor scientist futurist entrepreneur",
        "community": "neighbour neighbor mayor parent mother father grandmother grandfather",
    }
)
"""The concern of those who are called so."""

NEGATIONS: Final = all_of("not no never don't isn't aren't without nor cannot can't neither avoid stop")
NEGATION_REACH: Final = 3
"""So many words behind it a negation holds."""

OPPOSITES: Final[Mapping[Stance, Stance]] = {Stance.FOR: Stance.AGAINST, Stance.AGAINST: Stance.FOR}

COMMON: Final = all_of(
    """a able about above according across actually after again against ago all almost alone along already also although
    always am among an and another any anybody anyone anything are aren't argue argument arguments around as ask asked
    asking at away back be became because become been before began behind being believe best better between big both bot
    brief but by call called came can cannot care case cases certain choice choose come comes concise consider could day
    debate did discuss discussion do does doing done don't down during each either else end enough even ever every
    everybody everyone everything example fact far few first for form formal found from full gave get gets give given go
    goes going good got great had half hard has have having he hear heard her here hers high him his how however i i'm
    idea if in instead into is it it's its itself just keep kind know known last later least leave less let let's life
    like likes line little long look lot low made make makes making many matter may maybe me mean means might mine more
    most much must my myself name never new next no nobody none nor not nothing now of off often old on once one only
    opinion opponent or other others our out over own part people perhaps person place play please point points position
    possible prompt put question questions quite rather read real really reason reasons reply respond role said same say
    says scripted script second see seem seen sense sentence sentences set several she should show side simple since
    small so some somebody someone something soon speak speaker speaking speaks stand still such sure take talk talking
    tell than that that's the their theirs them then there these they thing things think this those though thought three
    through time to together told too topic toward towards true try turn two under until up upon us use used very view
    views want was way ways we well went were what what's when where whether which while who whole whom whose why will
    with within without word words work works would write yes yet you you're your yours yourself"""
)
"""Words that say nothing of what a sentence is about."""
