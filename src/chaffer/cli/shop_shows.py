"""How an assistant's turns are shown: text as it comes, what was found as a table, a question with its options."""

from __future__ import annotations

import sys
from typing import Final

from rich.text import Text

from chaffer.cli.client import Document
from chaffer.cli.tables import amount, print_table
from chaffer.cli.terminal import err, is_terminal, out
from chaffer.plain_text import harmless

_ASIDE: Final = "dim"


class Conversation:
    """Prints what the assistant says: word by word on a terminal, else answer by answer."""

    def __init__(self) -> None:
        """Print results on standard output, and what goes on meanwhile on standard error, if somebody watches."""
        self._live = is_terminal(sys.stdout)
        self._watched = is_terminal(sys.stderr)
        self._speaks = False

    def see(self, frame: Document) -> None:
        """Print what a frame tells."""
        match frame["type"]:
            case "progress" if self._watched:
                err().print(Text(harmless(str(frame["message"])), style=_ASIDE))
            case "chunk" if self._live:
                out().print(Text(harmless(str(frame["content"]))), end="", soft_wrap=True)
                self._speaks = True
            case "restart" if self._speaks:
                self._break()
                out().print(Text("- begins again", style=_ASIDE))
            case "complete":
                self._answered(frame["result"])
            case "error":
                self._break()
                err().print(f"No answer: {harmless(str(frame['message']))} ({frame['code']})")
            case _:
                _print_beside(frame)

    def _answered(self, result: Document) -> None:
        if not self._speaks:
            out().print(Text(harmless(str(result["message"]))))
        self._break()
        if result["matched_products"]:
            print_products(result)

    def _break(self) -> None:
        if self._speaks:
            out().print()
        self._speaks = False


def print_products(result: Document) -> None:
    """Print the products of an answer, numbered, the recommended one marked, and how its score came about."""
    best = result["recommendation"]
    chosen = None if best is None else best["recommended_product"]["id"]
    rows = (
        (
            "*" if each["id"] == chosen else "",
            number,
            each["name"],
            amount(each["price"], each),
            each["rating"],
            f"{each['value_score']:.2f}",
            sum(offer["stock"] for offer in each["sellers"]),
        )
        for number, each in enumerate(result["matched_products"], start=1)
    )
    out().print()
    print_table(("", "#", "product", "price", "rating", "score", "stock"), rows, empty="Nothing fits.")
    shown = len(result["matched_products"])
    more = "" if result["total_results"] == shown else f"{shown} of {result['total_results']:,} that fit. "
    why = "" if best is None else harmless(str(best["reasoning"]))
    if more or why:
        out().print(Text(f"{more}{why}", style=_ASIDE))


def print_question(question: Document) -> None:
    """Print a question of the assistant with its options, numbered."""
    out().print(Text(harmless(str(question["message"])), style="bold"))
    for number, option in enumerate(question["options"], start=1):
        out().print(Text(f"  {number}. {harmless(str(option))}"))


def _print_beside(frame: Document) -> None:
    """Print what is no answer."""
    match frame["type"]:
        case "interrupt":
            print_question(frame)
        case "negotiation":
            _print_order(frame["negotiation"])
        case "news":
            _print_news(frame)
        case "reset":
            err().print("That position is not known here. What came before is not shown: chaffer shopping show")
        case _:
            pass


def _print_order(order: Document) -> None:
    wanted = f"{order['quantity']} x {harmless(str(order['product_name']))}"
    out().print(Text(f"A buyer haggles for {wanted}, for {order['budget']:,.2f} at most.", style="bold"))


def _print_news(news: Document) -> None:
    out().print(Text(harmless(str(news["message"])), style="bold red" if news["invoice_id"] is None else "bold green"))
