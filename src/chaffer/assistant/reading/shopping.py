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
from chaffer.assistant.reading.pointing import IT, has_place, points_beyond, products_in
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
    r"i'd like (?:an?|some|to buy)", r"which .{0,100} (?:would|should|is|are)",
    r"what .{0,100} (?:would you|do you recommend|should i)", r"get (?:me|us) (?:an?|some)",
    r"(?:new|best|good) \w+ for", r"(?:search|look) for",
    r"i(?:'ve| have)(?: got)? (?:\w+ )?[$€£]?\d[\d.,]*+\w*+ .{0,100}\bfor",
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
    r"at least", r"and", r"up to", r"between", r"around", r"raise", r"increase", r"lower",
    r"(?:\w+ ){1,2}if possible", r"nothing (?:from|by|over|above)",
    r"which (?:one )?(?:has|is|of (?:them|these|those))",
)  # fmt: skip
_WHICH: Final = opening(r"(?:(?:and|so|ok(?:ay)?),? )?(?:which|what(?:'s| is) the \w+(?:est|er)(?: one)?\W*$)")
_ASKED: Final = phrases(
    r"\w{2,}est", r"most", r"least", r"best \w+", r"top rated", r"more", r"less", r"in stock", r"available",
    r"(?:is|are|has|have|lasts?|costs?)(?: the)? \w{2,}er(?: (?:one|of (?:them|these|those|the two)))?(?=\W*$)",
    r"(?:has|have) the \w{2,}er \w+(?: \w+)?(?=\W*$)",
)  # fmt: skip
"""What tells one of several products from the others; by what, the shop's own reader tells, see `CompareProducts`."""
_NOT_ASKED: Final = phrases(r"sellers?", r"shops?", r"stores?", r"than", r"under", r"below", r"over", r"above")
"""What asks of a seller, or is a limit, and tells none of the products from the others."""
_LIFTED: Final = (
    r"(?:(?:forget|drop|ignore|skip|give up|never ?mind|leave (?:out|away)|lift|remove)(?: about)? "
    r"(?:the |my )?(?:\w+ )?(?:{0})|(?:the )?(?:{0}) (?:does not|doesn't|do not|don't) matter|any (?:{0})|no (?:{0}))"
)
_RATING_LIFTED: Final = phrases(_LIFTED.format(r"ratings?|stars"))
_PRICE_LIFTED: Final = phrases(_LIFTED.format(r"prices?|budget|limits?|costs?"))
_CHANGING: Final = phrases(
    r"smaller", r"bigger", r"larger", r"lighter", r"quieter", r"faster", r"better", r"newer", r"other", r"different",
    r"else", r"instead", r"ones", r"another", r"more \w+",
)  # fmt: skip
_BEGINNING: Final = phrases(
    r"find", r"search", r"look(?:ing)? for", r"need", r"show me (?:an?|some)", r"recommend", r"i want an?",
    r"i'd like an?",
)  # fmt: skip
_KIND_ALONE: Final = re.compile(
    r"(?:(?:no|and|now|ok(?:ay)?|actually|sorry|rather|then|so|well),?\s+)*"
    r"(?:(?:show|find|get|give) me\s|let's see\s|(?:what|how) about\s|(?:look|search) for\s|make (?:that|it)\s)?"
    r"(?:some\s|any\s|the\s)?(?P<kind>(?:[a-z-]+\s){0,2}(?:[a-z-]*[a-rt-z]s|mice))"
    r"(?:\s(?:instead|then|rather|please|too|as well|now))*[.?!]*",
    re.IGNORECASE,
)
_NO_KIND: Final = phrases(
    r"ones", r"others?", r"\w+er", r"more", r"less", r"else", r"different", r"with(?:out)?", r"in", r"under",
    r"below", r"over", r"above", r"from", r"by", r"only", r"just", r"not", r"no", r"for", r"of", r"is", r"this",
    r"these", r"those", r"does", r"prices?", r"reviews", r"ratings", r"sellers", r"details", r"colou?rs", r"options",
    r"deals", r"offers", r"choices", r"alternatives", r"results", r"specs", r"brands", r"screens",
)  # fmt: skip
"""What stands among words that name no other kind of product."""
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
    if memory.products and _asks_which(text, memory):
        return _chosen(text, memory)
    if COMPARING.search(text) and (memory.products or has_place(text)):
        return _compared(text, memory)
    if memory.products and not CHEAPER.search(text):
        shown = _shown(text, memory)
        if shown is not None:
            return shown
    search = memory.search
    if search is not None and goes_on(text) and not _names_another_kind(text, memory):
        return _refined(text, search, memory)
    return _searched(text, text)


