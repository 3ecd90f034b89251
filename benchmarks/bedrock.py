"""Twenty-four calls of Bedrock at once, each answered after a second: the first ones of a process, and the next.

A stand-in answers in Bedrock's binary frames. The calls are signed with credentials that are made up, in a process that
has imported what a server has, and no more: so the first ones import the wire and what signs, look for credentials, and
open their connections within the time. boto3, which waits on threads, makes the same calls of the same stand-in.

As a program, `python -m benchmarks.bedrock URL RUNS` makes the calls and prints the seconds of each time as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Final

from benchmarks.figure import Figure, load, median, spread
from benchmarks.long_replies import model_of
from benchmarks.server import ROOT, environment
from benchmarks.standing import standing
from chaffer.bootstrap import open_models
from chaffer.llm.provider import Provider
from chaffer.llm.requests import Account, ModelRequest, Said
from chaffer.settings import Settings

CALLS: Final = 24
SECONDS: Final = 1.0
BOUND: Final = 1.3
REGION: Final = "eu-central-1"
THREADS: Final = (min(32, (os.cpu_count() or 1) + 4), 128)
"""As many as a default pool has, and more than there are calls."""

_MODEL: Final = model_of("together", 20)
_CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "AKIDMADEUP",
    "AWS_SECRET_ACCESS_KEY": "made/up",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def measure(*, quick: bool) -> list[Figure]:
    """Return the wall time of the first calls of a process and of later ones."""
    processes, again = (2, 2) if quick else (5, 4)
    with standing("benchmarks.long_replies", "--delay", str(SECONDS)) as root:
        told = [_process(root, again) for _ in range(processes)]
        of_boto3 = ", ".join(f"in {threads} threads {_by_boto3(root, threads):.2f} s" for threads in THREADS)
    first, later = [seconds[0] for seconds in told], [second for seconds in told for second in seconds[1:]]
    peer = f"boto3 {of_boto3}"
    what = f"Bedrock, {CALLS} calls of {SECONDS:g} s at once"
    return [
        Figure(f"{what}, the first", median(first), "s", BOUND, peer=peer, note=f"{spread(first)}; load {load():.1f}"),
        Figure(f"{what}, later", median(later), "s", BOUND, peer=peer, note=f"{spread(later)}; load {load():.1f}"),
    ]


def _process(root: str, again: int) -> list[float]:
    """Return the seconds that the calls of a new process take, the first time and so often again."""
    with tempfile.TemporaryDirectory(prefix="chaffer-bench-") as name:
        variables = environment(Path(name), **_CREDENTIALS)
        command = [sys.executable, "-m", "benchmarks.bedrock", root, str(1 + again)]
        done = subprocess.run(command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, check=True, text=True)
    seconds: list[float] = json.loads(done.stdout)
    return seconds


def _by_boto3(root: str, threads: int) -> float:
    """Return the seconds that boto3 takes for later calls, over connections that are open."""
    import boto3  # noqa: PLC0415  A process of `_process` may not have imported what it brings.
    from botocore.config import Config  # noqa: PLC0415

    config = Config(max_pool_connections=threads, retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "AKIDMADEUP", "aws_secret_access_key": "made/up"}
    client = boto3.client("bedrock-runtime", region_name=REGION, endpoint_url=root, config=config, **keys)
    asked = {"modelId": _MODEL, "messages": [{"role": "user", "content": [{"text": "Are you ready?"}]}]}

    def call(_: int) -> None:
        for _event in client.converse_stream(**asked)["stream"]:
            pass

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(call, range(CALLS)))
        began = time.perf_counter()
        list(pool.map(call, range(CALLS)))
        return time.perf_counter() - began


async def _calls(root: str, runs: int) -> list[float]:
    seconds = []
    async with open_models(Settings(_env_file=None, aws_region=REGION, bedrock_base_url=root)) as models:
        for _ in range(runs):
            began = time.perf_counter()
            provider = models.provider("bedrock")
            await asyncio.gather(*(_call(provider, number) for number in range(CALLS)))
            seconds.append(time.perf_counter() - began)
    return seconds


async def _call(provider: Provider, number: int) -> None:
    account = Account("session", f"room {number}")
    request = ModelRequest(_MODEL, (Said("user", "Are you ready?"),), 100, account=account)
    async with aclosing(provider.stream(request)) as items:
        async for _ in items:
            pass


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_calls(sys.argv[1], int(sys.argv[2])))))
