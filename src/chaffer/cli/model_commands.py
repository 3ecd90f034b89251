"""`chaffer models` and `chaffer ask`: the providers of models, to see whether a set-up works."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import AsJson, run
from chaffer.vendors import PROVIDERS

_Server = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="A server to ask, as http://127.0.0.1:8000. Default: the settings here."),
]


def _known(provider: str) -> str:
    """Return the provider. Raises BadParameter for one that there is not."""
    if provider not in PROVIDERS:
        issue = f"there is no provider {provider!r}; there are {', '.join(PROVIDERS)}"
        raise typer.BadParameter(issue)
    return provider


def models(url: _Server = None, *, as_json: AsJson = False) -> None:
    """Show the providers of models: which are set up, which answer, and the models they list."""
    from chaffer.cli.models import show_models  # noqa: PLC0415

    run(show_models(url, as_json=as_json))


def ask(
    provider: Annotated[
        str, typer.Argument(metavar="PROVIDER", callback=_known, help=f"One of {', '.join(PROVIDERS[1:])}.")
    ],
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Id of a model; an empty one is the configured one.")],
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="What to ask, or - for standard input.")],
    system: Annotated[str | None, typer.Option(metavar="TEXT", help="Instructions to the model.")] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(min=1, max=32_000, metavar="N", help="Longest reply. Default: LLM_DEFAULT_MAX_TOKENS, else 500."),
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(min=0, max=2, metavar="T", help="Temperature. Default: the model's own.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Ask a model one question and print its reply as it comes, to try a set-up. One attempt, no retries."""
    from chaffer.cli.ask import Wanted, question_of  # noqa: PLC0415
    from chaffer.cli.ask import ask as ask_model  # noqa: PLC0415

    wanted = Wanted(provider, model, question_of(question), system or "", max_tokens, temperature)
    run(ask_model(wanted, as_json=as_json))
