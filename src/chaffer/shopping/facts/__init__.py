"""Facts in an assistant's prose: what may be said of products, and the striking of every sentence that is not true.

`known` holds what is true, `lexicon` finds what a sentence names, `sentences` and `clauses` take prose apart,
`figures`, `qualities`, `orders`, `degrees` and `promises` judge what a clause claims, and `striker` holds prose back
until its sentences are whole. Pure.
"""

from __future__ import annotations

from chaffer.shopping.facts.known import Facts, facts_of_advice, facts_of_clarification
from chaffer.shopping.facts.striker import Striker

__all__ = ["Facts", "Striker", "facts_of_advice", "facts_of_clarification"]
