"""What the built-in assistant says to a shopper, by what they want."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from chaffer.counting import counted
from chaffer.draws import Draws
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.events import Intent, Match
from chaffer.shopping.questions import AdvisoryQuestion
from chaffer.shopping.reading.pointing import begins_with_why
from chaffer.shopping.reading.routing import asks_what_is_known
from chaffer.shopping.speech import templates
from chaffer.shopping.speech.answering import answer_about
from chaffer.shopping.speech.choosing import chosen_among
from chaffer.shopping.speech.comparing import comparison
from chaffer.shopping.speech.knowing import what_is_known
from chaffer.shopping.speech.naming import price_of, rating_of
from chaffer.shopping.speech.recommending import recommendation

_HELLO: Final = re.compile(
    r"\b(?:hi|hello|hey|hallo|bonjour|good (?:morning|day|afternoon|evening)|moin|servus|salut)\b"
)
_WHO: Final = re.compile(
    r"\b(?:who|what) are you\b|\b(?:robot|bot|human|ai|machine|help)\b|what can you do|how do you work"
)
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: its text, and which product it recommends, if any."""

    text: str
    product_id: str | None = None


def advice_of(question: AdvisoryQuestion) -> Said:
    """Return the answer to a shopper; the same seed, turn and products give the same words."""
    # With a search it is told among what was noted, also behind a question that comes between.
    if question.intent.searches or not asks_what_is_known(question.context.text):
        return _advice(question)
    known = what_is_known(question.context)
    said = Said("") if question.intent is Intent.SMALLTALK else _advice(question)
    return replace(said, text=f"{known} {said.text}".rstrip())


def _advice(question: AdvisoryQuestion) -> Said:
    draws = Draws(question.context.seed, 0)
    if question.intent.searches:
        return _found(question, draws)
    if question.intent is Intent.BUY:
        return _bought(question, draws)
    if question.intent is Intent.QUESTION:
        return _answered(question, draws)
    return Said(_one(question, draws, _CHATS[question.intent](question)))


def _found(question: AdvisoryQuestion, draws: Draws) -> Said:
    opening = [*question.noted]
    if question.corrected is not None:
        opening.append(_one(question, draws, templates.CORRECTED, text=question.corrected))
    if not question.matches:
        return Said(_text([*opening, *_nothing(question, draws)]))
    if question.behind:
        lines = (f"- {product.name}: {price_of(product)}, {rating_of(product)}" for product in _products(question))
        return Said("\n".join([_text(opening), *lines]), question.matches[0].product.product_id)
    said = _text([*opening, *recommendation(question, draws)])
    return Said(said, question.matches[0].product.product_id)


def _products(question: AdvisoryQuestion) -> tuple[Product, ...]:
    return tuple(match.product for match in question.matches)


def _nothing(question: AdvisoryQuestion, draws: Draws) -> Iterator[str]:
    if not question.context.vocabulary.categories:
        yield _one(question, draws, templates.EMPTY)
        return
    wanted = question.constraints
    if wanted is not None and wanted.text and wanted.category is None and not question.relaxations:
        yield _one(question, draws, templates.NOT_HERE, text=wanted.text)
        return
    yield _one(question, draws, templates.NOTHING)
    for number, relaxation in enumerate(question.relaxations):
        products = counted(relaxation.total, "product", "products")
        wording = draws.part(templates.WITHOUT, "without", question.context.turn + number)
        yield wording.format(what=relaxation.what, products=products)
    yield _one(question, draws, templates.WHICH_TO_GIVE_UP if question.relaxations else templates.NO_SINGLE_WISH)


def _answered(question: AdvisoryQuestion, draws: Draws) -> Said:
    if question.outcome:
        return Said(_text(question.outcome))
    if question.noted and not question.asked_about:
        return _not_shown(question, draws)
    chosen = _chosen(question)
    if chosen is not None:
        return chosen
    if len(question.asked_about) == 1:
        seen = {match.product.product_id: match for match in (*_beside_it(question), *question.asked_about)}
        question = replace(question, asked_about=tuple(seen.values()))
    if len(question.asked_about) > 1:
        best = max(question.asked_about, key=lambda match: match.value_score)
        lines = (*question.noted, *comparison(question, draws))
        return Said("\n".join(lines), best.product.product_id)
    product = _meant(question)
    if product is None:
        was_sought = question.constraints is not None
        return Said(_one(question, draws, templates.NOTHING_THERE if was_sought else templates.NOTHING_SHOWN))
    said = _text([*question.noted, *answer_about(product, question, draws)])
    return Said(said, product.product_id)


def _beside_it(question: AdvisoryQuestion) -> tuple[Match, ...]:
    """Return the products beside which the one that is named is meant to be seen.

    These are the two that are there for `compare 1 and 3`, and the best one for `why not the second one?`.
    """
    shown = question.context.shown
    if question.noted and len(shown) == _PAIR:
        return shown
    return question.matches[:1] if begins_with_why(question.context.text) else ()


def _chosen(question: AdvisoryQuestion) -> Said | None:
    """Return which product it is that is asked for, of those that are named or of all that were shown."""
    among = question.asked_about if len(question.asked_about) > 1 else question.context.shown
    products = [match.product for match in among]
    chosen = chosen_among(products, question.context.text, question.context.vocabulary)
    if chosen is None:
        return None
    return Said(_text([*question.noted, chosen.text]), chosen.product_id)


def _not_shown(question: AdvisoryQuestion, draws: Draws) -> Said:
    """Return the answer to who points at a product that was not shown: none of the others is meant."""
    asks = templates.WHICH_ONE if len(question.context.shown) > 1 else templates.THAT_ONE
    return Said(_text([*question.noted, _one(question, draws, asks)]))


def _bought(question: AdvisoryQuestion, draws: Draws) -> Said:
    if question.noted and not question.asked_about:
        return _not_shown(question, draws)
    product = _meant(question)
    if product is None:
        return Said(_one(question, draws, templates.BUY_WHAT))
    if not product.pieces:
        return Said(_one(question, draws, templates.CANNOT_BUY, name=product.name), product.product_id)
    having = sum(offer.pieces > 0 for offer in product.offers)
    words = {"name": product.name, "sellers": counted(having, "seller", "sellers"), "price": price_of(product)}
    return Said(_one(question, draws, templates.BUY, **words), product.product_id)


def _meant(question: AdvisoryQuestion) -> Product | None:
    """Return the product that is asked about: the one that was named, else the recommended one, else the first."""
    recommended = (match for match in question.matches if match.product.product_id == question.context.recommended_id)
    meant: tuple[Match, ...] = (*question.asked_about, *recommended, *question.matches)
    return meant[0].product if meant else None


def _smalltalk(question: AdvisoryQuestion) -> templates.Wordings:
    said = folded_text(question.context.text)
    if _WHO.search(said):
        return templates.WHO_I_AM
    return templates.HELLO if _HELLO.search(said) else templates.SMALLTALK


_CHATS: Final[Mapping[Intent, Callable[[AdvisoryQuestion], templates.Wordings]]] = {
    Intent.SMALLTALK: _smalltalk,
    Intent.THANKS: lambda _: templates.WELCOME,
    Intent.OFF_TOPIC: lambda _: templates.OFF_TOPIC,
}


def _one(question: AdvisoryQuestion, draws: Draws, wordings: templates.Wordings, **words: str) -> str:
    return draws.part(wordings, wordings[0], question.context.turn).format(**words)


def _text(sentences: Iterable[str]) -> str:
    return " ".join(sentences)
