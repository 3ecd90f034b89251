"""The striker: holds an assistant's prose back until a sentence is whole, and lets it through only if it is true."""

from __future__ import annotations

import re
from typing import Final

from chaffer.shopping.facts.clauses import Clause, clauses_of, distinct, spoken_of
from chaffer.shopping.facts.degrees import are_degrees_true
from chaffer.shopping.facts.figures import are_figures_true
from chaffer.shopping.facts.folding import as_read
from chaffer.shopping.facts.known import Facts
from chaffer.shopping.facts.lexicon import Lexicon, Marked
from chaffer.shopping.facts.orders import are_orders_true
from chaffer.shopping.facts.promises import are_promises_kept
from chaffer.shopping.facts.qualities import Qualities
from chaffer.shopping.facts.sentences import SentenceGate, without_marker

_QUESTION: Final = re.compile(
    r"^\W*(?:do|would|should|shall|will|can|could|which|what|how|any|want|prefer|or)\b"
    r"(?!.*\b(?:know|aware|notice|hear|its|which is why|isn't it)\b).*\?\W*$",
    re.IGNORECASE | re.DOTALL,
)
"""What asks the shopper for something says nothing of a product; `did you know that …?` and `with its …?` do."""


class Striker(SentenceGate):
    """Strikes every sentence with a price, a rating, a measure, an attribute or an extra that no product at hand has.

    A sentence is judged by its clauses, and a claim must be true of a product that the clause speaks of; see `clauses`.
    In doubt it goes.
    """

    def __init__(self, facts: Facts) -> None:
        """Judge by these facts."""
        super().__init__(self.is_true)
        self._facts = facts
        self._lexicon = Lexicon(facts)
        self._qualities = Qualities(facts)
        self._subject = self._named = facts.about

    def is_true(self, sentence: str) -> bool:
        """Tell whether all that a sentence claims is true; one that is becomes what the next one may refer to."""
        marked = self._lexicon.marked(as_read(without_marker(sentence)))
        if not self._holds(marked, is_question=bool(_QUESTION.search(sentence))):
            return False
        self._subject = spoken_of(marked, marked.text, self._named) or self._subject
        self._named = distinct((*self._named, *self._subject))
        return True

    def _holds(self, sentence: Marked, *, is_question: bool) -> bool:
        return all(
            any(self._is_true(reading, is_question=is_question) for reading in clause.readings())
            for clause in clauses_of(sentence, self._subject, self._named, self._facts)
        )

    def _is_true(self, clause: Clause, *, is_question: bool) -> bool:
        return are_figures_true(clause, self._facts) and (
            is_question
            or (
                self._qualities.are_true(clause)
                and are_orders_true(clause, self._facts)
                and are_degrees_true(clause, self._facts)
                and are_promises_kept(clause, self._facts)
            )
        )
