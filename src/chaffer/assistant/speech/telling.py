"""What is said: a specialist's text of what its tools returned, the supervisor's answer, and a summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from chaffer.assistant.chat import Outcome
from chaffer.assistant.events import Role
from chaffer.assistant.questions import AnswerQuestion, SummaryQuestion, WorkQuestion
from chaffer.assistant.reading import Ask, Courtesy, Seen, courtesy_of
from chaffer.assistant.results import (
    InvoiceShown,
    InvoicesListed,
    NegotiationsStanding,
    NegotiationStarted,
    PreferencesKept,
    ProductsCompared,
    ProductsFound,
    ProductShown,
    PurchasesListed,
    SpendingSummed,
    ToolRefused,
)
from chaffer.assistant.speech import books, negotiations, products, templates
from chaffer.assistant.speech.asking import asked_back
from chaffer.assistant.speech.templates import Wordings
from chaffer.assistant.speech.wordings import Speaker
from chaffer.assistant.tools import DECLINED, ListInvoices, ListPurchases, SearchProducts, SpendingSummary, Wish
from chaffer.errors import ADVICE, Code
from chaffer.plain_text import shortened

_COURTESIES: Final[Mapping[Courtesy, Wordings]] = {
    Courtesy.HELLO: templates.HELLO,
    Courtesy.THANKS: templates.THANKS,
    Courtesy.BYE: templates.BYE,
    Courtesy.HELP: templates.HELP,
    Courtesy.WHO: templates.WHO,
    Courtesy.YES: templates.YES,
    Courtesy.NO: templates.NO,
    Courtesy.SMALLTALK: templates.SMALLTALK,
    Courtesy.OFF_TOPIC: templates.OFF_TOPIC,
}
_NOTHING_SAID: Final = "The person has not asked for anything yet."
_LONGEST_SUMMARY: Final = 2000
_LONGEST_LINE: Final = 160


def work_text(question: WorkQuestion, seen: Sequence[Seen]) -> str:
    """Return what a specialist says of all that came of a request."""
    speaker = Speaker(question.context)
    told = [" ".join(_told(one, speaker)).replace("\n ", "\n").strip() for one in seen]
    return "\n\n".join(told) if told else speaker.say(templates.NOT_LOOKED_UP)


def answer_text(question: AnswerQuestion) -> str:
    """Return what the supervisor says: all that was reported, or its own courtesy."""
    if question.reports:
        return "\n\n".join(report.text for report in question.reports)
    courtesy = courtesy_of(question.context.text) or Courtesy.OFF_TOPIC
    return Speaker(question.context).say(_COURTESIES[courtesy])


def summary_text(question: SummaryQuestion) -> str:
    """Return what the person wanted so far, a line each, the newest where it becomes too much."""
    before = question.context.summary or ""
    said = (
        shortened(" ".join(line.text.split()), _LONGEST_LINE) for line in question.lines if line.role is Role.PERSON
    )
    lines = [*before.splitlines(), *(f"- {text}" for text in said)]
    kept: list[str] = []
    for line in reversed(lines):
        if sum(map(len, kept)) + len(line) > _LONGEST_SUMMARY:
            break
        kept.insert(0, line)
    return "\n".join(kept) or _NOTHING_SAID


def _told(seen: Seen, speaker: Speaker) -> Iterator[str]:
    if isinstance(seen.came, Ask):
        yield asked_back(seen.came, speaker)
        return
    yield from _result(seen.text, seen.came, speaker)


def _result(text: str, outcome: Outcome, speaker: Speaker) -> Iterator[str]:
    match outcome.result:
        case ProductsFound() as result:
            yield from products.found(result, speaker)
        case ProductShown() as result:
            yield from products.shown(result, speaker)
        case ProductsCompared() as result:
            yield from products.compared(text, result, speaker)
        case PreferencesKept() as result:
            yield from products.kept(outcome.wish, result, speaker)
        case NegotiationStarted() as result:
            yield from negotiations.started(result, speaker)
        case NegotiationsStanding() as result:
            yield from negotiations.standing(result, speaker)
        case ToolRefused() as result:
            yield _refusal(outcome.wish, result, speaker)
        case _:
            yield from _of_books(text, outcome, speaker)


def _refusal(wish: Wish, refused: ToolRefused, speaker: Speaker) -> str:
    """Return why it was not done; of what is not there, the message tells programs where to look, not people."""
    if refused.code == DECLINED:
        return speaker.say(templates.DECLINED)
    code = Code(refused.code)
    if isinstance(wish, SearchProducts) and code is Code.VALIDATION_ERROR:
        return speaker.say(templates.NOT_SOUGHT)
    message = ADVICE[code].user_message if code.endswith("NOT_FOUND") else refused.message
    return speaker.say(templates.REFUSED, message=message)


def _of_books(text: str, outcome: Outcome, speaker: Speaker) -> Iterator[str]:
    match outcome.wish, outcome.result:
        case ListInvoices() as wish, InvoicesListed() as result:
            yield from books.invoices(wish, result, speaker)
        case _, InvoiceShown() as result:
            yield from books.invoice(result, speaker)
        case ListPurchases() as wish, PurchasesListed() as result:
            yield from books.purchases(wish, result, speaker)
        case SpendingSummary() as wish, SpendingSummed() as result:
            yield from books.spending(text, wish, result, speaker)
        case wish, result:
            raise TypeError(type(wish).__name__, type(result).__name__)
