"""Phrases that make a number a bound, before it and behind it, in English, German and French."""

from __future__ import annotations

from enum import Enum
from typing import Final

from chaffer.shopping.reading.phrases import Phrases, all_meaning
from chaffer.shopping.reading.sentences import word_set


class Bound(Enum):
    """What a number is: the most, the least, about so much, an end of two, exactly that, or what is there to spend."""

    AT_MOST = "at most"
    AT_LEAST = "at least"
    AROUND = "around"
    BETWEEN = "between"
    EITHER = "either"
    EXACTLY = "exactly"
    BUDGET = "budget"


BEFORE: Final = Phrases(
    all_meaning(
        Bound.AT_MOST,
        """
        under, below, less than, lower than, fewer than, smaller than, lighter than, shorter than, cheaper than,
        less expensive than, quieter than, max, maximum, max of, maximum of, maximal, up to, upto, at most,
        not more than, no more than, within, not over, not above, not beyond, not exceeding, not exceed,
        doesn't exceed, does not exceed, nothing over, nothing above, no higher than, not higher than, no larger than,
        not larger than, no bigger than, not bigger than, no heavier than, not heavier than, no longer than,
        capped at, cap of, sub, limit of, limit is, limit's, price limit, my limit, upper limit, underneath, beneath, <,
        <=, no louder than, not louder than, slower than, until, till, ceiling of, unter, bis, bis zu, höchstens,
        weniger als, nicht mehr als, nicht über, billiger als, günstiger als, kleiner als, leichter als,
        unterhalb von, maximum von, mein limit, unser limit,
        moins de, jusqu'à, au plus, au maximum, pas plus de, à moins de, en dessous de,
        sous, inférieur à, moins cher que, max.
        """,
    )
    | all_meaning(
        Bound.AT_LEAST,
        """
        over, above, at least, atleast, more than, greater than, higher than, larger than, bigger than, longer than,
        heavier than, faster than, better than, min, minimum, min of, minimum of, from, starting at, starting from,
        start at, no less than, not less than, no fewer than, not under, not below, nothing under, nothing below,
        no smaller than, not smaller than, no lower than, not lower than, upwards of, upward of, beyond, exceeding,
        more expensive than, wider than, brighter than, louder than, stronger than, >, >=, mindestens, wenigstens, ab,
        über, mehr als, größer als, länger als, nicht unter, au moins, plus de, à partir de, supérieur à, au minimum,
        au-dessus de, pas moins de, plus que, de plus que, min.
        """,
    )
    | all_meaning(
        Bound.AROUND,
        """
        around, about, roughly, approximately, approx, circa, ca, ~, close to, near, nearly, in the region of,
        in the neighborhood of, in the ballpark of, more or less, somewhere around, etwa, ungefähr, rund, rund um,
        um die, zirka, so um die, environ, autour de, vers
        """,
    )
    | all_meaning(
        Bound.BETWEEN,
        """
        between, in between, anywhere between, in the range of, range of, ranging from, anywhere from,
        somewhere between, zwischen, entre, von, de
        """,
    )
    | all_meaning(Bound.EXACTLY, "exactly, precisely, genau, exactement, =")
    | all_meaning(
        Bound.BUDGET,
        """
        budget, budget of, price range, limit to, budget to, price to, raise it to, lower it to, down to, make it,
        make that, budget is, budget's, my budget, i have, i've got, i have got, we have, i got, i only have,
        i just have, we only have, can spend, could spend, to spend, spend, can afford, could afford, afford, can pay,
        would pay, will pay, to pay, pay, want to pay, willing to pay, target price, price, priced at, prices, costs,
        cost, costing, for only, ich habe, habe, ausgeben, budget von, preis, j'ai, budget de, mon budget est de,
        prix
        """,
    )
)
"""What stands before the number."""

FUNDS: Final = Phrases(
    all_meaning(
        Bound.BUDGET, "budget, my budget, our budget, the budget, mein budget, unser budget, mon budget, notre budget"
    )
    | all_meaning(
        Bound.AT_MOST,
        """
        limit, my limit, our limit, the limit, price limit, spending limit, budget limit, upper limit, max, maximum,
        my max, my maximum, max price, maximum price, price cap, ceiling, preislimit, obergrenze, höchstpreis, limite,
        plafond, prix maximum
        """,
    )
)
"""What there is to spend, with words for what it is between it and the number: `my budget for a laptop is 700`."""
FOR_THING: Final = frozenset({"for", "on", "fur", "pour"})
AMOUNTING: Final = word_set("is are was be of at lies ist liegt betragt est")
OWNING: Final = word_set("my our his her their total mein unser mon notre")
"""What stands between them, and before a budget that somebody has: a `budget laptop` is just a cheap one."""

BEHIND: Final = Phrases(
    all_meaning(
        Bound.AT_MOST,
        """
        or less, or under, or below, or cheaper, or lower, or fewer, or smaller, or lighter, max, maximum, tops,
        at most, at the most, at max, and under, and below, and less, is my limit, is my max, is my maximum,
        is the limit, is my budget, is the max, limit, budget, to spend, oder weniger, höchstens, maximal, ou moins,
        maxi, au maximum, au plus
        """,
    )
    | all_meaning(
        Bound.AT_LEAST,
        """
        or more, or above, or over, or higher, or better, or up, or larger, or bigger, or longer, or greater,
        or so at least, and up, and above, and over, and more, and higher, and better, plus, +, minimum, at least,
        upwards, upward, at minimum, and upwards, or faster, oder mehr, oder besser, und mehr, mindestens, aufwärts,
        ou plus, et plus, ou mieux, minimum de
        """,
    )
    | all_meaning(Bound.AROUND, "ish, or so, or thereabouts, more or less, give or take, range, price range, mark")
)
"""What stands behind it."""

SKIPPED: Final = word_set("""
    a an the of is are at be it its my to just only like say for us ist von est de total max nur size score value
    maybe
    """)
"""What may stand between such a phrase and its number, and between a number and what it is a number of."""
JOINTS: Final = word_set("""
    & a and bis et oder or ou through till to und until
    """)
ALTERNATIVES: Final = frozenset({"or", "oder", "ou"})
SUMS: Final = frozenset({"and", "und", "et", "&"})
BOUND_JOINTS: Final = frozenset({"but", "and", "yet", "aber", "und", "doch", "mais", "et"})
"""What joins a bound below to one above."""
DASHES: Final = frozenset({"-", "–", "—", "−", "…", "...", ".."})
REFUSALS: Final = word_set("""
    cant cannot dont wont not shouldnt doesnt never nothing no isnt mustnt nicht pas ne wouldnt keinesfalls kein
    keine keinen couldnt nie jamais without
    """)
"""Turn a bound round that stands behind them: `I can't spend more than`."""
PITTANCES: Final = word_set("cent cents penny pennies dime dollar buck euro pound franc rappen centime sou single")
"""So little stands between: `not a penny more than`."""
