"""Words that turn a wish round, or say that something is not needed."""

from __future__ import annotations

from enum import Enum
from typing import Final

from chaffer.shopping.reading.phrases import Phrases, all_meaning
from chaffer.shopping.reading.sentences import word_set


class Denial(Enum):
    """What such words make of what follows: it must not be, it need not be, or just it and nothing else."""

    NOT = "not"
    NEEDLESS = "needless"


DENIALS: Final = Phrases(
    all_meaning(
        Denial.NOT,
        """
        no, not, non, without, except, except for, but not, anything but, other than, avoid, never, exclude,
        excluding, apart from, besides, isn't, is not, not with, shouldn't be, should not be, shouldn't have,
        should not have, must not be, mustn't be, must not have, minus, don't want, do not want, don't like,
        do not like, hate, dislike, can't stand, aren't, nor, not from, not by, no more, not in, not have,
        doesn't have, does not have, leave out, skip, rather not, not made by, not made of, free of, w/o, anyone but,
        everything but, all but, stay away from, remove, drop, nothing from, nothing by, neither, don't trust,
        never buy, nicht, kein, keine, keinen, keiner, ohne, außer, nicht von, bloß nicht, auf keinen fall, pas,
        pas de, pas d', sans, sauf, hors, ni, surtout pas, pas un, pas une, mag kein, never show me, don't show me,
        do not show me, stop showing me, not show me, without any, mag keine, n'aime pas, déteste, not a fan of,
        filter out, get rid of, hide, omit
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
    a an any the with have be brand from by it is of for to in that are made von mit ein eine einen de du un une la
    le les so
    """)
"""What may stand between a denial and what it denies."""

ALSO: Final = frozenset({"or", "nor", "and", "oder", "und", "ou", "ni", "et", "&"})
"""What carries a denial on to the next name."""
