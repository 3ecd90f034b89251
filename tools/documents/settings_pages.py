"""`.env.example` and the tables of docs/settings.md, from the fields of the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from chaffer.settings import Settings
from tools.documents.sections import page_with, table

# The title of the group that begins with a field; the groups are those of the specification, in their order.
GROUPS: Final = {
    "app_name": "Application",
    "host": "Server",
    "cors_origins": "Front ends",
    "allowed_hosts": "Hardening",
    "llm_provider": "Models",
    "max_negotiation_rounds": "Negotiation",
    "sse_heartbeat_interval": "Streaming",
    "log_level": "Logging",
    "data_dir": "Persistence",
    "rate_limit_enabled": "Rate limits",
    "max_under_way_per_owner": "Bounds of an owner",
    "basic_auth_user": "Authentication",
    "chaffer_user": "Command line as a client",
    "metrics_token": "Metrics",
}
HEAD: Final = """\
# The settings of Chaffer, with their defaults: as it stands, this file changes nothing.
# Copy it to .env and edit what you need; variables of the environment win over the file.
# `chaffer settings` shows what is in effect. An empty value means the default.
"""

_KINDS: Final[dict[object, str]] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret",
    list: "list",
    dict: "numbers by provider",
    Decimal: "number",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as its readers know it: the variable's name, what it means, what it may be, and its default."""

    name: str
    description: str
    limits: str
    default: str


def groups() -> dict[str, list[Setting]]:
    """Return the settings by the title of their group, in the order in which they are declared."""
    found: dict[str, list[Setting]] = {}
    title = ""
    for name, field in Settings.model_fields.items():
        title = GROUPS.get(name, title)
        description = field.description or ""
        if name in {"host", "port"}:
            description += f" `API_{name.upper()}` means the same."
        found.setdefault(title, []).append(Setting(name.upper(), description, _limits(field), _default(field)))
    return found


def env_example() -> str:
    """Return the text of `.env.example`."""
    lines = [HEAD]
    for title, settings in groups().items():
        lines.append(f"# == {title}\n")
        for setting in settings:
            lines.append(f"# {setting.description} ({setting.limits})".replace("`", ""))
            lines.append(f"{setting.name}={_quoted(setting.default)}\n")
    return "\n".join(lines)


def settings_page() -> str:
    """Return docs/settings.md with its tables written anew."""
    sections = []
    for title, settings in groups().items():
        rows = [(f"`{s.name}`", _code(s.default), s.limits, s.description) for s in settings]
        sections.append(f"### {title}\n\n{table(('setting', 'default', 'may be', 'what it does'), rows)}")
    return page_with("docs/settings.md", {"settings": "\n\n".join(sections)})


def _limits(field: FieldInfo) -> str:
    return "; ".join([_kind(field.annotation), *_bounds(field)])


def _kind(annotation: Any) -> str:  # noqa: ANN401  An annotation is whatever Python allows there.
    origin = get_origin(annotation)
    if origin in {Union, UnionType}:
        annotation = next(part for part in get_args(annotation) if part is not NoneType)
        origin = get_origin(annotation)
    if origin is Annotated:
        return _kind(get_args(annotation)[0])
    if origin is Literal:
        return ", ".join(map(str, get_args(annotation)))
    return _KINDS[origin or annotation]


def _bounds(field: FieldInfo) -> Iterator[str]:
    limits = {name: getattr(rule, name) for rule in field.metadata for name in _limits_of(rule)}
    low, high, above, pattern = (limits.get(name) for name in ("ge", "le", "gt", "pattern"))
    if low is not None and high is not None:
        yield f"{low} to {high}"
    elif above is not None and high is not None:
        yield f"above {above}, at most {high}"
    elif low is not None:
        yield f"{low} or more"
    if pattern is not None:
        yield f"like `{pattern.strip('^$')}`"


def _limits_of(rule: object) -> list[str]:
    return [name for name in ("ge", "le", "gt", "pattern") if getattr(rule, name, None) is not None]


def _default(field: FieldInfo) -> str:
    value = field.default
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return ",".join(value)
    return value.as_posix() if isinstance(value, Path) else str(value)


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s#]", value) else value


def _code(value: str) -> str:
    return f"`{value}`" if value else "none"
