"""Measure what Chaffer promises of speed and size, and print each figure beside its bound and its peer.

`make bench`, or `make bench ARGS="--quick --only rules"`. See docs/benchmarks.md for what each figure means.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final

# Run as a file, so that its folder stands on the path; the modules are named from the root of the clone.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.figure import Machine  # noqa: E402  The path is set above.
from benchmarks.measuring import measured  # noqa: E402
from benchmarks.report import as_json, as_markdown, as_table  # noqa: E402

BENCHMARKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "demo": "from a clone to the first deal",
        "start": "time to the first answer and to the help text, idle memory",
        "rules": "negotiations a second without any I/O, beside NegMAS",
        "journal": "appends a second, beside bare synced writes",
        "throughput": "agents' turns a second over HTTP, disk and stream",
        "flat_cost": "late rounds beside early ones",
        "streams": "a thousand readers: delay and memory",
        "critical_path": "wall time beside what the models take",
        "runs": "a hundred runs of two agents at once beside what the model takes",
        "wires": "processor time of a streamed chunk and of a call, beside other clients",
        "live_text": "how late a model's words reach a reader, fifty models at once",
        "eval_shopping": "how many shopping requests are understood, and what is recommended then",
        "eval_chat": "how many sentences of the chat are understood, and what is answered",
        "bedrock": "twenty-four calls of Bedrock at once",
        "limits": "what a rate limit costs a call",
        "catalogue": "importing and searching 100,000 products",
        "meanings": "a search by meaning over 100,000 products",
        "conversations": "lists, searches and messages of kept conversations",
        "chats": "how soon the built-in supervisor answers, and what five hundred open chats cost",
        "shopping": "how soon the built-in assistant answers, on 100,000 products",
    }
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmarks, print the table, and return the exit code.

    It is 1 where one failed, and with `--strict` also where a bound is missed.
    """
    options = _options(arguments)
    machine = Machine.this()
    figures, failed = measured({name: BENCHMARKS[name] for name in options.only or BENCHMARKS}, quick=options.quick)
    print((as_markdown if options.markdown else as_table)(figures, machine))
    if options.json is not None:
        options.json.write_text(as_json(figures, machine), encoding="utf-8")
    for line in failed:
        print(line, file=sys.stderr)
    return int(bool(failed) or (options.strict and any(figure.holds is False for figure in figures)))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    told = "\n".join(f"  {name:<14} {what}" for name, what in BENCHMARKS.items())
    parser = argparse.ArgumentParser(
        prog="make bench",
        description=f"Measure, and print each figure beside its bound and its peer:\n\n{told}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=BENCHMARKS, help="run this one; may be given several times")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and repetitions: a look, not a measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file too")
    parser.add_argument("--markdown", action="store_true", help="print the table as it stands in docs/benchmarks.md")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a bound is missed")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
