"""Reading a shopper's words without a model: by plain rules, in English and the commonest German and French.

`route`, `learn` and `plan` answer the questions of an assistant's mind, `products_named` tells which of the shown
products are meant, `noted_places` that one is meant which was not shown, `asks_of_haggling` that what is asked for is
what came of a negotiation, `asks_what_is_known` that it is what was learned. All of it is pure: names come with the
question from the catalogue, which `made_ready` indexes once, phrases stand in `language`.

A text becomes a `Sentence` of tokens; one reader after the other takes those that it understands: what is lifted and
compared, brands, the kind of product, values of attributes, then all numbers as `figures`, which ratings, measures,
quantities and prices claim. What is left is the text to search by. Every reader walks the tokens once and looks words
up in tables, so that a hostile text costs no more than its length.
"""

from __future__ import annotations

from chaffer.shopping.reading.haggling import asks_of_haggling
from chaffer.shopping.reading.known import made_ready
from chaffer.shopping.reading.opinions import learn
from chaffer.shopping.reading.planning import plan
from chaffer.shopping.reading.pointing import noted_places, products_named
from chaffer.shopping.reading.routing import asks_what_is_known, route

__all__ = [
    "asks_of_haggling",
    "asks_what_is_known",
    "learn",
    "made_ready",
    "noted_places",
    "plan",
    "products_named",
    "route",
]
