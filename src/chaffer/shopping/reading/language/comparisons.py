"""Words that compare with what was shown: `cheaper`, `too heavy`, `more memory`, `not big enough`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from chaffer.shopping.reading.phrases import Phrases, all_meaning, any_of
from chaffer.shopping.reading.sentences import word_set


class Aspect(Enum):
    """What is compared, where no attribute is named."""

    PRICE = "price"
    SIZE = "size"
    WEIGHT = "weight"
    NOISE = "noise"
    SPEED = "speed"
    POWER = "power"
    BATTERY = "battery"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Trend:
    """Which aspect is to be more or less. `is_complaint` tells what is wrong with what was shown: `too heavy`."""

    aspect: Aspect
    is_more: bool
    is_complaint: bool = False


_ADJECTIVES: Final = (
    (Aspect.PRICE, False, "cheap affordable inexpensive günstig billig", "cheaper günstiger billiger preiswerter"),
    (Aspect.PRICE, True, "expensive pricey costly dear overpriced teuer cher chère chers", "pricier dearer teurer"),
    (Aspect.SIZE, True, "big large huge wide bulky gross groß grand grande", "bigger larger wider größer grösser"),
    (Aspect.SIZE, False, "small tiny little klein petit petite", "smaller tinier kleiner"),
    (Aspect.WEIGHT, False, "light lightweight portable leicht léger légère", "lighter leichter"),
    (Aspect.WEIGHT, True, "heavy schwer lourd lourde", "heavier schwerer"),
    (Aspect.NOISE, False, "quiet silent leise silencieux silencieuse", "quieter leiser"),
    (Aspect.NOISE, True, "loud noisy laut bruyant bruyante", "louder noisier lauter"),
    (Aspect.SPEED, True, "fast quick schnell rapide", "faster quicker schneller"),
    (Aspect.SPEED, False, "slow laggy langsam lent lente", "slower langsamer"),
    (Aspect.POWER, True, "powerful strong puissant puissante stark", "stronger stärker"),
    (Aspect.POWER, False, "weak schwach faible", "weaker schwächer"),
)
"""Adjectives, and their comparatives: with `more` and `not … enough` they want more of themselves, with `too` less."""

_TOO: Final = (
    *("too", "way too", "far too", "much too", "a bit", "a bit too", "a little", "a little too", "bit too", "so", "zu"),
    *("trop", "viel zu", "etwas zu", "un peu trop", "beaucoup trop", "quite", "very", "pretty", "really", "rather"),
    *("just too", "still too", "a tad", "slightly too", "kinda", "super", "still"),
)
_DEFECTS: Final = frozenset(
    {
        (Aspect.PRICE, True),
        (Aspect.WEIGHT, True),
        (Aspect.NOISE, True),
        (Aspect.SPEED, False),
        (Aspect.POWER, False),
    }
)
"""Who says `it's very heavy` complains; `it's very light` is praise."""
_STATED: Final = (
    "it's {} {}",
    "that's {} {}",
    "they're {} {}",
    "is {} {}",
    "are {} {}",
    "das ist {} {}",
    "c'est {} {}",
)
_PLAINLY_TOO: Final = frozenset(too for too in _TOO if {"too", "zu", "trop", "bit", "little"} & set(too.split()))


def _trends() -> Iterator[tuple[str, Trend]]:
    for aspect, is_more, adjectives, comparatives in _ADJECTIVES:
        for word in adjectives.split():
            wanted, unwanted = Trend(aspect, is_more), Trend(aspect, not is_more)
            complaint = Trend(aspect, not is_more, is_complaint=True)
            yield from ((f"{more} {word}", wanted) for more in ("more", "plus", "much more", "even more"))
            yield from ((f"{less} {word}", unwanted) for less in ("less", "moins", "not so", "not as", "much less"))
            yield from (
                (f"not {word} enough", Trend(aspect, is_more, is_complaint=True)),
                (f"isn't {word} enough", wanted),
            )
            yield from ((f"{too} {word}", complaint) for too in _PLAINLY_TOO)
            if aspect is not Aspect.PRICE:
                yield from ((f"{not_too} {word}", unwanted) for not_too in ("not too", "not very", "nothing too"))
            if (aspect, is_more) in _DEFECTS:
                yield from ((form.format(too, word), complaint) for form in _STATED for too in ("", *_TOO))
        yield from ((word, Trend(aspect, is_more)) for word in comparatives.split())


WORDS: Final = Phrases(
    dict(_trends())
    | all_meaning(
        Trend(Aspect.PRICE, is_more=False),
        """
        lower price, lower priced, less money, lower the price, lower cost, lower-priced, cost less, costs less,
        costing less, moins onéreux, something cheaper, drop the price, at a lower price, bring the price down,
        a better price, better price
        """,
    )
    | all_meaning(
        Trend(Aspect.PRICE, is_more=False, is_complaint=True),
        """
        too much money, costs too much, cost too much, over my budget, above my budget, out of my budget,
        beyond my budget, can't afford, cannot afford, not in my budget, out of my price range, rip-off,
        more than i wanted to spend, more than i want to spend, kostet zu viel, price is too high, overpriced,
        the price is too high, price too high, prices are too high, rip off, exceeds my budget, pricy, over budget,
        ein bisschen teuer, bisschen teuer, too steep, hors de prix, hors budget, too pricy, don't like the price,
        not like the price, hate the price, the price is bad
        """,
    )
    | all_meaning(Trend(Aspect.PRICE, is_more=True), "higher price, higher priced, better quality, higher quality")
    | all_meaning(
        Trend(Aspect.BATTERY, is_more=True),
        """
        longer lasting, longer-lasting, lasts longer, last longer, that lasts longer, runs longer, more battery,
        better battery, longer battery, hält länger, run longer, stronger battery
        """,
    )
    | all_meaning(
        Trend(Aspect.RATING, is_more=True),
        """
        better rated, better-rated, higher rated, higher-rated, better reviews, better reviewed, better rating,
        better ratings, higher rating, higher ratings, besser bewertet, mieux noté, better scored, more stars
        """,
    )
    | all_meaning(
        Trend(Aspect.RATING, is_more=True, is_complaint=True),
        """
        bad reviews, poor reviews, bad ratings, poor ratings, poorly rated, badly rated, low rating, low ratings,
        bad rating, poor rating, terrible reviews, reviews are bad, reviews are too bad, rating is too low,
        ratings are too low, rating too low, not well rated, reviews aren't good, reviews are terrible,
        reviews are poor, rated too low, rating is low, awful reviews
        """,
    )
)


MORE: Final = word_set("""
    more bigger larger higher better longer greater faster stronger mehr größerer größere größeres höhere höherer
    längere bessere improved additional extra deeper
    """)
LESS: Final = word_set("""
    less lower smaller shorter fewer weniger reduced kleinere geringere
    """)
"""Before the name of an attribute."""

TOO_LITTLE: Final = any_of("""
    not enough, too little, too few, insufficient, zu wenig, pas assez de, lacks, short on
    """)
TOO_MUCH: Final = any_of("too much, too many, zu viel, trop de")
"""Before it, as a complaint."""

FALLS_SHORT: Final = word_set("""
    small short low little weak tiny bad poor slow klein kurz gering petit insufficient limited narrow
    """)
GOES_FAR: Final = word_set("""
    big large high long heavy much loud groß hoch grand huge
    """)
"""Behind it and `is too`."""
