"""What a person types to the assistant: words, the number of an option, or a command such as `/buy`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from chaffer.cli.client import Document, MarketClient
from chaffer.cli.keyboard import Keyboard
from chaffer.cli.outcomes import sentences
from chaffer.cli.shop_shows import print_products
from chaffer.cli.tastes import forget, preferences_of, print_preferences, user_of
from chaffer.cli.terminal import err, out
from chaffer.cli.visits import Visit, product_to_buy
from chaffer.errors import ChafferError, Code

_ORDER: Final = re.compile(r"((?P<number>\d+)(\s+(?P<quantity>\d+)(\s+(?P<budget>\d+(\.\d+)?))?)?)?")
_PROMPT: Final = "> "
_HELP: Final = """Say what you are looking for, what you like and what not, or ask about what was found. Besides:
  /buy [N] [QUANTITY] [BUDGET]  have a buyer haggle for product N of the list, else for the recommended one
  /products                     show again what was found
  /preferences                  show what is known of your taste
  /forget                       forget it
  /new                          begin a new session
  /help                         show this
  /quit                         leave; the session stays"""


class Counter:
    """Takes what a person types, and does it."""

    def __init__(self, client: MarketClient, visit: Visit, user_id: str | None) -> None:
        """Serve that visit; before a session is begun, the user's preferences are meant, None for the caller's."""
        self._client = client
        self._visit = visit
        self._user_id = user_id
        self._is_left = False
        self._commands: Mapping[str, Callable[[str], Awaitable[None]]] = {
            "/buy": self._buy,
            "/products": self._products,
            "/preferences": self._preferences,
            "/forget": self._forget,
            "/new": self._new,
            "/help": self._help,
            "/quit": self._quit,
        }

    async def serve(self, keyboard: Keyboard) -> None:
        """Do what is typed, line by line, until there is no more or the person leaves."""
        while not self._is_left and (line := await keyboard.line(_PROMPT)) is not None:
            try:
                await self._do(line.strip())
            except ChafferError as error:
                for sentence in sentences(error):
                    err().print(sentence)

    async def _do(self, line: str) -> None:
        name, _, words = line.partition(" ")
        if name.startswith("/"):
            command = self._commands.get(name)
            if command is None:
                message = f"There is no command {name}; /help shows those that there are."
                raise ChafferError(Code.VALIDATION_ERROR, message)
            await command(words.strip())
        elif line:
            await self._say(line)

    async def _say(self, text: str) -> None:
        """Say something, or answer the question that is open: by the number of an option, or in words."""
        question = self._visit.question
        if question is None:
            if product_to_buy(await self._visit.say(text)) is not None:
                err().print("Type /buy, and a buyer haggles for it.", style="dim")
            return
        options = question["options"]
        is_number = text.isdecimal() and 1 <= int(text) <= len(options)
        await self._visit.answer(str(options[int(text) - 1]) if is_number else text, question)

    async def _buy(self, words: str) -> None:
        await self._visit.haggle(_order(words, _found(self._visit), self._visit.recommendation))

    async def _products(self, _: str) -> None:
        print_products(_found(self._visit))

    async def _preferences(self, _: str) -> None:
        print_preferences(await preferences_of(self._client, await self._user()))

    async def _forget(self, _: str) -> None:
        await forget(self._client, await self._user())
        out().print("Forgotten.")

    async def _user(self) -> str:
        if self._visit.session_id is not None:
            return str((await self._visit.state())["user_id"])
        return await user_of(self._client, self._user_id)

    async def _new(self, _: str) -> None:
        self._visit.begin_anew()
        err().print("What are you looking for?")

    async def _help(self, _: str) -> None:
        out().print(_HELP)

    async def _quit(self, _: str) -> None:
        self._is_left = True


def _found(visit: Visit) -> Document:
    """Return the answer that has what was found last. Raises VALIDATION_ERROR where nothing was."""
    if visit.result is None or not visit.result["matched_products"]:
        message = "Nothing is found yet. Say what you are looking for."
        raise ChafferError(Code.VALIDATION_ERROR, message)
    return visit.result


def _order(words: str, result: Document, recommendation: Document | None) -> dict[str, Any]:
    """Return what is to be bought: `[N] [QUANTITY] [BUDGET]`, and what is left out as it was recommended and said.

    Raises VALIDATION_ERROR for words that are none of these.
    """
    found, asked = result["matched_products"], _ORDER.fullmatch(words)
    if asked is None or not 1 <= int(asked["number"] or 1) <= len(found):
        message = f"/buy takes the number of a product, 1 to {len(found)}, a quantity and a budget, as in /buy 1 2 900."
        raise ChafferError(Code.VALIDATION_ERROR, message)
    product = found[int(asked["number"] or 1) - 1]
    if asked["number"] is None and recommendation is not None:
        product = recommendation["recommended_product"]
    order = {"product_id": product["id"], "quantity": int(asked["quantity"] or result["constraints"]["quantity"])}
    return order if asked["budget"] is None else {**order, "budget": float(asked["budget"])}
