"""The log of tests that open no logbook: structlog's own draws each exception in colours, which takes a second."""

from __future__ import annotations

import structlog


def log_plainly() -> None:
    """Log as structlog does where nobody told it how, but without drawing."""
    structlog.reset_defaults()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ]
    )
