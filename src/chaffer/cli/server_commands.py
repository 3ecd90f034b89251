"""`chaffer serve`, `hash-password`, `openapi`, `settings`, `status` and `me`: the program itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chaffer.cli.colourless import without_rich
from chaffer.cli.parameters import AsJson, Url, run
from chaffer.cli.signals import ended_by_sigterm


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. Default: HOST, else 127.0.0.1.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port, 0 for a free one. Default: PORT, else 8000.")
    ] = None,
    *,
    unsafe_no_auth: Annotated[
        bool, typer.Option("--unsafe-no-auth", help="Serve other machines too, without asking who they are.")
    ] = False,
) -> None:
    """Serve the HTTP API until Ctrl-C."""
    with ended_by_sigterm(), without_rich():
        from chaffer.cli.environment import settings_here  # noqa: PLC0415
        from chaffer.cli.serving import serve_api  # noqa: PLC0415

        serve_api(settings_here(host=host, port=port, unsafe_no_auth=unsafe_no_auth or None))


def hash_password(
    source: Annotated[
        str | None,
        typer.Argument(metavar="[-]", help="- reads the password from standard input; else it is asked for."),
    ] = None,
    *,
    by_bcrypt: Annotated[
        bool, typer.Option("--bcrypt", help="By bcrypt, which takes 72 bytes, not by argon2.")
    ] = False,
) -> None:
    """Print the hash of a password, for BASIC_AUTH_PW_HASH."""
    from chaffer.cli.passwords import print_hash  # noqa: PLC0415

    if source not in {None, "-"}:
        # Not repeated: it may be the password.
        message = "a password is no argument, as others could read it; leave it out to be asked, or pipe it in with -"
        raise typer.BadParameter(message, param_hint="-")
    print_hash(source, by_bcrypt=by_bcrypt)


def openapi(
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there, not to standard output.")] = None,
    check: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Only tell whether that file is up to date.")
    ] = None,
) -> None:
    """Print the OpenAPI document of the HTTP API."""
    from chaffer.cli.openapi_document import check_document, write_document  # noqa: PLC0415

    if check is not None:
        raise typer.Exit(int(check_document(check)))
    write_document(output)


def settings(*, as_json: AsJson = False) -> None:
    """Show every setting's effective value, secrets masked."""
    from chaffer.cli.settings_table import print_settings  # noqa: PLC0415

    print_settings(as_json=as_json)


def me(url: Url = None, *, as_json: AsJson = False) -> None:
    """Show how callers are known, who you are taken for, and what is limited."""
    from chaffer.cli.status import show_me  # noqa: PLC0415

    run(show_me(url, as_json=as_json))


def status(url: Url = None, *, as_json: AsJson = False) -> None:
    """Show the health of the program and its models."""
    from chaffer.cli.status import show_status  # noqa: PLC0415

    run(show_status(url, as_json=as_json))
