"""Words that point at products which were shown."""

from __future__ import annotations

from enum import Enum
from typing import Final

from chaffer.shopping.reading.phrases import Phrases, all_meaning, any_of
from chaffer.shopping.reading.sentences import word_set


class Superlative(Enum):
    """Which of the shown products has the most of something."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"
    BEST_RATED = "best rated"


ORDINALS: Final[Phrases[int]] = Phrases(
    all_meaning(0, "first, 1st, erste, ersten, erster, premier, première, top one, number one, no 1")
    | all_meaning(1, "second, 2nd, zweite, zweiten, deuxième, number two")
    | all_meaning(2, "third, 3rd, dritte, dritten, troisième, number three")
    | all_meaning(3, "fourth, 4th, vierte, vierten, quatrième, number four")
    | all_meaning(4, "fifth, 5th, fünfte, fünften, cinquième, number five")
    | all_meaning(5, "sixth, 6th, sixième") | all_meaning(6, "seventh, 7th") | all_meaning(7, "eighth, 8th")
    | all_meaning(8, "ninth, 9th") | all_meaning(9, "tenth, 10th")
    | all_meaning(-1, "last one, letzte, letzten, dernier, dernière, bottom one")
)  # fmt: skip
FIRST_OF: Final = any_of("first, top, best, ersten, premiers, premières, deux premiers")
LAST_OF: Final = any_of("last, letzten, derniers, dernières, bottom")
"""Before how many of them."""

BOTH: Final = any_of("both, the two, these two, those two, beide, beiden, les deux")
ALL_OF_THEM: Final = any_of("""
    these, them, all of them, all of these, those, they, all three, alle, tous, each of
    """)
WHICH: Final = any_of("which one, which is, which has, which of them, welcher, welches, welche, lequel, laquelle")
"""One of all that was shown is asked for."""
ANY_WHICH: Final = word_set("""
    which welcher welches welche lequel laquelle lesquels
    """)
WHAT_IS: Final = any_of("what is the, what's the, whats the, what is, what's, was ist das, was ist der, quel est le")
"""What is behind these asks for one of them where it is a superlative."""
IT: Final = any_of("""
    it, this, that, this one, that one, the one, it's, its, that's, the product, the item, recommended,
    your recommendation, your pick, your suggestion, dieser, diese, dieses, es, das, der, die, ihn, ce, celui-ci,
    celui-là, celle-ci, c'est, le, la, same one, one you
    """)
STANDING_FOR: Final = frozenset({"one", "ones", "something", "anything"})
"""Words for a product of the kind that was searched."""
POINTING: Final = word_set("""
    the this that these those der die das dieser diese dieses le la les ce cette ces
    """)
"""Behind these `16 GB` is a product that has it, and no wish for it."""
MOST_LISTED: Final = 20
"""A larger number is no place in a list."""
WHY: Final = any_of("why, how come, warum, wieso, weshalb, pourquoi")
"""Asked alone it asks why the recommended product is recommended."""
NUMBERED: Final = word_set("""
    # number no nr nummer numero option item choice product
    """)
SUPERLATIVES: Final = Phrases(
    all_meaning(Superlative.CHEAPEST, "the cheapest, cheapest one, cheaper one, the cheaper, least expensive")
    | all_meaning(Superlative.DEAREST, "most expensive, pricier one, dearest, priciest, more expensive one")
    | all_meaning(Superlative.BEST_RATED, "best rated, highest rated, top rated, better rated one")
)
