"""Words by which a shopper likes or dislikes something, and those that make a wish one for good."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Final

from chaffer.shopping.reading.phrases import Phrases, all_meaning, any_of, phrases_in


class Tone(Enum):
    """What words think of a thing."""

    GOOD = "good"
    BAD = "bad"
    NEITHER = "neither"
    FORGOTTEN = "forgotten"


_LIKES: Final = phrases_in("like, love, trust, enjoy, adore")
_DISLIKES: Final = phrases_in("dislike, hate, despise, detest, loathe, distrust, don't like, do not like, don't trust")
_NOT: Final = phrases_in("don't, do not, don't really, no longer, never, not")
_FORGET: Final = phrases_in("forget, forget that, forget about, forget how, forget that i said, forget i said")


def _views() -> Iterator[tuple[str, Tone]]:
    """Yield what is denied and what is over: who `no longer likes` something dislikes it, who no longer hates it may.

    `Forget that I like` takes back what was said, and so does who `used to` like it.
    """
    for liked in _LIKES:
        yield from ((f"{no} {liked}", Tone.BAD) for no in _NOT)
    for view in (*_LIKES, *_DISLIKES):
        yield f"used to {view}", Tone.FORGOTTEN
        yield from ((f"{forget} i {view}", Tone.FORGOTTEN) for forget in _FORGET)
        kept = Tone.GOOD if view in _LIKES else Tone.BAD
        yield from ((f"{no} {forget} i {view}", kept) for no in ("don't", "do not", "never") for forget in _FORGET)
    for disliked in _DISLIKES:
        yield from ((f"{no} {disliked}", Tone.FORGOTTEN) for no in (*_NOT, "stop", "i don't", "i do not"))


VIEWS: Final = Phrases(
    dict(_views())
    | all_meaning(Tone.BAD, "no longer a fan of, no longer happy with, no longer into, no longer keen on")
    | all_meaning(
        Tone.FORGOTTEN,
        """
        used to be a fan of, used to be happy with, forget my dislike of, forget my dislike for, forget my love of,
        forget my love for, don't mind having, have nothing against, got nothing against, nothing against, n'ai rien
        contre, habe nichts gegen, nichts gegen, rien contre
        """,
    )
)
"""Views that are denied, over, or to be forgotten. They stand before a name."""

LIKING: Final = Phrases(
    all_meaning(
        Tone.GOOD,
        """
        i like, like, i love, love, i really like, i adore, adore, fan of, big fan of, i trust, my favorite is,
        my favourite is, my favorite brand is, my favourite brand is, favorite is, loving, i'm a fan of, happy with,
        good experience with, i enjoy, ich mag, mag, ich liebe, j'aime, j'adore, j'aime bien, i only trust, trust,
        i swear by, satisfied with, always buy, loved, good experiences with, favourite is, favorite brand,
        favourite brand, always liked, always loved
        """,
    )
    | all_meaning(
        Tone.NEITHER,
        """
        i'd like, would like, i would like, feel like, looks like, look like, something like, like the, like a,
        if you like, anything like, i'd love, would love, i like to, i'd like to, like to
        """,
    )
)
"""Those that are neither only sound like it."""

DISLIKING: Final = any_of("""
    i don't like, don't like, do not like, i hate, hate, i dislike, dislike, can't stand, not a fan of, no fan of,
    never liked, not a big fan of, don't trust, do not trust, i avoid, never buy, would never buy, i'd never buy, bad
    experience with, bad experiences with, despise, had enough of, had problems with, problems with, sick of, tired
    of, detest, not fond of, ich mag kein, ich mag keine, ich mag keinen, mag kein, mag keine, ich hasse, hasse,
    loathe, je n'aime pas, n'aime pas, j'aime pas, n'aime plus, j'aime plus, je déteste, déteste, don't love, don't
    really like, not into, don't care for, not keen on, had trouble with, disappointed by, disappointed with, stay
    away from, didn't like, did not like, never again, not happy with, don't much like
    """)

PRAISING: Final = any_of("""
    great choice, good choice, love it, like it, perfect, looks good, looks great, nice one, excellent choice,
    good one, that's great, awesome, good suggestion, great suggestion, like this, like that, love this, love that,
    i like the, i love the, exactly what i want, just what i want, exactly what i need, just what i need,
    what i was looking for, well done, good pick, great pick, sounds good, sounds great, looks nice, looks perfect,
    very nice, that's perfect, wonderful, amazing, thumbs up, beautiful, gefällt mir, super, parfait, c'est parfait,
    brilliant, nice, cool, fantastic, lovely, great recommendation, good recommendation, spot on, these are great
    """)

_FAULTS: Final = ", ".join(
    f"{verb} {whose} {what}"
    for verb in ("don't like", "do not like", "didn't like", "hate", "dislike")
    for whose in ("the", "its")
    for what in ("price", "brand", "rating", "reviews", "features", "look", "looks", "second", "third", "last one")
)

REJECTING: Final = any_of(f"""
    {_FAULTS},
    don't like it, don't like this, don't like that, don't like these, don't like any, not for me, do not like it,
    do not like this, do not like that, don't like this one, don't like that one, not my style, no good,
    not what i want, not what i wanted, not what i need, not interested, ugly, thumbs down, not convinced, hate it,
    hate this, hate that, that's not it, not right, boring, don't like the first, not good, bad suggestion,
    bad choice, not good enough, terrible, awful, not what i'm looking for, not what i am looking for,
    not what i was looking for, doesn't suit me, gefällt mir nicht, ne me plaît pas, pas pour moi, nicht gut, meh,
    nope, don't want this, don't want it, don't want that, don't like them, doesn't look good, looks ugly,
    looks cheap, wrong product, disappointing, not great, not nice, bad recommendation, not impressed,
    this is bad, that is bad, that's bad, it is bad, it's bad, these are bad, they are bad
    """)

REASONS: Final = Phrases(
    all_meaning(
        "price",
        """
        because price, because of the price, because of price, because the price, reason price, price,
        because of its price, due to the price, because of the cost, for the price, because of cost
        """,
    )
    | all_meaning(
        "brand",
        """
        because brand, because of the brand, because of brand, because the brand, reason brand, brand,
        because of its brand, due to the brand, because of the manufacturer, because of this brand
        """,
    )
    | all_meaning("features", "because features, because of the features, reason features, features")
    | all_meaning(
        "rating",
        """
        because of the rating, because of the reviews, because rating, because reviews, like the rating,
        like its rating, like the reviews, like its reviews, hate the rating, hate the reviews
        """,
    )
)
"""Why something is not liked, as the buttons of a page name it."""

FOR_GOOD: Final = any_of("""
    always, never, must have, must-have, only buy, only ever, i insist, deal breaker, in general, dealbreaker,
    non-negotiable, from now on, in future, in the future, generally, remember that, essential, absolutely need,
    for me it must, remember, as a rule, every time, immer, nie, toujours, jamais, i require, is a must, are a must,
    ab jetzt, désormais
    """)
"""What is said so holds in other searches, too."""

ANY_MORE: Final = any_of("again, ever again, any more, anymore, any longer, ever, at all, nie wieder, plus jamais")
"""What ends a refusal behind a name: `never show Sony again`."""

SAID_OF_IT: Final = Phrases(
    all_meaning(
        Tone.GOOD,
        """
        is great, is my favorite, is my favourite, is good, rocks, is the best, is nice, are great, is awesome,
        is fantastic, are the best, are my favorite, is perfect, ist super, ist toll, never disappoints, is reliable,
        est super, ist gut
        """,
    )
    | all_meaning(
        Tone.BAD,
        """
        sucks, is bad, is terrible, is crap, is awful, is garbage, is rubbish, is not for me, suck, is not my thing,
        isn't for me, isn't my thing, is out, always breaks, is junk, are terrible, are bad, are crap, mag ich nicht,
        gefällt mir nicht, ist schlecht, lieber nicht, is horrible, is unreliable, breaks, keeps breaking,
        broke on me, disappointed me, ne me plaît pas, never again, never ever again, not any more,
        not anymore, but not any more, but not anymore, nie wieder, nie mehr,
        plus jamais, is ruled out, no thanks, no thank you
        """,
    )
)
"""What is said behind a name."""
