"""The words of the built-in assistant: every number and every claim in them is taken from the products at hand. Pure.

`naming` says what things are called, `templates` holds the sentences, `asking` words a question to the shopper, and
`advising` picks what an answer is about: `recommending`, `comparing`, `answering`, or one of the short ones.
"""

from __future__ import annotations

from chaffer.shopping.speech.advising import Said, advice_of
from chaffer.shopping.speech.asking import clarification_of
from chaffer.shopping.speech.knowing import what_is_known
from chaffer.shopping.speech.reasoning import reasoning

__all__ = ["Said", "advice_of", "clarification_of", "reasoning", "what_is_known"]
