"""What a shopper wants: a search, more about a product, a comparison, or that a preference is kept.

What is searched is told in the person's own words, which the catalogue's search understands; only limits that are said
without doubt are put beside them.
"""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from chaffer.assistant.reading.limits import limits_in, ordered_pieces_in, rating_in
from chaffer.assistant.reading.memory import Memory
from chaffer.assistant.reading.pointing import IT, has_place, products_in
from chaffer.assistant.reading.steps import Ask, Lack, Step
from chaffer.assistant.reading.tastes import is_taste, read_taste
from chaffer.assistant.reading.wording import opening, phrases
from chaffer.assistant.tools import CompareProducts, GetProduct, SearchProducts

SEEKING: Final = phrases(
    r"find", r"search(?:ing)?", r"look(?:ing)? (?:for|at)", r"looking", r"i(?:'m| am)? (?:need|want|after)",
    r"(?:i )?need", r"(?:i )?want", r"recommend\w*", r"suggest\w*", r"show me", r"do you (?:have|sell|carry|know)",
    r"have you(?: got)?", r"are there(?: any)?", r"is there (?:any|a)", r"got any", r"any (?:\w+ )?\w+",
    r"(?:the )?(?:best|cheapest|most expensive|top) (?:\w+ )?\w+", r"interested in", r"shopping for",
    r"in the market for", r"buy (?:me |us )?(?:an?|some|new)", r"would like (?:an?|some)",
    r"i'd like (?:an?|some|to buy)", r"which .* (?:would|should|is|are)",
    r"what .* (?:would you|do you recommend|should i)", r"get (?:me|us) (?:an?|some)", r"(?:new|best|good) \w+ for",
    r"(?:search|look) for",
)  # fmt: skip
COMPARING: Final = phrases(
    r"compar\w+", r"differen\w+", r"differ", r"versus", r"vs\.?", r"side by side",
    r"(?:next to|beside|against) (?:each|one an)other", r"(?:which|what)(?: one)? is better", r"better than",
)  # fmt: skip
_TELLING: Final = phrases(
    r"tell me", r"more about", r"details?", r"describe", r"who sells", r"sellers?", r"in stock", r"available",
    r"reviews?", r"what about", r"how (?:heavy|big|long|loud|good|many|much|large|fast|is|does)", r"does", r"is",
    r"are", r"has", r"show", r"look at", r"can you tell", r"can", r"what", r"any good", r"rated", r"open", r"see",
    r"why",
)  # fmt: skip
CHEAPER: Final = phrases(
    r"cheaper", r"less expensive", r"too (?:expensive|dear|pricey|much)", r"lower[- ]priced", r"more affordable",
    r"less money", r"costs? less",
)  # fmt: skip
_GOING_ON: Final = opening(
    r"and (?:what about|in|with|for|under|below|from|only)", r"but", r"only", r"just", r"now (?:just|only)",
    r"in (?:black|white|\w+)$", r"with(?:out)?", r"under", r"below", r"not?\b", r"except", r"instead", r"rather",
    r"something", r"anything", r"what about", r"how about", r"got anything", r"same", r"max", r"at most", r"over",
    r"above", r"from", r"by", r"it should", r"it must", r"make it", r"the \w+ ones?", r"also", r"preferably",
    r"at least", r"and",
)  # fmt: skip
_CHANGING: Final = phrases(
    r"smaller", r"bigger", r"larger", r"lighter", r"quieter", r"faster", r"better", r"newer", r"other", r"different",
    r"else", r"instead", r"ones", r"another", r"more \w+",
)  # fmt: skip
_BEGINNING: Final = phrases(
    r"find", r"search", r"look(?:ing)? for", r"need", r"show me (?:an?|some)", r"recommend", r"i want an?",
    r"i'd like an?",
)  # fmt: skip
_COURTESY: Final = re.compile(
    r"^(?:(?:hi|hello|hey)(?: there)?|good (?:morning|afternoon|evening)|please|ok(?:ay)?|yes|so|well|"
    r"thanks?|thank you)[\s,.!]+",
    re.IGNORECASE,
)
_LONGEST_QUERY: Final = 1000
_PAIR: Final = 2
_MOST_COMPARED: Final = 5


