"""Whether the numbers of a clause are true: prices, ratings, reviews, pieces, sellers, scores, shares and counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from chaffer.amounts.measures import LONGEST_CURRENCY, MONEY_BEFORE, Follower
from chaffer.amounts.numerals import numerals_in
from chaffer.money import MINOR_PER_MAJOR
from chaffer.shopping.catalogue.products import MOST_RATING, Offer, Product
from chaffer.shopping.catalogue.units import measure_of
from chaffer.shopping.facts.clauses import Clause
from chaffer.shopping.facts.folding import as_read
from chaffer.shopping.facts.known import Facts
from chaffer.shopping.facts.lexicon import words_of
from chaffer.shopping.facts.measures import is_measure_true, unit_behind
from chaffer.shopping.facts.saying import Saying
from chaffer.shopping.reading.money import currency_of, is_currency

_STARS: Final = re.compile(r"\s?-?stars?\b|\s?(?:/|out of|of)\s?(?:5|five)\b(?![.\d])")
_RATED: Final = re.compile(r"\b(?:rated|ratings?|rates|stars|scores):?(?: (?:of|at|is|a|an|it|with|about))*\s?$")
_OF_FIVE: Final = re.compile(r"\d\s?(?:/|out of|of)\s?$")
_SCORED: Final = re.compile(r"\bvalue score[sd]?(?: (?:of|is|at|it))*\s?$")
_REVIEWS: Final = r"(?:reviews?|ratings?|reviewers?|customers?|buyers?|owners?|people|votes?)"
_PIECES: Final = r"(?:pieces?|units?|copies|left|in stock|stock|available|remaining)"
_SELLERS: Final = r"(?:sellers?|shops?|stores?|vendors?|offers?)"
_PERCENT: Final = re.compile(r"\s?-?(?:%|percent\b|per cent\b)")
_CURRENCY: Final = re.compile(r"\s?(?:dollars?|euros?|pounds?|bucks?|usd|eur|gbp|chf|cents?|[¢$€£¥])")
_CENTS: Final = re.compile(r"\s?(?:cents?\b|¢)")
_COUNTED: Final = re.compile(
    r"\s(?:\w+\s){0,2}(?:products?|options?|models?|results?|matches|choices|others?|candidates|picks|finds|more)\b"
    r"|\sof (?:them|these|those|the)\b"
)
_SET: Final = re.compile(r"(?:^|\b(?:the|these|those|all|other|first|last|top|next|only)) ?$")
_PLAIN: Final = re.compile(
    r"\s*(?:$|[.,;!?\ue000-\uf8ff]|(?:that|which|do|would|should|can|are|have|fit|match|stay|come|differ|cost|keep|in|on|for|from|as|with|against|to|by|side)\b)"
)
_ORDINAL: Final = re.compile(r"(?:st|nd|rd|th)\b")
_LIMIT_BEFORE: Final = re.compile(r"\b(?:budget|limit|maximum|ceiling)(?: (?:of|is|at|was))*:? ?[$€£¥]?$")
_LIMIT_BEHIND: Final = re.compile(r"(?: dollars?| usd)? (?:budget|limit|maximum|ceiling)\b")
_SHARE_LEEWAY: Final = 0.5
_SCORE_LEEWAY: Final = 0.005
_HUNDRED: Final = 100
_NOUN_WITHIN: Final = 3


def are_figures_true(clause: Clause, facts: Facts) -> bool:
    """Tell whether each number of a clause is true of what it speaks of, or no claim at all."""
    return all(_is_true(Saying(number, clause, facts)) for number in numerals_in(clause.text))


def _is_true(saying: Saying) -> bool:
    return _is_repeated(saying) or next(is_true for is_meant, is_true in _KINDS if is_meant(saying))(saying)


def _is_repeated(saying: Saying) -> bool:
    """Tell whether a number is the shopper's own, and said as theirs."""
    is_theirs = saying.clause.is_about_shopper or not saying.facts.matches
    is_limit = _LIMIT_BEFORE.search(saying.before) or _LIMIT_BEHIND.match(saying.after)
    return saying.value in saying.facts.said and bool(is_theirs or is_limit)


def _is_money(saying: Saying) -> bool:
    text, start = saying.clause.text, saying.number.start
    marked = MONEY_BEFORE.search(text, max(0, start - LONGEST_CURRENCY), start)
    return marked is not None or Follower(text, saying.number.end).is_money


def _is_counting(saying: Saying, nouns: str) -> bool:
    """Tell whether a number counts what these nouns name: `213 happy reviewers`, `reviews of the Dell: 213`."""
    in_front = rf"\b{nouns}(?: (?:of|for) [^:.]{{1,60}})?:\s?$"
    return bool(re.match(rf"\s(?:\w+\s){{0,2}}{nouns}\b", saying.after) or re.search(in_front, saying.before))


def _is_currency_true(saying: Saying) -> bool:
    """Tell whether the currency that is named with a price is that of the products."""
    marks = (MONEY_BEFORE.search(saying.before), _CURRENCY.match(saying.after))
    named = (currency_of(mark.group().strip()) for mark in marks if mark is not None)
    own = {product.currency for product in saying.facts.products}
    return all(any(is_currency(code, currency) for currency in own) for code in named)


