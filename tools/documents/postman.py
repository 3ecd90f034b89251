"""docs/chaffer.postman_collection.json: every operation of the API as a request of Postman, in an order that runs.

Made from the OpenAPI document alone. Ids that a later request needs are kept in the collection's variables.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chaffer.api.openapi import document

Document = Mapping[str, Any]

_V1: Final = "/api/v1"
# A method, a path, and of several examples of its body the one that is not the first.
_ORDER: Final[tuple[tuple[str, ...], ...]] = (
    ("get", "/"),
    ("get", "/health"),
    ("get", f"{_V1}/health"),
    ("get", f"{_V1}/llm/status"),
    ("get", f"{_V1}/me"),
    ("post", f"{_V1}/simulation/initialize"),
    ("get", f"{_V1}/simulation"),
    ("get", f"{_V1}/simulation/{{session_id}}"),
    ("post", f"{_V1}/negotiation/{{room_id}}/start"),
    ("get", f"{_V1}/negotiation/{{room_id}}/state"),
    ("post", f"{_V1}/negotiation/{{room_id}}/message"),
    ("post", f"{_V1}/negotiation/{{room_id}}/decide"),
    ("get", f"{_V1}/negotiation/{{room_id}}/stream"),
    ("post", f"{_V1}/simulation/{{session_id}}/start"),
    ("get", f"{_V1}/simulation/{{session_id}}/stream"),
    ("get", f"{_V1}/simulation/{{session_id}}/summary"),
    ("get", f"{_V1}/invoices"),
    ("get", f"{_V1}/invoices/{{invoice_id}}"),
    ("get", f"{_V1}/invoices/{{invoice_id}}.pdf"),
    ("post", f"{_V1}/invoices/{{invoice_id}}/pay"),
    ("post", f"{_V1}/invoices/{{invoice_id}}/cancel"),
    ("get", f"{_V1}/purchases"),
    ("get", f"{_V1}/spending"),
    ("get", f"{_V1}/logs"),
    ("get", f"{_V1}/logs/{{session_id}}"),
    ("get", f"{_V1}/logs/{{session_id}}/{{room_id}}"),
    ("delete", f"{_V1}/simulation/{{session_id}}"),
    ("post", "/api/run"),
    ("patch", "/api/run/{run_id}/bot/{index}"),
    ("post", "/api/run/{run_id}/say"),
    ("get", "/api/run/{run_id}"),
    ("post", "/api/run/{run_id}/stop"),
    ("get", "/api/stream/{run_id}"),
    ("get", "/api/export/{run_id}.{form}"),
    ("get", "/api/runs"),
    ("delete", "/api/run/{run_id}"),
    ("get", "/api/catalog"),
    ("get", "/api/products"),
    ("post", "/api/shopping", "vague"),
    ("post", "/api/shopping/resume"),
    ("post", "/api/shopping"),
    ("get", "/api/products/{product_id}"),
    ("post", "/api/shopping/{session_id}/negotiate"),
    ("get", "/api/shopping/{session_id}/stream"),
    ("post", "/api/shopping/stream"),
    ("get", "/api/sessions"),
    ("get", "/api/sessions/{session_id}"),
    ("patch", "/api/users/{user_id}/preferences"),
    ("get", "/api/users/{user_id}/preferences"),
    ("delete", "/api/users/{user_id}/preferences"),
    ("delete", "/api/sessions/{session_id}"),
    ("get", "/api/chat/tools"),
    ("post", "/api/conversations"),
    ("post", "/api/chat", "haggle"),
    ("post", "/api/chat/approve"),
    ("get", "/api/chat/{conversation_id}/stream"),
    ("post", "/api/chat/stream"),
    ("post", "/api/chat/stop"),
    ("get", "/api/conversations"),
    ("get", "/api/conversations/{conversation_id}"),
    ("patch", "/api/conversations/{conversation_id}"),
    ("get", "/api/conversations/{conversation_id}/messages"),
    ("get", "/api/conversations/{conversation_id}/export.{form}"),
    ("delete", "/api/conversations/{conversation_id}"),
    ("post", f"{_V1}/simulation/initialize"),
    ("post", f"{_V1}/negotiation/{{room_id}}/stop"),
    ("delete", f"{_V1}/simulation/{{session_id}}"),
)
_LATE: Final = {
    f"{_V1}/negotiation/{{room_id}}/message",
    f"{_V1}/negotiation/{{room_id}}/decide",
    "/api/run/{run_id}/bot/{index}",
    "/api/run/{run_id}/say",
}
_HAS_END: Final = "Comes after the decision or the stop in this flow, so that the stream has an end."
_TOO_LATE: Final = (
    "Built-in agents are fast: a room or a run may be over before you speak, which is answered with 409. Serve them "
    "at a speaking pace to have time: BUILTIN_CHARS_PER_SECOND=60."
)
_KEEP_IDS: Final = (
    "const session = pm.response.json();",
    "pm.collectionVariables.set('session_id', session.session_id);",
    "pm.collectionVariables.set('agent_id', session.buyer_id);",
    "const room = session.negotiation_rooms.find((each) => each.status === 'pending');",
    "pm.collectionVariables.set('room_id', room.room_id);",
)
_KEEP_RUN: Final = ("const run = pm.response.json();", "pm.collectionVariables.set('run_id', run.id);")
_KEEP_QUESTION: Final = (
    "const turn = pm.response.json();",
    "pm.collectionVariables.set('session_id', turn.session_id);",
    "const question = turn.interrupt;",
    "pm.collectionVariables.set('thread_id', question.thread_id);",
)
_KEEP_PRODUCT: Final = (
    "const turn = pm.response.json();",
    "pm.collectionVariables.set('session_id', turn.session_id);",
    "const product = turn.recommendation.recommended_product;",
    "pm.collectionVariables.set('product_id', product.id);",
)
_KEEP_INVOICE: Final = (
    "const invoice = pm.response.json().invoices[0];",
    "pm.collectionVariables.set('invoice_id', invoice.id);",
)
_KEEP_CALL: Final = (
    "const turn = pm.response.json();",
    "pm.collectionVariables.set('conversation_id', turn.conversation_id);",
    "const call = turn.pending_approval;",
    "pm.collectionVariables.set('tool_call_id', call.tool_call_id);",
)
_KEPT: Final = {
    (f"{_V1}/simulation/initialize",): _KEEP_IDS,
    (f"{_V1}/invoices",): _KEEP_INVOICE,
    ("/api/run",): _KEEP_RUN,
    ("/api/shopping", "vague"): _KEEP_QUESTION,
    ("/api/shopping",): _KEEP_PRODUCT,
    ("/api/chat", "haggle"): _KEEP_CALL,
}
_VARIABLES: Final = (
    "session_id",
    "room_id",
    "agent_id",
    "run_id",
    "thread_id",
    "product_id",
    "invoice_id",
    "conversation_id",
    "tool_call_id",
)
DESCRIPTION: Final = (
    "Run it from the top: each request finds what the one before left in the variables. The server is at baseUrl: "
    "start it with `chaffer serve`. Generated from the OpenAPI document."
)
_SCHEMA: Final = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection() -> dict[str, Any]:
    """Return the collection: every operation, and those again that the flow needs twice."""
    openapi = document()
    return {
        "info": {"name": openapi["info"]["title"], "description": DESCRIPTION, "schema": _SCHEMA},
        "variable": [
            {"key": "baseUrl", "value": "http://127.0.0.1:8000"},
            *({"key": name, "value": ""} for name in _VARIABLES),
            {"key": "index", "value": "0"},
            {"key": "form", "value": "json"},
            {"key": "user_id", "value": "user-123"},
        ],
        "item": [
            _request(method, path, openapi["paths"][path][method], *example)
            for method, path, *example in _in_order(openapi)
        ],
    }


def collection_text() -> str:
    """Return the collection as the text of its file."""
    return json.dumps(collection(), indent=1, ensure_ascii=False) + "\n"


def _in_order(openapi: Document) -> Iterator[tuple[str, ...]]:
    """Yield the operations as a flow; what nobody has placed in it yet comes before the last deletion."""
    there = [(method, path) for path, operations in openapi["paths"].items() for method in operations]
    yield from _ORDER[:-1]
    yield from (operation for operation in there if operation not in _ORDER)
    yield from _ORDER[-1:]


def _request(method: str, path: str, operation: Document, *example: str) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": method.upper(),
        "header": _headers(operation),
        "url": _url(path, operation),
        "description": "\n\n".join(filter(None, (operation.get("description"), _note(path)))),
    }
    body = _body(operation, *example)
    if body is not None:
        raw = json.dumps(body, indent=1, ensure_ascii=False)
        request["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    test = {"listen": "test", "script": {"type": "text/javascript", "exec": _test(operation, path, *example)}}
    return {"name": operation["summary"], "request": request, "event": [test]}


def _note(path: str) -> str | None:
    has_end = "/stream" in path and not path.startswith(("/api/shopping/", "/api/chat/"))
    return _TOO_LATE if path in _LATE else _HAS_END if has_end else None


def _url(path: str, operation: Document) -> dict[str, Any]:
    filled = path.replace("{", "{{").replace("}", "}}")
    as_agent = path.endswith("/state")
    query = [_parameter(one, as_agent=as_agent) for one in operation.get("parameters", ()) if one["in"] == "query"]
    sent = "&".join(f"{one['key']}={one['value']}" for one in query if not one["disabled"])
    url: dict[str, Any] = {
        "raw": "{{baseUrl}}" + filled + (f"?{sent}" if sent else ""),
        "host": ["{{baseUrl}}"],
        "path": filled.strip("/").split("/") if filled != "/" else [""],
    }
    return {**url, "query": query} if query else url


def _headers(operation: Document) -> list[dict[str, Any]]:
    headers = [_parameter(one) for one in operation.get("parameters", ()) if one["in"] == "header"]
    if "requestBody" in operation:
        headers.append({"key": "Content-Type", "value": "application/json"})
    return headers


def _parameter(parameter: Document, *, as_agent: bool = False) -> dict[str, Any]:
    """Return a parameter, switched off but for the agent with whose eyes a room is looked at."""
    name = parameter["name"]
    known = as_agent and name == "agent_id"
    return {
        "key": name,
        "value": "{{agent_id}}" if known else str(parameter["schema"].get("default", "")),
        "description": parameter.get("description", ""),
        "disabled": not known,
    }


def _body(operation: Document, *example: str) -> Any:  # noqa: ANN401  An example is any JSON.
    """Return an example of the body from the document, ids as variables, or None where the operation takes none."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return None
    examples = content.get("examples")
    if not examples:
        return _example(content["schema"])
    body = examples[example[0] if example else next(iter(examples))]["value"]
    return {name: f"{{{{{name}}}}}" if name in _VARIABLES else value for name, value in body.items()}


def _example(schema: Document) -> Any:  # noqa: ANN401
    """Return the smallest example of a schema that the document can give: examples of fields, else their absence."""
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    fields = schema.get("properties", {}).items()
    return {name: field["examples"][0] for name, field in fields if "examples" in field}


def _test(operation: Document, path: str, *example: str) -> list[str]:
    """Return the lines of the test: the documented success, and where the flow may come too late, the refusal."""
    success = next(int(status) for status in operation["responses"] if status.startswith("2"))
    line = f"pm.test('Status is {success}', () => pm.response.to.have.status({success}));"
    if path in _LATE:
        either = f"pm.expect(pm.response.code).to.be.oneOf([{success}, 409])"
        line = f"pm.test('Status is {success}, or 409 when it is over', () => {either});"
    return [line, *_KEPT.get((path, *example), ())]
