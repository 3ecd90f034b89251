"""What a stand-in model says behind the supervisor chat: it calls the tools it is offered, by whatever wire."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tests.support.standin_scripts import Answer, Asked, Script

_DATA: Final = re.compile(r"\{\"(?:today|earlier|person_says)\": ")

Call = tuple[str, Any]
"""The name of a tool, and the arguments, or what a broken model writes in their place."""


@dataclass(frozen=True)
class Put:
    """A question as it was put to a model: its tools, its data, and what the calls of this turn returned."""

    asked: Asked

    @cached_property
    def tools(self) -> list[str]:
        """Return the names of the tools that are offered."""
        body = self.asked.body
        offered = body.get("tools") or body.get("toolConfig", {}).get("tools", [])
        return [(tool.get("function") or tool.get("toolSpec") or tool)["name"] for tool in offered]

    @cached_property
    def data(self) -> dict[str, Any]:
        """Return the data of the question."""
        for said in reversed(self._texts("user")):
            places = [match.start() for match in _DATA.finditer(said)]
            if places:
                data: dict[str, Any] = json.JSONDecoder().raw_decode(said[places[-1] :])[0]
                return data
        raise AssertionError(self.asked.body)

    @cached_property
    def results(self) -> list[str]:
        """Return what the calls of this turn returned, as text."""
        found: list[str] = []
        for message in self.asked.body["messages"]:
            if message["role"] == "tool":
                found.append(message["content"])
            if isinstance(message["content"], list):
                found += [_result(block) for block in message["content"] if _result(block)]
        return found

    @property
    def question(self) -> str:
        """Return which question it is."""
        if "deed" in self.data:
            return "asked"
        if "lines" in self.data:
            return "summary"
        if "request" in self.data:
            return "work"
        return "answer" if "reports" in self.data else "route"

    @property
    def everything(self) -> str:
        """Return all that was sent."""
        return json.dumps(self.asked.body, ensure_ascii=False)

    def _texts(self, role: str) -> list[str]:
        texts: list[str] = []
        for message in self.asked.body["messages"]:
            if message["role"] != role:
                continue
            content = message["content"]
            texts += [content] if isinstance(content, str) else [block["text"] for block in content if "text" in block]
        return texts


def _result(block: Mapping[str, Any]) -> str:
    if block.get("type") == "tool_result":
        return str(block["content"])
    if "toolResult" in block:
        return "".join(part["text"] for part in block["toolResult"]["content"])
    return ""


def calls(asked: Asked, *wanted: Call, text: str = "") -> Answer:
    """Return the answer that calls these tools, their arguments in two pieces, with text before."""
    dialect = asked.dialect
    stream = [*dialect.begins()]
    if text:
        stream.append(dialect.says(text))
    for index, (name, arguments) in enumerate(wanted):
        written = arguments if isinstance(arguments, str) else json.dumps(arguments)
        stream += dialect.calls(index, name, [written[:5], written[5:]])
    stream += dialect.ends("tool_calls", 7)
    return Answer(raw=tuple(stream))


_TOPICS: Final = {
    "ask_shopping": r"find|show|search|laptop|remember",
    "ask_negotiation": r"haggle|negotiat|walk away|offer",
    "ask_billing": r"invoice|pay|bought|purchase",
    "ask_insights": r"spen[dt]|save",
}
_FIRST_CALLS: Final[Sequence[tuple[str, str, Mapping[str, Any]]]] = (
    ("pay_invoice", r"\bpay (?P<invoice>INV-\d+-\d+)", {}),
    ("get_invoice", r"invoice (?P<invoice>INV-\d+-\d+)", {}),
    ("list_purchases", r"bought|purchase", {}),
    ("list_invoices", r"", {"status": ""}),
    ("spending_summary", r"", {"by": "month"}),
    ("walk_away", r"walk away from (?P<room_id>room_\w+)", {}),
    ("open_negotiation", r"haggle for (?P<product_id>[\w-]+)", {"quantity": 1}),
    ("negotiation_status", r"", {}),
    ("remember_preference", r"remember that I like (?P<brand>\w+)", {}),
    ("get_product", r"show me (?P<product_id>[\w-]+)", {}),
    ("search_products", r"", {}),
)


def assists(asked: Asked) -> Answer:
    """Answer as a sensible supervisor, or one of its specialists, does."""
    put = Put(asked)
    answers: Mapping[str, Callable[[Put], Answer]] = {
        "route": _handed_over,
        "work": _worked,
        "asked": lambda put: Answer("Yes." if _wants(put) else "no"),
        "summary": lambda _: Answer("They shop for laptops."),
        "answer": _answered,
    }
    return answers[put.question](put)


def _handed_over(put: Put) -> Answer:
    said = put.data["person_says"]
    wanted = [name for name, topic in _TOPICS.items() if re.search(topic, said, re.IGNORECASE)]
    return calls(put.asked, *((name, {"request": said}) for name in wanted)) if wanted else Answer("none")


def _worked(put: Put) -> Answer:
    if put.results or not put.tools:
        return Answer(f"Here is what I found. {reading(put)}")
    said = put.data["person_says"]
    for name, words, more in _FIRST_CALLS:
        match = re.search(words, said, re.IGNORECASE)
        if name in put.tools and match is not None:
            arguments = {**match.groupdict(), **more}
            if name == "search_products":
                arguments["query"] = said
            if "brand" in arguments:
                arguments = {"like_brands": [arguments["brand"]]}
            return calls(put.asked, (name, arguments), text="Let me look. ")
    return Answer("There is nothing I can do.")


def reading(put: Put) -> str:
    """Return a sentence with the first amount that the last result has."""
    returned = put.results[-1] if put.results else json.dumps(put.data.get("returned_now", []))
    amount = re.search(r'"(?:total|price|spent)": (\d+(?:\.\d+)?)', returned)
    return f"It comes to ${float(amount[1]):,.2f}." if amount is not None else "There is no amount."


def _answered(put: Put) -> Answer:
    return Answer(" ".join(report["says"] for report in put.data["reports"]) or "Hello! How can I help?")


def _wants(put: Put) -> bool:
    last = put.data["person_says"][-1].casefold()
    return "walk away" in last if "negotiation" in put.data["deed"] else "remember" in last


def works(script: Callable[[Put], Answer | None]) -> Script:
    """Return the script of a sensible model that answers a specialist's question so, unless that gives nothing."""

    def answer(asked: Asked) -> Answer:
        put = Put(asked)
        return (script(put) if put.question == "work" else None) or assists(asked)

    return answer
