"""Words for the order in which products are wanted."""

from __future__ import annotations

from typing import Final

from chaffer.shopping.catalogue.searching import Sort
from chaffer.shopping.reading.phrases import Phrases, all_meaning

SORTS: Final = Phrases(
    all_meaning(
        Sort.CHEAPEST,
        """
        cheap, cheapest, budget, affordable, inexpensive, low-cost, low cost, lowest price, cheapo, lowest priced,
        low-priced, low priced, low price, economical, most affordable, on a budget, tight budget, on a tight budget,
        small budget, least expensive, not expensive, not too expensive, not very expensive, not so expensive,
        nothing expensive, nothing too expensive, cheap and cheerful, isn't expensive, isn't too expensive,
        sort by price, sorted by price, cheapest first, by price, lowest price first, price ascending,
        price low to high, low to high, not cost much, not that expensive, not pricey, not too pricey,
        doesn't cost much, doesn't cost too much, doesn't break the bank, won't break the bank, wallet friendly,
        budget-friendly, bargain, cheaply, low budget, sort price, order by price, entry-level, entry level,
        price-conscious, günstig, günstige, günstiger, günstiges, günstigen, günstigste, günstigsten, billig, billige,
        billiges, billigen, billigste, billigsten, preiswert, preiswerte, preiswertes, preisgünstig, am günstigsten,
        am billigsten, nicht zu teuer, nicht teuer, pas cher, pas chère, pas trop cher, bon marché, le moins cher,
        la moins chère, les moins chers, peu cher, abordable, économique, pas chers
        """,
    )
    | all_meaning(
        Sort.DEAREST,
        """
        premium, high-end, high end, highend, most expensive, luxury, luxurious, top of the line, top-of-the-line,
        top of the range, top-end, dearest, priciest, flagship, most expensive first, highest price,
        highest price first, price descending, price high to low, high to low, costliest, upscale, deluxe, teuerste,
        teuersten, am teuersten, hochwertig, edel, luxus, oberklasse, haut de gamme, le plus cher, la plus chère,
        les plus chers, de luxe, highest-priced
        """,
    )
    | all_meaning(
        Sort.BEST_RATED,
        """
        best rated, best-rated, top rated, top-rated, highest rated, highest-rated, best reviews, best reviewed,
        best-reviewed, top reviewed, highest rating, best rating, best ratings, sort by rating, sorted by rating,
        by rating, most highly rated, with the best reviews, with the best ratings, most popular, highest ratings,
        best customer reviews, best rated first, most stars, order by rating, best bewertet, bestbewertet,
        bestbewertete, bestbewerteten, am besten bewertet, beste bewertung, beste bewertungen, besten bewertungen,
        mieux noté, mieux notés, mieux notée, les mieux notés, meilleures notes, meilleurs avis, le mieux noté,
        best user reviews
        """,
    )
)
