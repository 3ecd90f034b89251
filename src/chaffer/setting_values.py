"""The kinds of values that settings have, read from text and checked; a refusal says what would do, never the value."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from chaffer.doors.peers import TrustedPeers
from chaffer.doors.shared_counts import SCHEMES, is_storage
from chaffer.vendors import VENDORS, known_provider

LEAST_SECRET: Final = 32
_LEAST_TOKEN: Final = 16

_ADDRESS: Final = r"^https?://\S+$"
_ORIGIN: Final = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@*]+")


def _comma_separated(value: Any) -> Any:  # noqa: ANN401  The environment gives text, a caller a list.
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _callable(address: str | None) -> str | None:
    if address is None:
        return None
    try:
        parts = urlsplit(address)
        is_callable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_callable = False
    if not is_callable:
        msg = "must be an address such as http://localhost:1234/v1, its port from 1 to 65535"
        raise ValueError(msg)
    if "?" in address or "#" in address:
        msg = "must end before any ? or #; a key has a setting of its own"
        raise ValueError(msg)
    return address


Address = Annotated[str, Field(pattern=_ADDRESS), AfterValidator(_callable)]
AddressOrNone = Annotated[str | None, Field(pattern=_ADDRESS), AfterValidator(_callable)]


def _by_provider(value: Any) -> Any:  # noqa: ANN401  The environment gives text, a caller a mapping.
    if not isinstance(value, str):
        return value
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    return {name.strip(): number.strip() for name, _, number in pairs}


def _known(value: dict[str, int]) -> dict[str, int]:
    unknown = [name for name in value if name not in VENDORS]
    if unknown:
        msg = f"must name providers among {', '.join(VENDORS)}, as in openai=20"
        raise ValueError(msg)
    return value


Counts = Annotated[
    dict[str, Annotated[int, Field(ge=1)]], NoDecode, BeforeValidator(_by_provider), AfterValidator(_known)
]


def _without_idle_zeros(value: Decimal) -> Decimal:
    """Return 19 for 19.00, as it is shown and kept."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


Dollars = Annotated[Decimal, Field(gt=0, le=1_000_000, decimal_places=6, allow_inf_nan=False)]
Percent = Annotated[
    Decimal, Field(ge=0, le=100, decimal_places=3, allow_inf_nan=False), AfterValidator(_without_idle_zeros)
]
Texts = Annotated[list[str], NoDecode, BeforeValidator(_comma_separated)]


def _long_enough(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and len(secret) < LEAST_SECRET:
        msg = f"must have at least {LEAST_SECRET} characters, random ones"
        raise ValueError(msg)
    return secret


def _origins(given: list[str]) -> list[str]:
    # `null` is what every sandboxed page calls itself, so it is nobody's front end.
    if not all(origin == "*" or _ORIGIN.fullmatch(origin) for origin in given):
        msg = "must be origins such as https://app.example.com, with no path and no slash at the end, or *"
        raise ValueError(msg)
    return given


def _peers(trusted: list[str]) -> list[str]:
    TrustedPeers(trusted)
    return trusted


def _storage(url: SecretStr | None) -> SecretStr | None:
    if url is None or url.get_secret_value() == "memory://":
        return None
    if not is_storage(url.get_secret_value()):
        msg = f"must be an address that begins with one of {', '.join(f'{scheme}://' for scheme in SCHEMES)}"
        raise ValueError(msg)
    return url


def _hard_to_guess(token: SecretStr | None) -> SecretStr | None:
    if token is not None and len(token) < _LEAST_TOKEN:
        msg = f"must have at least {_LEAST_TOKEN} characters, random ones"
        raise ValueError(msg)
    return token


Provider = Annotated[str, AfterValidator(known_provider)]
LongSecret = Annotated[SecretStr | None, AfterValidator(_long_enough)]
Origins = Annotated[Texts, AfterValidator(_origins)]
Peers = Annotated[Texts, AfterValidator(_peers)]
StorageUrl = Annotated[SecretStr | None, AfterValidator(_storage)]
Token = Annotated[SecretStr | None, AfterValidator(_hard_to_guess)]
