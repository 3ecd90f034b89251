"""Words by which a shopper lifts a constraint, and by which one is kept."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.reading.phrases import Phrases, all_meaning, any_of
from chaffer.shopping.reading.sentences import word_set

BRAND: Final = "brand"
PRICE: Final = "price"
RATING: Final = "rating"
CATEGORY: Final = "category"
"""What can be lifted besides attributes, which go by their names."""

SUBJECTS: Final = Phrases(
    all_meaning(
        BRAND,
        """
        brand, brands, make, manufacturer, maker, brand name, marke, hersteller, marque, company
        """,
    )
    | all_meaning(
        PRICE,
        """
        price, budget, cost, costs, money, prices, price limit, budget limit, price range, preis, geld, kosten, prix,
        argent, price tag, limit, price cap, maximum price, max price, spending limit, price constraint, price filter,
        budget cap, budget constraint
        """,
    )
    | all_meaning(
        RATING,
        """
        rating, ratings, reviews, stars, review score, bewertung, bewertungen, note, notes
        """,
    )
    | all_meaning(CATEGORY, "category, kind of product, product type")
)
BEFORE: Final = any_of("""
    any, all, whatever, whichever, regardless of, regardless of the, no matter, no matter the, no matter which,
    no matter what, forget, forget about, ignore, drop, remove, never mind, don't care about, do not care about,
    don't mind the, don't care what, don't care which, skip, not care about, independent of, lift, unlimited,
    no preferred, no particular, no specific, don't worry about, disregard, doesn't matter which, doesn't matter what,
    every, open to any, any other, without a, no fixed, irrespective of, jede, jeder, jedes, beliebige, vergiss,
    egal welche, egal welcher, egal welches, egal was, ignoriere, n'importe quelle, n'importe quel, peu importe,
    oublie, oubliez, toutes, toute, tout, ganz egal, i am flexible on, flexible on
    """)
BEHIND: Final = any_of("""
    doesn't matter, does not matter, don't matter, do not matter, isn't important, is not important, aren't important,
    are not important, is no object, no object, is irrelevant, are irrelevant, is no issue, isn't an issue,
    is not an issue, is unimportant, is no problem, is flexible, isn't a problem, is not a problem, can be anything,
    is open, is up to you, is fine either way, is not a concern, isn't a concern, is no concern, is unlimited,
    won't matter, i don't care, i don't mind, ist egal, egal, spielt keine rolle, ist nicht wichtig, ist unwichtig,
    n'importe, n'importe pas, n'est pas important, m'est égal, no preference, whatever, not important
    """)
WHOLE: Final = Phrases(
    all_meaning(
        PRICE,
        """
        whatever it costs, no matter what it costs, at any price, at any cost, cost what it may, no limit,
        can be more expensive, can cost more, may cost more, more expensive is ok, more expensive is okay,
        more expensive is fine, expensive is fine, pricier is fine, no budget, no budget limit, no price limit,
        i have no budget, sky is the limit, sky's the limit, no maximum, without limit, no limits,
        money is not an issue, can spend more, i can pay more, i can spend more, no upper limit,
        koste es was es wolle, kein limit, kein budget, pas de limite, sans limite, no max
        """,
    )
    | all_meaning(BRAND, "no brand preference, brand agnostic, not picky about the brand, no name is fine")
)
KEPT: Final = Phrases(
    all_meaning(
        PRICE,
        """
        same budget, same price, same price range, same limit, same money, same price limit, gleiches budget,
        gleicher preis, même budget, même prix, same max
        """,
    )
)
"""What is to stay as it was in a search that begins anew."""

ARTICLES: Final = word_set("""
    a about an das der die it its la le les my the your
    """)
