"""`chaffer demo`, `negotiate` and `replay`: a market to look at."""

from __future__ import annotations

from typing import Annotated

import typer

from chaffer.cli.parameters import (
    AsJson,
    Model,
    Provider,
    Rounds,
    ScenarioPath,
    Seed,
    Speed,
    Url,
    run,
)


def demo(
    seed: Seed = None,
    speed: Speed = None,
    scenario: Annotated[
        str | None, typer.Option(metavar="FILE", help="Another scenario; it is played by the built-in agents.")
    ] = None,
) -> None:
    """Play a market in the terminal, without a key."""
    from chaffer.cli.demo import demo as play  # noqa: PLC0415
    from chaffer.cli.demo import demo_scenario  # noqa: PLC0415

    run(play(demo_scenario(scenario, seed), speed))


def negotiate(
    scenario: ScenarioPath,
    provider: Provider = None,
    model: Model = None,
    seed: Seed = None,
    rounds: Rounds = None,
    url: Url = None,
    *,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing; the exit code tells.")] = False,
) -> None:
    """Play a scenario file to its end and print the results."""
    from chaffer.cli.negotiate import Wanted  # noqa: PLC0415
    from chaffer.cli.negotiate import negotiate as play  # noqa: PLC0415
    from chaffer.cli.scenario_files import Overrides, read_scenario  # noqa: PLC0415

    file = read_scenario(scenario, Overrides(provider, model, seed, rounds))
    run(play(file, url, Wanted(as_json=as_json, quiet=quiet)))


def replay(
    log: Annotated[str, typer.Argument(metavar="LOG", help="The log of a room, negotiation_ROOM.json.")],
    speed: Speed = None,
    agent: Annotated[str | None, typer.Option(metavar="ID", help="Show only what this agent saw.")] = None,
) -> None:
    """Play the log of a negotiation back at reading speed."""
    from chaffer.cli.recordings import read_recording  # noqa: PLC0415
    from chaffer.cli.replay import replay as play  # noqa: PLC0415

    run(play(read_recording(log, agent), speed))
