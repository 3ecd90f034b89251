"""What is told of products: what was found, what one is, how several differ, and what is remembered of a taste."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chaffer.assistant.reading.memory import memory_of
from chaffer.assistant.reading.pointing import points_beyond
from chaffer.assistant.results import PreferencesKept, ProductsCompared, ProductsFound, ProductShown
from chaffer.assistant.speech import templates
from chaffer.assistant.speech.naming import facts_of, traits_of
from chaffer.assistant.speech.wordings import Speaker
from chaffer.assistant.tools import RememberPreference, Wish
from chaffer.counting import listed
from chaffer.money import formatted

_MOST_SELLERS: Final = 5


def found(result: ProductsFound, speaker: Speaker) -> Iterator[str]:
    """Yield what is said of a search: the best product and why, then the others, numbered as people point at them."""
    yield from result.noted
    if not result.products:
        yield speaker.say(templates.NOTHING_FOUND)
        if result.relaxations:
            yield speaker.say(templates.RELAX, relaxations="; ".join(result.relaxations))
        return
    pick, *others = result.products
    yield speaker.say(templates.PICK, name=pick.name, facts=facts_of(pick))
    traits = traits_of(pick)
    if traits:
        yield speaker.say(templates.HAS, traits=listed(traits))
    if others:
        lines = (f"{place}. {one.name}: {facts_of(one)}" for place, one in enumerate(others, start=2))
        yield "\n".join((speaker.say(templates.OTHERS), *lines)) + "\n"
    if result.total > len(result.products):
        yield speaker.say(templates.MORE, total=f"{result.total:,}")
    if pick.pieces:
        yield speaker.say(templates.HAGGLE_NEXT)


def shown(result: ProductShown, speaker: Speaker) -> Iterator[str]:
    """Yield what is said of one product."""
    product = result.product
    yield speaker.say(templates.SHOWN, name=product.name, facts=facts_of(product))
    traits = traits_of(product)
    if traits:
        yield speaker.say(templates.HAS, traits=listed(traits))
    in_stock = [seller for seller in result.sellers if seller.pieces][:_MOST_SELLERS]
    if not in_stock:
        yield speaker.say(templates.SOLD_OUT)
        return
    sellers = [f"{one.seller} for {formatted(one.price_minor, product.currency)}" for one in in_stock]
    yield speaker.say(templates.SOLD_BY, sellers=listed(sellers))
    yield speaker.say(templates.HAGGLE_NEXT)


def compared(asked: str, result: ProductsCompared, speaker: Speaker) -> Iterator[str]:
    """Yield how products differ, a line for each of them; or which of them it is, where that was asked."""
    shown = len(memory_of(speaker.context).products)
    if shown and points_beyond(asked, shown):
        yield speaker.say(templates.NO_SUCH_PLACE)
    if result.answer:
        yield result.answer
        return
    lines = [speaker.say(templates.COMPARED)]
    for place, product in enumerate(result.products):
        differences = (f"{one.name} {one.values[place]}" for one in result.differences if one.values[place])
        lines.append(f"{place + 1}. {product.name}: {', '.join((facts_of(product), *differences))}")
    yield "\n".join(lines) + "\n"
    if not result.differences:
        yield speaker.say(templates.NO_DIFFERENCE)


def kept(wish: Wish, result: PreferencesKept, speaker: Speaker) -> Iterator[str]:
    """Yield what is known of the person's taste now, and how to change it where that is all they asked."""
    is_asked = wish == RememberPreference()
    if result.told:
        yield speaker.say(templates.KNOWN if is_asked else templates.KEPT, known=result.told)
    else:
        yield speaker.say(templates.NOTHING_KEPT)
    if is_asked:
        yield speaker.say(templates.TELL_TASTE)
