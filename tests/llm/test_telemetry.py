from __future__ import annotations

import subprocess
import sys

import prometheus_client
import pytest

from chaffer.conversation.journal import Recorded
from chaffer.conversation.minds import Making
from chaffer.dialogue.events import RunEnded, RunStatus, TurnSpoken
from chaffer.dialogue.rules import RunKind
from chaffer.errors import Code
from chaffer.llm.prices import price_table
from chaffer.llm.requests import Ending, Finish, Usage
from chaffer.llm.telemetry import MOST_MODELS, Telemetry
from chaffer.negotiation.events import OfferCorrected, RoomEnded, RoomOpened
from chaffer.negotiation.rules import RoomKind
from chaffer.negotiation.terms import RoomStatus
from tests.support.exposition import value
from tests.support.markets import START, terms
from tests.support.measured_calls import (
    CALLEE,
    DOWN,
    REPLY,
    REQUEST,
    Clock,
    Named,
    call,
    counted,
    ended,
    failed,
)
from tests.support.model_providers import WIRES
from tests.support.standin import MODEL
from tests.support.standin_scripts import Answer, always
from tests.support.talks import MAKING, started


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


@pytest.mark.parametrize("wire", WIRES)
def test_one_call_moves_every_count_once(telemetry: Telemetry, wire: str) -> None:
    call(telemetry, wire, always(Answer(REPLY)))
    found, labels = counted(telemetry), {"provider": wire, "model": MODEL}
    assert value(found, "chaffer_llm_calls_total", outcome="ok", **labels) == 1
    assert value(found, "chaffer_llm_tokens_total", kind="output", **labels) == len(REPLY) // 4
    assert value(found, "chaffer_llm_tokens_total", kind="input", **labels) > 0
    for name in ("chaffer_llm_first_token_seconds", "chaffer_llm_call_seconds"):
        assert value(found, f"{name}_count", **labels) == 1
        assert value(found, f"{name}_bucket", le="+Inf", **labels) == 1
        assert 0 < value(found, f"{name}_sum", **labels) < 5


def test_durations_lie_in_the_buckets_that_hold_them() -> None:
    clock = Clock()
    telemetry = Telemetry(seconds=clock)
    for seconds in (0.64, 0.65, 1000.0):
        with telemetry.call(Named(), REQUEST) as one:
            clock.seconds += seconds
            one.ended(Ending(Finish.COMPLETE, MODEL, Usage(), seconds, 0.01))
    found = counted(telemetry)
    within = {bound: value(found, "chaffer_llm_call_seconds_bucket", le=bound) for bound in ("0.32", "0.64", "1.28")}
    assert within == {"0.32": 0, "0.64": 1, "1.28": 2}
    assert value(found, "chaffer_llm_call_seconds_bucket", le="163.84") == 2
    assert value(found, "chaffer_llm_call_seconds_bucket", le="+Inf") == 3
    assert value(found, "chaffer_llm_call_seconds_sum") == pytest.approx(1001.29)
    assert value(found, "chaffer_llm_first_token_seconds_bucket", le="0.01") == 3


def test_tokens_of_all_kinds_add_up_and_costs_are_exact(telemetry: Telemetry) -> None:
    for _ in range(10):
        ended(telemetry, usage=Usage(100, 7, 40, cost_micros=1))
    ended(telemetry, usage=Usage())
    found = counted(telemetry)
    kinds = {kind: value(found, "chaffer_llm_tokens_total", kind=kind) for kind in ("input", "cached_input", "output")}
    assert kinds == {"input": 600, "cached_input": 400, "output": 70}
    assert value(found, "chaffer_llm_cost_dollars_total", provider="openai", model=MODEL) == 0.00001


def test_names_of_models_beyond_a_number_are_counted_together(telemetry: Telemetry) -> None:
    """Names come from users: they must not fill the memory of whoever collects the counts."""
    priced = next(model for provider, model in price_table() if provider == "openai")
    for number in range(MOST_MODELS + 10):
        ended(telemetry, f"made-up-{number}")
    ended(telemetry, priced)
    ended(telemetry, "made-up-0")
    found = counted(telemetry)
    assert value(found, "chaffer_llm_calls_total", model="other") == 10
    assert value(found, "chaffer_llm_calls_total", model=priced) == 1
    assert value(found, "chaffer_llm_calls_total", model="made-up-0") == 2
    assert len([name for name, _ in found if name == "chaffer_llm_calls_total"]) == MOST_MODELS + 2


