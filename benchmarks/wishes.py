"""What people ask a shop for: as many different sentences as wished, the same every time.

What is asked for varies as it does in life: a kind of thing, alone or with what it must be, a brand, a price, stars;
now and then a slip of the keyboard, a model's name, or nothing that a catalogue knows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

SEED: Final = 20_260_302

_THINGS: Final = (
    *("laptop", "gaming laptop", "laptop with 16 GB of memory", "15 inch laptop for a student", "touchscreen laptop"),
    *("light laptop for travelling", "office laptop with 1 TB", "phone", "smartphone with 5g", "phone with 256 GB"),
    *("phone with a good camera", "tablet", "tablet with pen support", "11 inch tablet", "monitor", "4K monitor"),
    *("27 inch monitor", "curved monitor with 144 Hz", "keyboard", "quiet keyboard", "wireless mechanical keyboard"),
    *("tenkeyless keyboard", "mouse", "ergonomic mouse", "wireless gaming mouse", "headphones", "in-ear headphones"),
    *("noise cancelling headphones", "over-ear wireless headphones", "headphones with 30 hours of battery life"),
    *("camera", "mirrorless camera", "compact camera with 4K video", "stabilized camera", "coffee machine"),
    *("espresso machine with a milk frother", "fully automatic coffee machine", "capsule machine", "vacuum cleaner"),
    *("robot vacuum", "cordless vacuum cleaner", "self-emptying robot vacuum", "backpack", "waterproof backpack"),
    *("backpack for a 15.6 inch laptop", "25 l backpack", "office chair", "mesh office chair with a headrest"),
    *("leather office chair", "chair with adjustable armrests"),
)
_BRANDS: Final = (
    *("Sony", "Samsung", "Apple", "Dell", "Lenovo", "HP", "Asus", "Acer", "Logitech", "Bose", "Canon", "Nikon"),
    *("DeLonghi", "Philips", "Dyson", "Alavia", "Borcor", "Calmont", "Jortek"),
)
_PRICES: Final = (
    *("under ${0}", "below {0}", "for at most {0} dollars", "between {1} and {0}", "around {0}", "up to {0} €"),
)
_MANNERS: Final = (
    *("{0}", "{0}", "I need a {0}", "I am looking for a {0}, please", "do you have a {0}?", "show me a cheap {0}"),
    *("which {0} is the best?", "the best rated {0}", "{0} with good reviews", "{0}, at least 4 stars"),
    *("two {0} for my parents", "a black {0}", "hello! could you help me find a {0}? thanks"),
)
_ODD: Final = (
    *("labtop for gaming", "hedphones wireles", "moniter 4k", "vaccum cleaner", "cofee machine", "keybord quiet"),
    *("something for my desk", "a present for my mother", "anything from Sony", "the cheapest thing you have"),
    *("made for long days of work", "matte surface that resists scratches", "wh-1000xm5", "zzzzqqq", "sony hea"),
    *("light backpack for travelling with a laptop that keeps dry", "what has the most stars?"),
)


def wishes(count: int) -> Iterator[str]:
    """Yield so many sentences, each different from the others."""
    draws, said = random.Random(SEED), set[str]()
    while len(said) < count:
        wish = draws.choice(_ODD) if draws.random() < 0.1 else _wish(draws)
        if wish not in said:
            said.add(wish)
            yield wish


def _wish(draws: random.Random) -> str:
    thing = draws.choice(_THINGS)
    if draws.random() < 0.25:
        thing = f"{draws.choice(_BRANDS)} {thing}"
    if draws.random() < 0.4:
        most = draws.choice((50, 80, 120, 200, 350, 500, 800, 1_200, 1_500, 2_000))
        thing = f"{thing} {draws.choice(_PRICES).format(most, most // 2)}"
    return draws.choice(_MANNERS).format(thing)
