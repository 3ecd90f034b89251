"""Words that turn a wish round, or say that something is not needed."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

from chaffer.shopping.reading.phrases import Phrases, all_meaning, phrases_in
from chaffer.shopping.reading.sentences import word_set


class Denial(Enum):
    """What such words make of what follows: it must not be, it need not be, or just it and nothing else."""

    NOT = "not"
    NEEDLESS = "needless"
    ONLY = "only"


_NEVER: Final = phrases_in("""
    never, never ever, no longer, don't, do not, don't ever, not, won't, will not, wouldn't, would not, would never,
    will never, never again
    """)
_VERBS: Final = phrases_in("""
    want, want to see, want to have, want to buy, show, show me, show us, suggest, suggest me, recommend, recommend me,
    offer, offer me, propose, buy, get, give me, bring me, consider, take, choose, pick, use, like, trust
    """)
_EXCEPTING: Final = phrases_in("anything but, anything other than, anything except, anything besides")


def _reaching_over_verbs() -> Iterator[tuple[str, Denial]]:
    """Yield refusals with what is refused, as `never want`, and those that except the one thing that is wanted."""
    for never in _NEVER:
        for verb in _VERBS:
            yield f"{never} {verb}", Denial.NOT
            yield from ((f"{never} {verb} {excepting}", Denial.ONLY) for excepting in _EXCEPTING)


DENIALS: Final = Phrases(
    dict(_reaching_over_verbs())
    | all_meaning(
        Denial.ONLY,
        """
        nothing but, nothing other than, nothing except, none but, no brand but, no other brand than, no one but,
        nichts außer, nichts anderes als, rien que, rien d'autre que
        """,
    )
    | all_meaning(
        Denial.NOT,
        """
        no, not, non, without, except, except for, but not, anything but, other than, avoid, never, exclude,
        excluding, apart from, besides, isn't, is not, not with, shouldn't be, should not be, shouldn't have, should
        not have, must not be, mustn't be, must not have, minus, don't want, do not want, don't like, do not like,
        hate, dislike, can't stand, aren't, nor, not from, not by, no more, not in, not have, doesn't have, does not
        have, leave out, skip, rather not, not made by, not made of, free of, w/o, anyone but, everything but, all
        but, stay away from, remove, drop, nothing from, nothing by, neither, don't trust, never buy, nicht, kein,
        keine, keinen, keiner, ohne, außer, nicht von, bloß nicht, auf keinen fall, pas, pas de, pas d', sans, sauf,
        hors, ni, surtout pas, pas un, pas une, mag kein, never show me, don't show me, do not show me, stop showing
        me, not show me, without any, mag keine, n'aime pas, déteste, not a fan of, filter out, get rid of, hide,
        omit, rule out, rules out, never from, never by, stop recommending, stop suggesting, stop offering, stop
        recommending me, stop suggesting me, stop offering me, stop showing, block, ban, plus jamais, plus jamais de,
        nie wieder, never again, no longer
        """,
    )
    | all_meaning(
        Denial.NEEDLESS,
        """
        don't need, do not need, doesn't need, does not need, doesn't have to be, does not have to be,
        doesn't need to be, does not need to be, need not be, needn't be, no need for, don't care about,
        doesn't have to have, don't care for, doesn't need to have, forget, ignore, never mind, nevermind, disregard,
        vergiss, oublie, oubliez, not necessarily, don't have to be, don't mind,
        not only, not just, doesn't have to, need not, needn't, needn't have, forget about, don't need to be,
        don't insist on, muss nicht, brauche kein, brauche keine, brauche keinen, pas besoin de, pas besoin d',
        pas forcément
        """,
    )
)
"""What stands before."""

BETWEEN: Final = word_set("""
    a an any anything the with have be brand from by it is of for to in that are made von mit ein eine einen de du un
    une la le les so
    """)
"""What may stand between a denial and what it denies."""

ALSO: Final = frozenset({"or", "nor", "and", "oder", "und", "ou", "ni", "et", "&"})
"""What carries a denial on to the next name."""
