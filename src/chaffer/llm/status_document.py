"""Which providers can be asked, as JSON-able data: what the API answers and the command line prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chaffer.llm.catalogue import ProviderStatus
from chaffer.vendors import BUILTIN


def status_document(statuses: Mapping[str, ProviderStatus]) -> dict[str, Any]:
    """Return every provider by name, the built-in one first."""
    builtin = ProviderStatus(is_set_up=True, probed=True)
    return {name: _told(status) for name, status in {BUILTIN: builtin, **statuses}.items()}


def _told(status: ProviderStatus) -> dict[str, Any]:
    fault = status.fault
    return {
        "available": status.available,
        "api_key_configured": status.has_key,
        "base_url": status.base_url,
        "models": list(status.models),
        "error": None if fault is None else {"code": fault.code.value, "message": fault.message},
    }
