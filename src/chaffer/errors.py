"""What can go wrong, in one vocabulary for every surface: an error bears a code, and one place per edge renders it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """The error codes that a client may rely on; `ADVICE` says what each means to a person."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    MAX_SELLERS_EXCEEDED = "MAX_SELLERS_EXCEEDED"
    INVALID_API_KEY = "INVALID_API_KEY"
    LLM_PROVIDER_DISABLED = "LLM_PROVIDER_DISABLED"
    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    SESSION_NOT_FOUND = "SESSION_NOT_FOUND"
    ROOM_NOT_FOUND = "ROOM_NOT_FOUND"
    RUN_NOT_FOUND = "RUN_NOT_FOUND"
    THREAD_NOT_FOUND = "THREAD_NOT_FOUND"
    CONVERSATION_NOT_FOUND = "CONVERSATION_NOT_FOUND"
    TOOL_CALL_NOT_FOUND = "TOOL_CALL_NOT_FOUND"
    PRODUCT_NOT_FOUND = "PRODUCT_NOT_FOUND"
    INVOICE_NOT_FOUND = "INVOICE_NOT_FOUND"
    LOG_NOT_FOUND = "LOG_NOT_FOUND"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    NEGOTIATION_ALREADY_ACTIVE = "NEGOTIATION_ALREADY_ACTIVE"
    CONFLICT = "CONFLICT"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    BUDGET_CONSTRAINT_VIOLATION = "BUDGET_CONSTRAINT_VIOLATION"
    INSUFFICIENT_INVENTORY = "INSUFFICIENT_INVENTORY"
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    REQUEST_TIMEOUT = "REQUEST_TIMEOUT"
    ANSWER_TIMEOUT = "ANSWER_TIMEOUT"
    KEYS_UNAVAILABLE = "KEYS_UNAVAILABLE"
    LLM_CAP_REACHED = "LLM_CAP_REACHED"
    LLM_BAD_GATEWAY = "LLM_BAD_GATEWAY"
    LLM_TIMEOUT = "LLM_TIMEOUT"
    LLM_PROVIDER_UNAVAILABLE = "LLM_PROVIDER_UNAVAILABLE"
    INTERNAL_ERROR = "INTERNAL_ERROR"


@dataclass(frozen=True, slots=True)
class Advice:
    """What a code means in plain words, what a person can do, and whether the same call may succeed later."""

    user_message: str
    suggested_actions: tuple[str, ...]
    retryable: bool = False