def test_name_of_no_model_takes_no_place(telemetry: Telemetry) -> None:
    unknown = CALLEE.refused(404, {}, b"")
    assert unknown.code is Code.VALIDATION_ERROR
    for number in range(2 * MOST_MODELS):
        failed(telemetry, unknown, f"no-such-model-{number}")
    ended(telemetry, "a-real-one")
    found = counted(telemetry)
    assert value(found, "chaffer_llm_calls_total", model="other") == 2 * MOST_MODELS
    assert value(found, "chaffer_llm_calls_total", model="a-real-one") == 1


def test_strange_names_are_shown_as_they_are(telemetry: Telemetry) -> None:
    name = 'a"b\\c\nd{e="f"} 1'
    ended(telemetry, name)
    assert value(counted(telemetry), "chaffer_llm_calls_total", model=name) == 1


def test_refusals_and_retries_are_counted_by_their_faults(telemetry: Telemetry) -> None:
    telemetry.refused("openai", DOWN)
    telemetry.retried("openai", DOWN)
    telemetry.retried("openai", DOWN)
    found, labels = counted(telemetry), {"provider": "openai", "code": "LLM_PROVIDER_UNAVAILABLE"}
    assert value(found, "chaffer_llm_faults_total", **labels) == 1
    assert value(found, "chaffer_llm_retries_total", **labels) == 2
    assert value(found, "chaffer_llm_calls_total") == 0


def test_corrections_are_counted_by_role_and_provider_and_ends_by_status(telemetry: Telemetry) -> None:
    room = RoomKind().evolve(None, RoomOpened(terms()))
    making = Making("anthropic", MODEL, 1, 0.1)
    events = (
        OfferCorrected("seller_002", 1, "price_minor=1", "too low", making=making),
        OfferCorrected("seller_002", 1, "price_minor=1", "too low", 90_000, making),
        OfferCorrected("buyer_1", 1, "bid_minor=0", "not above 0"),
        RoomEnded(RoomStatus.FAILED, "its model failed", 1, 2, 0.5),
    )
    records = [Recorded(number, START, event) for number, event in enumerate(events, 1)]
    telemetry.heard(room, records)
    telemetry.heard("no room", records)
    found, name = counted(telemetry), "chaffer_guard_corrections_total"
    assert value(found, name, role="seller", provider="anthropic") == 2
    assert value(found, name, role="buyer", provider="builtin") == 1
    assert value(found, name) == 3
    assert value(found, "chaffer_rooms_ended_total", status="failed") == 1


def test_runs_are_counted_by_how_they_ended(telemetry: Telemetry) -> None:
    run = RunKind().evolve(None, started())
    for status, code in (
        (RunStatus.COMPLETED, None),
        (RunStatus.ERROR, "LLM_TIMEOUT"),
        (RunStatus.ERROR, "LLM_TIMEOUT"),
    ):
        ends = [
            Recorded(2, START, TurnSpoken(0, 0, "m", "Hi", 1000, MAKING)),
            Recorded(3, START, RunEnded(status, "", 1, code)),
        ]
        telemetry.heard(run, ends)
    found, name = counted(telemetry), "chaffer_runs_ended_total"
    assert value(found, name, status="completed") == 1
    assert value(found, name, status="error") == 2
    assert value(found, name) == 3
    assert value(found, "chaffer_rooms_ended_total") == 0


def test_two_programs_in_one_process_share_no_count() -> None:
    one, other = Telemetry(), Telemetry()
    ended(one)
    assert value(counted(other), "chaffer_llm_calls_total") == 0
    assert "chaffer" not in prometheus_client.generate_latest().decode()


@pytest.mark.parametrize(
    ("module", "spared"),
    [("chaffer.llm.telemetry", "opentelemetry"), ("chaffer.api.metrics", "prometheus_client")],
)
def test_nothing_slow_is_imported_until_it_is_needed(module: str, spared: str) -> None:
    """`chaffer --help` pays for no spans, and a server that nobody watches for no metrics."""
    code = f"import sys, {module}\nassert {spared!r} not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