def read_shopping(text: str, memory: Memory) -> Step:
    """Return what a shopper wants to be done."""
    if is_taste(text):
        return read_taste(text, memory) or Ask(Lack.PREFERENCE)
    if COMPARING.search(text) and memory.products:
        return _compared(text, memory)
    if memory.products and not CHEAPER.search(text):
        shown = _shown(text, memory)
        if shown is not None:
            return shown
    search = memory.search
    if search is not None and goes_on(text):
        return _refined(text, search, memory)
    return _searched(text, text)


def without_courtesy(text: str) -> str:
    """Return a text without the greeting that it begins with."""
    return _COURTESY.sub("", text)


def goes_on(text: str) -> bool:
    """Tell whether words change a search that was made, rather than begin one."""
    bare = without_courtesy(text)
    if CHEAPER.search(bare):
        return True
    begins = _BEGINNING.search(bare) is not None
    return not begins and bool(_GOING_ON.match(bare) or _CHANGING.search(bare))


def points(text: str, memory: Memory) -> bool:
    """Tell whether a text speaks of products that were shown."""
    return bool(memory.products) and (
        has_place(text) or IT.search(text) is not None or bool(products_in(text, memory)[0])
    )


def _compared(text: str, memory: Memory) -> Step:
    named = products_in(text, memory)[0]
    if len(named) == 1 and memory.product is not None and named[0] != memory.product:
        named = (memory.product, *named)
    elif len(named) < _PAIR:
        named = memory.products[:_PAIR] if len(named) == 0 else ()
    if len(named) < _PAIR:
        return Ask(Lack.SEVERAL_PRODUCTS, tuple(one.name for one in memory.products))
    return CompareProducts(tuple(one.product_id for one in named[:_MOST_COMPARED]))


def _shown(text: str, memory: Memory) -> Step | None:
    """Return the product that is to be told of; None where a text is no question about one that was shown."""
    if not _TELLING.search(text) and not has_place(text):
        return None
    named = products_in(text, memory)[0] if has_place(text) or not _BEGINNING.search(text) else ()
    if named and (has_place(text) or not _changes(text)):
        return GetProduct(named[0].product_id)
    if has_place(text):
        return Ask(Lack.PLACE, tuple(one.name for one in memory.products))
    is_it = IT.search(text) is not None and not _BEGINNING.search(text) and not _changes(text)
    return GetProduct(memory.product.product_id) if is_it and memory.product is not None else None


def _changes(text: str) -> bool:
    return bool(
        CHEAPER.search(text)
        or _CHANGING.search(text)
        or re.search(r"\bonly\b|\bjust\b|\bin (?!stock\b)\w+\??$", text, re.IGNORECASE)
    )


def _searched(text: str, query: str) -> SearchProducts:
    rating, rest = rating_in(text)
    limits = limits_in(rest)
    each = not limits.total
    quantity = ordered_pieces_in(limits.rest) or 1
    bare = without_courtesy(query) or query
    return SearchProducts(
        bare[-_LONGEST_QUERY:],
        min_price_minor=limits.least_minor if each else None,
        max_price_minor=limits.most_minor if each else None,
        min_rating=rating,
        quantity=quantity,
    )


def _refined(text: str, last: SearchProducts, memory: Memory) -> SearchProducts:
    """Return the last search with more words; what they limit anew holds instead of what was limited before."""
    new = _searched(text, f"{last.query}, {without_courtesy(text)}")
    most, product = new.max_price_minor, memory.product
    if most is None and CHEAPER.search(text) and product is not None:
        most = max(product.price_minor - 1, 0)
    return replace(
        new,
        category=last.category,
        brand=last.brand,
        min_price_minor=last.min_price_minor if new.min_price_minor is None and most is None else new.min_price_minor,
        max_price_minor=last.max_price_minor if most is None else most,
        min_rating=last.min_rating if new.min_rating is None else new.min_rating,
        quantity=new.quantity if new.quantity > 1 else last.quantity,
    )
