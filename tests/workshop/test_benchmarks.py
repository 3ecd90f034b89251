"""The benchmarks' runner keeps what was measured."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from benchmarks.figure import Figure
from benchmarks.measuring import measured
from benchmarks.server import BenchmarkError

FIGURE = Figure("a figure", 1.0, "s", 2.0)


class Benchmark(ModuleType):
    """A benchmark that finds a figure, or fails."""

    def __init__(self, name: str, fault: Exception | None = None) -> None:
        super().__init__(f"benchmarks.{name}")
        self.fault = fault

    def measure(self, *, quick: bool) -> list[Figure]:
        assert quick
        if self.fault is not None:
            raise self.fault
        return [FIGURE]


@pytest.mark.parametrize(
    ("fault", "told"), [(BenchmarkError("the runs did not end"), "the runs did not end"), (OSError(), "OSError")]
)
def test_benchmark_that_fails_costs_the_others_no_figure(
    fault: Exception, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    benchmarks = (Benchmark("made_up_first"), Benchmark("made_up", fault), Benchmark("made_up_last"))
    for benchmark in benchmarks:
        monkeypatch.setitem(sys.modules, benchmark.__name__, benchmark)
    names = {benchmark.__name__.removeprefix("benchmarks."): "what it measures" for benchmark in benchmarks}
    figures, failed = measured(names, quick=True)
    assert figures == [FIGURE, FIGURE]
    assert failed == [f"FAILED: made_up: {told}"]
    assert "Traceback" in capsys.readouterr().err