def without_courtesy(text: str) -> str:
    """Return a text without the greeting that it begins with."""
    return _COURTESY.sub("", text)


def goes_on(text: str) -> bool:
    """Tell whether words change a search that was made, rather than begin one."""
    bare = without_courtesy(text)
    if CHEAPER.search(bare) or _RATING_LIFTED.search(bare) or _PRICE_LIFTED.search(bare):
        return True
    begins = _BEGINNING.search(bare) is not None
    return not begins and bool(_GOING_ON.match(bare) or _CHANGING.search(bare))


def _names_another_kind(text: str, memory: Memory) -> bool:
    """Tell whether a text names a kind of product that was not shown, and nothing else: `show me monitors instead`.

    The limits of what was searched before are none of its.
    """
    match = _KIND_ALONE.fullmatch(without_courtesy(text))
    if match is None or _NO_KIND.search(match["kind"]):
        return False
    kind = match["kind"].lower().split()[-1]
    return not any(kind in product.category.lower().split() for product in memory.products)


def points(text: str, memory: Memory) -> bool:
    """Tell whether a text speaks of products that were shown."""
    return bool(memory.products) and (
        has_place(text) or IT.search(text) is not None or bool(products_in(text, memory)[0])
    )


def is_of_products(text: str, memory: Memory) -> bool:
    """Tell whether a place in a list is one of the products that were shown: compared, or called what they are."""
    kinds = {word for product in memory.products for word in product.category.lower().split()}
    words = kinds if memory.search is None else kinds | set(re.findall(r"\w{4,}", memory.search.query.lower()))
    said = re.findall(r"\w+", text.lower())
    return bool(memory.products) and (COMPARING.search(text) is not None or not words.isdisjoint(said))


def _asks_which(text: str, memory: Memory) -> bool:
    """Tell whether a text asks which of the products it is, and not for those within a limit, or for who sells them."""
    if not _WHICH.search(text) or not _ASKED.search(text) or _NOT_ASKED.search(text):
        return False
    return not any(letter.isdigit() for letter in products_in(text, memory)[1])


def _chosen(text: str, memory: Memory) -> Step:
    """Return the comparison of the products, of which one is asked for."""
    named = products_in(text, memory)[0]
    among = named if len(named) >= _PAIR else memory.products
    if len(among) < _PAIR:
        return GetProduct(among[0].product_id)
    return CompareProducts(tuple(one.product_id for one in among[:_MOST_COMPARED]), text[-_LONGEST_QUERY:])


def _compared(text: str, memory: Memory) -> Step:
    if not memory.products:
        return Ask(Lack.NOTHING_FOUND if memory.search is not None else Lack.PRODUCT)
    named = products_in(text, memory)[0]
    if len(named) == 1 and len(memory.products) == _PAIR:
        named = memory.products
    if len(named) == 1 and memory.product is not None and named[0] != memory.product:
        named = (memory.product, *named)
    elif len(named) < _PAIR:
        named = memory.products[:_PAIR] if len(named) == 0 else ()
    if len(named) < _PAIR:
        lack = Lack.PLACE if points_beyond(text, len(memory.products)) else Lack.SEVERAL_PRODUCTS
        return Ask(lack, tuple(one.name for one in memory.products))
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


def _joined(text: str) -> str:
    """Return a text without the blanks that stand for what was understood, and without commas at its ends."""
    return " ".join(text.split()).strip(" ,")


def _refined(text: str, last: SearchProducts, memory: Memory) -> SearchProducts:
    """Return the last search with more words; what they limit anew holds instead of what was limited before."""
    if _RATING_LIFTED.search(text):
        last = replace(last, query=_joined(rating_in(last.query)[1]), min_rating=None)
    if _PRICE_LIFTED.search(text):
        last = replace(last, query=_joined(limits_in(last.query).rest), min_price_minor=None, max_price_minor=None)
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