def _is_price_true(saying: Saying) -> bool:
    if not _is_currency_true(saying):
        return False
    currency = _CURRENCY.match(saying.after)
    apart = saying.difference("" if currency is None else currency.group())
    if apart is None:
        value = saying.value / MINOR_PER_MAJOR if _CENTS.match(saying.after) else saying.value
        return saying.holds(lambda product: _prices(product, saying), value)
    limits = [limit / MINOR_PER_MAJOR for limit in saying.facts.limits_minor]
    return any(
        apart(_price(product, saying) - other)
        for product, rival in saying.pairs()
        for other in (_price(rival, saying), *map(_asked, product.offers), *limits)
    )


def _is_share_true(saying: Saying) -> bool:
    percent = _PERCENT.match(saying.after)
    written = "" if percent is None else percent.group()
    apart = saying.difference(written)
    if apart is None:
        return unit_behind(saying.after) is not None and is_measure_true(saying)
    return any(
        _is_share(apart, saying.value, (_price(product, saying) / _price(rival, saying) - 1) * _HUNDRED)
        for product, rival in saying.pairs()
        if _price(rival, saying)
    )


def _is_share(apart: Callable[[float], bool], said: float, share: float) -> bool:
    """Tell whether a share is the one that is said, rounded to whole percents."""
    return abs(abs(share) - said) <= _SHARE_LEEWAY and apart(said if share > 0 else -said)


def _prices(product: Product, saying: Saying) -> Iterator[float]:
    """Yield what a product costs with the sellers that are named, or any; of several pieces together, too."""
    for offer in saying.clause.offers_of(product):
        yield _asked(offer)
        yield _asked(offer) * saying.facts.quantity


def _asked(offer: Offer) -> float:
    return offer.price_minor / MINOR_PER_MAJOR


def _price(product: Product, saying: Saying) -> float:
    return saying.facts.price_of(product) / MINOR_PER_MAJOR


def _is_rating_true(saying: Saying) -> bool:
    stars = _STARS.match(saying.after)
    apart = saying.difference("" if stars is None else stars.group())
    if apart is None:
        return saying.holds(lambda product: () if product.rating is None else (product.rating,))
    return any(
        apart(round(one.rating - other.rating, 2))
        for one, other in saying.pairs()
        if one.rating is not None and other.rating is not None
    )


def _is_count_of_pieces_true(saying: Saying) -> bool:
    def truths(product: Product) -> Iterator[float]:
        offers = saying.clause.offers_of(product)
        yield sum(offer.pieces for offer in offers)
        yield from (offer.pieces for offer in offers)

    return saying.holds(truths)


def _is_count_of_sellers_true(saying: Saying) -> bool:
    return saying.holds(lambda product: (len(product.offers), sum(offer.pieces > 0 for offer in product.offers)))


def _is_score_true(saying: Saying) -> bool:
    scores = {match.product.product_id: match.value_score for match in saying.facts.matches}
    return saying.clause.holds(lambda product: abs(scores[product.product_id] - saying.value) <= _SCORE_LEEWAY)


def _is_plain_true(saying: Saying) -> bool:
    """Tell whether a number without anything that says what it is counts products, or is a number of a product."""
    if saying.number.is_one:
        return True
    is_count = saying.value in saying.facts.counts or 1 <= saying.value <= len(saying.facts.matches)
    if is_count and (_COUNTED.match(saying.after) or _is_of_category(saying)):
        return True
    if is_count and _SET.search(saying.before) and _PLAIN.match(saying.after):
        return True
    return saying.holds(lambda product: _numbers(product, saying))


def _is_of_category(saying: Saying) -> bool:
    """Tell whether products are counted by what they are: `15 laptops`."""
    kinds = {word.rstrip("s") for product in saying.facts.products for word in words_of(as_read(product.category))}
    return not kinds.isdisjoint(word.rstrip("s") for word in words_of(saying.after)[:_NOUN_WITHIN])


def _numbers(product: Product, saying: Saying) -> Iterator[float]:
    yield from _prices(product, saying)
    if product.rating is not None:
        yield product.rating
    for text in product.attributes.values():
        measure = measure_of(text)
        if measure is not None and not measure.unit:
            yield measure.number


_KINDS: Final[tuple[tuple[Callable[[Saying], bool], Callable[[Saying], bool]], ...]] = (
    (_is_money, _is_price_true),
    (lambda saying: bool(_SCORED.search(saying.before)), _is_score_true),
    (lambda saying: saying.value == MOST_RATING and bool(_OF_FIVE.search(saying.before)), lambda _: True),
    (lambda saying: _is_counting(saying, _REVIEWS), lambda saying: saying.holds(lambda one: (one.reviews,))),
    (lambda saying: bool(_STARS.match(saying.after) or _RATED.search(saying.before)), _is_rating_true),
    (lambda saying: _is_counting(saying, _PIECES), _is_count_of_pieces_true),
    (lambda saying: _is_counting(saying, _SELLERS), _is_count_of_sellers_true),
    (lambda saying: bool(_PERCENT.match(saying.after)), _is_share_true),
    (lambda saying: unit_behind(saying.after) is not None, is_measure_true),
    (
        lambda saying: bool(_ORDINAL.match(saying.after)),
        lambda saying: 1 <= saying.value <= len(saying.facts.matches),
    ),
    (lambda _: True, _is_plain_true),
)
"""How a number is known for what it is, and how that is verified; the first that applies."""