ADVICE: dict[Code, Advice] = {
    Code.VALIDATION_ERROR: Advice("Something in the request is not right.", ("Correct the fields named in details.",)),
    Code.MAX_SELLERS_EXCEEDED: Advice("There are too many sellers.", ("Remove sellers until the limit is met.",)),
    Code.INVALID_API_KEY: Advice("The model provider refused the key.", ("Check the key and send it again.",)),
    Code.LLM_PROVIDER_DISABLED: Advice(
        "This model provider is not set up here.", ("Configure it, or choose another provider.", "Use `builtin`.")
    ),
    Code.UNAUTHORIZED: Advice("You have to say who you are.", ("Send the token or the password that is asked for.",)),
    Code.FORBIDDEN: Advice("You may not do this from here.", ("Call from the machine that runs the server.",)),
    Code.SESSION_NOT_FOUND: Advice("We could not find that session.", ("Start a new session.", "List your sessions.")),
    Code.ROOM_NOT_FOUND: Advice("We could not find that negotiation.", ("Look at the session's rooms.",)),
    Code.RUN_NOT_FOUND: Advice("We could not find that run.", ("Start a new run.", "List your runs.")),
    Code.THREAD_NOT_FOUND: Advice("We did not ask you that.", ("Look at the session's open question.",)),
    Code.CONVERSATION_NOT_FOUND: Advice(
        "We could not find that conversation.", ("Start a new one.", "List your conversations.")
    ),
    Code.TOOL_CALL_NOT_FOUND: Advice(
        "We did not ask you to approve that.", ("Look at the conversation's pending approval.",)
    ),
    Code.PRODUCT_NOT_FOUND: Advice("We could not find that product.", ("Search the catalogue.",)),
    Code.INVOICE_NOT_FOUND: Advice("We could not find that invoice.", ("List your invoices.",)),
    Code.LOG_NOT_FOUND: Advice("There is no saved log of that.", ("Wait until the negotiation has ended.",)),
    Code.NOT_FOUND: Advice("There is nothing at this address.", ("Look at the list of paths in /api/docs.",)),
    Code.METHOD_NOT_ALLOWED: Advice("This address does not take that method.", ("Look it up in /api/docs.",)),
    Code.PAYLOAD_TOO_LARGE: Advice("The request is too large.", ("Send less at once.",)),
    Code.NEGOTIATION_ALREADY_ACTIVE: Advice(
        "This negotiation has already begun or is over.", ("Follow its stream.", "Look at its state.")
    ),
    Code.CONFLICT: Advice("That cannot be done in the present state.", ("Look at the state and decide anew.",)),
    Code.IDEMPOTENCY_KEY_REUSED: Advice(
        "This Idempotency-Key was used for a different request.", ("Send a new key with a new request.",)
    ),
    Code.BUDGET_CONSTRAINT_VIOLATION: Advice(
        "This purchase would break the budget.", ("Choose a cheaper offer.", "Haggle on.")
    ),
    Code.INSUFFICIENT_INVENTORY: Advice("The seller no longer has enough of it.", ("Choose another seller.",)),
    Code.RATE_LIMIT_EXCEEDED: Advice(
        "That was more than we can do for you at once.", ("Wait a minute, then try again.",), retryable=True
    ),
    Code.REQUEST_TIMEOUT: Advice("The request arrived too slowly.", ("Send it again.",), retryable=True),
    Code.ANSWER_TIMEOUT: Advice("The answer took too long.", ("Look at the state before you ask again.",)),
    Code.KEYS_UNAVAILABLE: Advice(
        "Who you are cannot be checked at the moment.", ("Try again in half a minute.",), retryable=True
    ),
    Code.LLM_CAP_REACHED: Advice(
        "The models have used all they may use here.", ("Raise the limit that the message names.", "Use `builtin`.")
    ),
    Code.LLM_BAD_GATEWAY: Advice(
        "The model gave an answer that cannot be used.", ("Try again.", "Try another model."), retryable=True
    ),
    Code.LLM_TIMEOUT: Advice(
        "The model took too long.", ("Try again.", "Choose a smaller or faster model."), retryable=True
    ),
    Code.LLM_PROVIDER_UNAVAILABLE: Advice(
        "The model provider cannot be reached.", ("Check that it is running.", "Try again."), retryable=True
    ),
    Code.INTERNAL_ERROR: Advice(
        "Something broke on our side.", ("Try again.", "Report the request id."), retryable=True
    ),
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One field that was refused: its path as in `sellers[0].inventory[0].least_price`, and what is wrong with it."""

    field: str
    issue: str


class ChafferError(Exception):
    """An error that a caller can act on.

    `message` says what happened, why and what to do; it never holds a secret, a prompt, or a number that the caller
    may not see.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        *,
        details: tuple[Detail, ...] = (),
        retry_after_seconds: float | None = None,
        advice: Advice | None = None,
    ) -> None:
        """Bear the code, the sentence, the refused fields, and how long to wait before the same call can succeed.

        `advice` is for a person, where more can be told than the code tells.
        """
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.retry_after_seconds = retry_after_seconds
        self.advice = advice or ADVICE[code]


BAD_CURSOR: Final = "is not a cursor of this list; take `next_after` of the page before"
"""What is wrong with the cursor of another list, or with none of a list's."""


def unfit(detail: Detail) -> ChafferError:
    """Return the VALIDATION_ERROR for one field of a request."""
    message = f"The request was refused: {detail.field} {detail.issue}."
    return ChafferError(Code.VALIDATION_ERROR, message, details=(detail,))
