"""What a person tells about their taste, to be remembered: brands, budgets, a lowest rating."""

from __future__ import annotations

import re
from typing import Final

from chaffer.assistant.reading.limits import limits_in, rating_in
from chaffer.assistant.reading.memory import Memory
from chaffer.assistant.reading.naming import brands_in
from chaffer.assistant.reading.pointing import has_place, products_in
from chaffer.assistant.reading.wording import phrases
from chaffer.assistant.tools import RememberPreference

_LIKE: Final = re.compile(
    r"\b(?:i|we) (?:really |also |usually |always |generally |do )*"
    r"(?:like|love|prefer|adore|trust|favou?r|buy only|only buy)\s+(?P<what>[^.?!;]+)"
    r"|\b(?:a )?(?:big |huge )?fan of (?P<fan>[^.?!;]+)|\bmy favou?rite brands? (?:is|are) (?P<own>[^.?!;]+)",
    re.IGNORECASE,
)
_DISLIKE: Final = re.compile(
    r"\b(?:i|we) (?:really |also |do |absolutely )*"
    r"(?:hate|dislike|detest|avoid|(?:can't|cannot) stand|(?:do not|don't) (?:like|want|trust)|never (?:want|buy))"
    r"\s+(?P<what>[^.?!;]+)"
    r"|\b(?:never|don't(?: ever)?|do not(?: ever)?|stop)\s+"
    r"(?:show|suggest|recommend|offer)(?:ing|ed)?(?: me)?\s+(?P<shown>[^.?!;]+)"
    r"|\bno more (?P<more>[A-Z][^.?!;]+)",
    re.IGNORECASE,
)
_KEEP: Final = phrases(
    r"remember", r"note that", r"keep in mind", r"don't forget", r"bear in mind", r"for (?:next time|the future)",
    r"from now on",
)  # fmt: skip
_HABIT: Final = phrases(
    r"(?:i|we) (?:usually|normally|never|always|typically|generally|don't) (?:pay|spend|want to (?:pay|spend))",
    r"my (?:usual |normal |typical |maximum |max )?(?:budget|limit)\b.{0,80}\b(?:is|=)(?: usually| always| normally)?",
    r"my usual budget", r"(?:usually|normally|always|generally|never) (?:rated )?(?:at least|above|below|under)",
)  # fmt: skip
_KNOWN: Final = phrases(
    r"what (?:do you|have you) (?:know|remember|learn(?:ed|t)) (?:about|of) me", r"what are my preferences",
    r"(?:show|list|tell) (?:me )?my preferences",
)  # fmt: skip
_FOR: Final = re.compile(
    r"\b(?:for|on)\s+(?:an?\s+|my\s+)?(?P<what>[a-z]+(?: (?!is\b|are\b|usually\b|at\b|to\b|of\b)[a-z]+)?)",
    re.IGNORECASE,
)
_NO_KIND: Final = frozenset(
    {"all", "everything", "anything", "it", "them", "one", "both", "each", "me", "next time", "the future"}
)
_NO_BRAND: Final = frozenset(
    {"it", "that", "this", "them", "those", "these", "him", "her", "you", "one", "shopping", "to"}
)
_REASON: Final = phrases(
    r"because", r"but", r"since", r"for", r"when", r"if", r"in", r"with", r"as", r"so", r"under", r"over", r"than",
    r"to",
)  # fmt: skip
_GOODS: Final = phrases(r"products?", r"brands?", r"stuff", r"things", r"devices", r"gear")
_MOST_BRANDS: Final = 10


def is_taste(text: str) -> bool:
    """Tell whether a text tells what is to be remembered."""
    if _KEEP.search(text) or _HABIT.search(text) or _KNOWN.search(text):
        return True
    return any(_brands(match) for match in (*_LIKE.finditer(text), *_DISLIKE.finditer(text)))


def read_taste(text: str, memory: Memory) -> RememberPreference | None:
    """Return what is to be remembered, nothing where all is asked that is; None where that is not clear."""
    if _KNOWN.search(text):
        return RememberPreference()
    disliked = _all_brands(_DISLIKE, text, memory)
    liked = tuple(brand for brand in _all_brands(_LIKE, text, memory) if brand not in disliked)
    rating, rest = rating_in(text)
    limits = limits_in(rest)
    budget = limits.most_minor
    if budget is None and _HABIT.search(text):
        budget = limits_in(f"budget {_digits(rest)}").most_minor
    kind = _FOR.search(rest) if budget is not None else None
    category = kind["what"].strip() if kind is not None and kind["what"].lower() not in _NO_KIND else None
    wish = RememberPreference(liked, disliked, budget, category, rating)
    return None if wish == RememberPreference() else wish


def _digits(text: str) -> str:
    found = re.search(r"[$€£]?\d[\d,.]*", text)
    return found[0] if found is not None else ""


def _all_brands(pattern: re.Pattern[str], text: str, memory: Memory) -> tuple[str, ...]:
    named: list[str] = []
    for match in pattern.finditer(text):
        brands = _brands(match)
        named += brands or [product.brand for product in products_in(match[0], memory)[0][:1]]
    return tuple(dict.fromkeys(named))[:_MOST_BRANDS]


def _brands(match: re.Match[str]) -> list[str]:
    """Return what may be brands: names in capitals, or a small word that is said to be one; no place, no pronoun."""
    said = next((group for group in match.groups() if group), "")
    said = _REASON.split(said, maxsplit=1)[0]
    if has_place(said):
        return []
    brands = [brand for brand in brands_in(said) if brand.split()[0].lower() not in _NO_BRAND]
    capital = [brand for brand in brands if brand[:1].isupper()]
    is_brand = _GOODS.search(said) is not None
    return capital or [brand for brand in brands if is_brand and len(brand.split()) == 1]
