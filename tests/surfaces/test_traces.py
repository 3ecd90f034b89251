"""What OpenTelemetry is told of requests, where the whole process is traced: no addresses and no texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_TRACED = """
import asyncio, sys
from pathlib import Path
from opentelemetry import _logs, trace
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.support.server import surface

spans, logs = InMemorySpanExporter(), InMemoryLogRecordExporter()
tracers, loggers = TracerProvider(), LoggerProvider()
tracers.add_span_processor(SimpleSpanProcessor(spans))
loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
trace.set_tracer_provider(tracers)
_logs.set_logger_provider(loggers)

async def case():
    async with surface(Path(sys.argv[1])) as at:
        assert (await at.client.get("/api/runs?token=canary")).status_code == 400
        assert (await at.client.post("/api/run", json={"topic": ["canary"]})).status_code == 400

asyncio.run(case())
with trace.get_tracer("test").start_as_current_span("of the test"):
    pass
print([span.name for span in spans.get_finished_spans()], len(logs.get_finished_logs()))
"""


def test_a_traced_process_tells_nothing_of_addresses_and_bodies(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _TRACED, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "['of the test'] 0"
