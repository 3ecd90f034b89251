"""Whose part a sentence is: a specialist's, or the supervisor's own, which answers courtesies itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Final

from chaffer.assistant.events import Role
from chaffer.assistant.reading import billing, insights, negotiating, shopping
from chaffer.assistant.reading.memory import Memory
from chaffer.assistant.reading.pointing import IT, has_place
from chaffer.assistant.reading.tastes import is_taste
from chaffer.assistant.reading.wording import opening, phrases
from chaffer.assistant.tools import Specialist


class Courtesy(Enum):
    """What the supervisor answers itself."""

    HELLO = "hello"
    THANKS = "thanks"
    BYE = "bye"
    HELP = "help"
    WHO = "who"
    YES = "yes"
    NO = "no"
    SMALLTALK = "smalltalk"
    OFF_TOPIC = "off topic"


_YES: Final = opening(
    r"^(?:yes|yeah|yep|sure|ok(?:ay)?|please do|go ahead|do it|of course|gladly)"
    r"(?:,? (?:please|go ahead|do it|do that))?[.!]*$"
)
_COURTESIES: Final = (
    (Courtesy.HELP, phrases(
        r"what (?:can|could|do|are|all can) (?:you|u) (?:do|help|able|offer|know)",
        r"how (?:can|could|do) (?:you help|you work|this work|i use)", r"help me(?=[.!?]?$)", r"^help[.!?]?$",
        r"what (?:else )?can i (?:ask|do|say)", r"your (?:abilities|skills|functions|features)", r"what is this",
        r"how does (?:this|it) work",
    )),
    (Courtesy.WHO, phrases(
        r"who are you", r"what are you(?=[?!.]*$)", r"your name",
        r"are you (?:an? )?(?:human|bot|robot|ai|person|real|model|machine)",
        r"(?:speak|talk) (?:to|with) (?:an? )?(?:human|person|people|agent|somebody|someone)",
    )),
    (Courtesy.THANKS, phrases(
        r"thanks?", r"thank you", r"thx", r"cheers", r"much appreciated", r"ty", r"great(?: job| work)?", r"perfect",
        r"awesome", r"nice", r"well done",
    )),
    (Courtesy.BYE, phrases(r"bye", r"goodbye", r"good night", r"see you", r"farewell", r"that's all", r"that is all")),
    (Courtesy.SMALLTALK, phrases(
        r"how are you", r"how(?:'s| is) it going", r"what's up", r"how do you do", r"nice to meet you",
    )),
    (Courtesy.HELLO, phrases(
        r"hi", r"hello", r"hey", r"good (?:morning|afternoon|evening|day)", r"greetings", r"howdy", r"hiya", r"yo",
    )),
    (Courtesy.YES, _YES),
    (Courtesy.NO, phrases(
        r"^no(?:pe)?(?:,? thanks?| thank you)?[.!]?$", r"^not now", r"^nothing(?: else)?[.!]?$",
        r"^(?:no(?:pe)?,? )?(?:never ?mind|(?:forget|leave|drop) (?:about )?(?:it|that))[.!]?$",
    )),
)  # fmt: skip
_HAGGLE_OFFERED: Final = re.compile(r"\bhaggle\b[^.?!]{0,200}\?", re.IGNORECASE)
_BUYING: Final = phrases(
    r"(?:buy|order|purchase|get|take)(?: me| us)? (?:it|this|that|them|those|these|(?:this|that) one)",
    r"(?:buy|order|purchase|get|take)(?: me| us)? \w+ of (?:it|them|those|these)",
    r"(?:buy|order|purchase|get|take)(?: me| us)? the (?:first|second|third|fourth|fifth|last|top|best|cheapest)",
    r"i'?(?:ll| will|d| would) (?:take|have) (?:it|this|that|them|the \w+|\w+ of)",
)  # fmt: skip
_QUESTION: Final = opening(
    r"what", r"what's", r"whats", r"who", r"who's", r"when", r"where", r"why", r"how", r"can", r"could", r"would",
    r"will", r"do", r"does", r"did", r"is", r"are", r"am", r"was", r"tell", r"write", r"sing", r"translate",
    r"explain", r"play", r"book", r"call", r"send", r"draw", r"calculate", r"solve", r"give me (?:a|your)",
    r"make me a", r"i (?:am|feel|think|was|have)", r"forget", r"ignore", r"delete", r"remind", r"wake", r"go", r"stop",
    r"close", r"shut", r"repeat", r"pretend", r"act", r"let's", r"lets",
)  # fmt: skip
_ALWAYS: Final = frozenset({Courtesy.HELP, Courtesy.WHO})
_MERE: Final = frozenset({Courtesy.HELLO, Courtesy.THANKS, Courtesy.BYE})
_LONGEST_COURTESY: Final = 8
_MOST_BARE_WORDS: Final = 25
_WORD: Final = re.compile(r"\w+")
_IDLE: Final = frozenset(
    _WORD.findall("""
    a again all and are day dear everyone everything for friend great have hello help hi how i is it job just lot
    lots me much my nice now of oh ok okay please really s so that the then there this to today very was well will
    you your
    """)
)
"""Words that stand beside a greeting or thanks and want nothing."""


def topic_of(text: str, memory: Memory) -> Specialist | None:
    """Return who sees to a sentence, by its own words; None where those do not tell."""
    return next((specialist for specialist, is_its in _TOPICS if is_its(text, memory)), None)


def _is_of_books(text: str, _: Memory) -> bool:
    return any(pattern.search(text) for pattern in (billing.INVOICES, billing.PURCHASES, billing.RETURNS))


def _points_at_invoice(text: str, memory: Memory) -> bool:
    return memory.listed is Specialist.BILLING and has_place(text) and not shopping.is_of_products(text, memory)


def _is_haggling(text: str, memory: Memory) -> bool:
    asks_money = insights.SPENDING.search(text) is not None
    if negotiating.HAGGLING.search(text):
        return not (
            asks_money
            and not memory.rooms
            and re.match(r"(?:did|has|have|how much|what|was|is|am)\b", text, re.IGNORECASE)
        )
    if memory.rooms and negotiating.is_of_room(text):
        return True
    if memory.has_haggled and negotiating.asks_how_it_stands(text):
        return True
    return bool(negotiating.OFFERS.search(text) or (_BUYING.search(text) and memory.products))


def _is_spending(text: str, _: Memory) -> bool:
    return insights.SPENDING.search(text) is not None and not billing.IS_LIST.search(text)


def _is_shopping(text: str, memory: Memory) -> bool:
    if courtesy_of(text) is not None:
        return False
    return bool(
        shopping.SEEKING.search(text)
        or (memory.products and (shopping.COMPARING.search(text) or shopping.CHEAPER.search(text)))
    )


_TOPICS: Final[tuple[tuple[Specialist, Callable[[str, Memory], bool]], ...]] = (
    (Specialist.SHOPPING, lambda text, _: is_taste(text)),
    (Specialist.BILLING, lambda text, _: billing.CODE.search(text) is not None),
    (Specialist.NEGOTIATION, _is_haggling),
    (Specialist.INSIGHTS, _is_spending),
    (Specialist.BILLING, _is_of_books),
    (Specialist.BILLING, _points_at_invoice),
    (Specialist.SHOPPING, _is_shopping),
)
"""Whose a sentence is; the first that applies."""


def topic_by_memory(text: str, memory: Memory) -> Specialist | None:
    """Return who sees to a sentence whose own words do not tell: by what was shown, or because it names a thing."""
    if _YES.match(text):
        return Specialist.NEGOTIATION if memory.product is not None and _was_offered(memory) else None
    if courtesy_of(text) is not None:
        return None
    if has_place(text) and memory.listed is not None:
        return memory.listed
    if memory.topic is not None and (has_place(text) or IT.search(text)):
        return memory.topic
    if shopping.points(text, memory) or (memory.search is not None and shopping.goes_on(text)):
        return Specialist.SHOPPING
    is_thing = (
        _QUESTION.match(shopping.without_courtesy(text)) is None and 0 < len(_WORD.findall(text)) <= _MOST_BARE_WORDS
    )
    return Specialist.SHOPPING if is_thing else None


def _was_offered(memory: Memory) -> bool:
    """Tell whether the last thing that was said to the person was the offer to have somebody haggle."""
    said = [line.text for line in memory.context.history if line.role is Role.ASSISTANT]
    return bool(said) and _HAGGLE_OFFERED.search(said[-1]) is not None


def courtesy_of(text: str) -> Courtesy | None:
    """Return which courtesy a text is, if it is nothing else."""
    is_short = len(_WORD.findall(text)) <= _LONGEST_COURTESY
    for courtesy, pattern in _COURTESIES:
        if courtesy in _ALWAYS and pattern.search(text):
            return courtesy
        if is_short and pattern.search(text) and (courtesy not in _MERE or _is_mere(pattern.sub(" ", text))):
            return courtesy
    return None


def _is_mere(rest: str) -> bool:
    """Tell whether nothing is left beside a greeting or thanks but idle words, and perhaps a name."""
    return len([word for word in _WORD.findall(rest.lower()) if word not in _IDLE]) <= 1
