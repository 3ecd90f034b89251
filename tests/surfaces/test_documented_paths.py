"""The paths that the OpenAPI document tells of are those that were promised, and no others."""

from __future__ import annotations

from chaffer.api.openapi import document

PATHS = {
    "/": "get",
    "/api/catalog": "get",
    "/api/chat": "post",
    "/api/chat/approve": "post",
    "/api/chat/stop": "post",
    "/api/chat/stream": "post",
    "/api/chat/tools": "get",
    "/api/chat/{conversation_id}/stream": "get",
    "/api/conversations": "get post",
    "/api/conversations/{conversation_id}": "delete get patch",
    "/api/conversations/{conversation_id}/export.{form}": "get",
    "/api/conversations/{conversation_id}/messages": "get",
    "/api/export/{run_id}.{form}": "get",
    "/api/login": "post",
    "/api/logout": "post",
    "/api/products": "get",
    "/api/products/{product_id}": "get",
    "/api/run": "post",
    "/api/run/{run_id}": "delete get",
    "/api/run/{run_id}/bot/{index}": "patch",
    "/api/run/{run_id}/say": "post",
    "/api/run/{run_id}/stop": "post",
    "/api/runs": "get",
    "/api/sessions": "get",
    "/api/sessions/{session_id}": "delete get",
    "/api/shopping": "post",
    "/api/shopping/resume": "post",
    "/api/shopping/stream": "post",
    "/api/shopping/{session_id}/negotiate": "post",
    "/api/shopping/{session_id}/stream": "get",
    "/api/stream/{run_id}": "get",
    "/api/users/{user_id}/preferences": "delete get patch",
    "/api/v1/health": "get",
    "/api/v1/invoices": "get",
    "/api/v1/invoices/{invoice_id}": "get",
    "/api/v1/invoices/{invoice_id}.pdf": "get",
    "/api/v1/invoices/{invoice_id}/cancel": "post",
    "/api/v1/invoices/{invoice_id}/pay": "post",
    "/api/v1/llm/status": "get",
    "/api/v1/logs": "get",
    "/api/v1/logs/{session_id}": "get",
    "/api/v1/logs/{session_id}/{room_id}": "get",
    "/api/v1/me": "get",
    "/api/v1/negotiation/{room_id}/decide": "post",
    "/api/v1/negotiation/{room_id}/export.{form}": "get",
    "/api/v1/negotiation/{room_id}/message": "post",
    "/api/v1/negotiation/{room_id}/start": "post",
    "/api/v1/negotiation/{room_id}/state": "get",
    "/api/v1/negotiation/{room_id}/stop": "post",
    "/api/v1/negotiation/{room_id}/stream": "get",
    "/api/v1/purchases": "get",
    "/api/v1/simulation": "get",
    "/api/v1/simulation/initialize": "post",
    "/api/v1/simulation/{session_id}": "delete get",
    "/api/v1/simulation/{session_id}/report.pdf": "get",
    "/api/v1/simulation/{session_id}/start": "post",
    "/api/v1/simulation/{session_id}/stream": "get",
    "/api/v1/simulation/{session_id}/summary": "get",
    "/api/v1/spending": "get",
    "/health": "get",
}


def test_openapi_lists_exactly_the_paths_of_the_contract() -> None:
    """Issues 2 and 4 to 6: the specifications' paths and the additions of CONTRACT §1–2 and §4–6."""
    paths = {path: " ".join(sorted(methods)) for path, methods in document()["paths"].items()}
    assert paths == PATHS
