"""Markets played from the command line: what is printed, what is kept, and the exit code that tells the outcome."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Chaffer, environment
from tests.support.forked import start_chaffer
from tests.support.model_markets import market_of_models
from tests.support.standin import standing_in
from tests.support.standin_scripts import Answer, Asked, haggles

SCENARIOS = Path(__file__).parents[2] / "scenarios"
NOBODY_LISTENS = "http://127.0.0.1:9/v1"


def played(chaffer: Chaffer, name: str, *options: str) -> tuple[int, dict[str, Any]]:
    """Play a scenario file and return its exit code and its results."""
    ran = chaffer("negotiate", str(SCENARIOS / name), "--provider", "builtin", "--json", *options)
    return ran.code, json.loads(ran.out)


def test_specifications_own_example_is_played(chaffer: Chaffer) -> None:
    """Issue: scenario files, the specification's own example; its mouse has no seller."""
    code, results = played(chaffer, "specification.json")
    assert code == 0
    laptop, mouse = results["rooms"]
    assert laptop["seller_name"] in {"TechStore", "GadgetHub"}
    assert mouse["status"] == "no_sellers_available"
    assert results["summary"]["failed_items"][0]["reason"] == "No sellers have this item in inventory"


def test_market_in_which_nobody_can_agree_ends_with_code_3(chaffer: Chaffer) -> None:
    """Issue: exit code 3, no deal."""
    code, results = played(chaffer, "impasse.json")
    assert code == 3
    assert {room["status"] for room in results["rooms"]} == {"completed"}
    assert all(room["seller_id"] is None and room["reason"] for room in results["rooms"])


def test_budget_binds_across_rooms(chaffer: Chaffer) -> None:
    """CONTRACT §2: `budget_range.max` binds the whole session; the last item's floor lies above what is left."""
    scenario = json.loads((SCENARIOS / "budget-binds.json").read_text(encoding="utf-8"))
    code, results = played(chaffer, "budget-binds.json")
    assert code == 0
    assert [room["seller_id"] is not None for room in results["rooms"]] == [True, True, False]
    money = results["summary"]["budget_summary"]
    assert money["total_spent"] + money["remaining"] == scenario["buyer"]["budget_range"]["max"]
    last = scenario["buyer"]["shopping_list"][-1]
    floor = min(
        line["least_price"]
        for seller in scenario["sellers"]
        for line in seller["inventory"]
        if line["item_id"] == last["item_id"]
    )
    assert money["remaining"] < floor * last["quantity_needed"] < scenario["buyer"]["budget_range"]["max"]


def test_one_stock_is_sold_once(chaffer: Chaffer) -> None:
    """CONTRACT §2: an item that stands twice in the list draws on the same stock."""
    scenario = json.loads((SCENARIOS / "one-stock.json").read_text(encoding="utf-8"))
    stock = sum(line["quantity_available"] for seller in scenario["sellers"] for line in seller["inventory"])
    wanted = sum(item["quantity_needed"] for item in scenario["buyer"]["shopping_list"])
    code, results = played(chaffer, "one-stock.json")
    sold = sum(room["quantity"] for room in results["rooms"] if room["seller_id"])
    assert "seed" not in scenario, "with one, a room would wait for the other to end"
    assert code == 0
    assert 0 < sold <= stock < wanted


def test_ten_sellers_and_eight_items_are_played(chaffer: Chaffer) -> None:
    """Issue: a market with 10 sellers and 8 items."""
    scenario = json.loads((SCENARIOS / "ten-sellers.json").read_text(encoding="utf-8"))
    code, results = played(chaffer, "ten-sellers.json")
    assert (len(scenario["sellers"]), len(results["rooms"])) == (10, 8)
    assert code == 0


def test_options_bound_the_rounds(chaffer: Chaffer) -> None:
    """Issue: `--rounds`."""
    _, results = played(chaffer, "impasse.json", "--rounds", "2")
    assert {room["rounds"] for room in results["rooms"]} == {2}


def test_model_that_is_named_speaks_for_every_agent(chaffer: Chaffer, tmp_path: Path) -> None:
    """Issue: `--model`, in the place of the one that the file names."""
    (tmp_path / "market.json").write_text(json.dumps(market_of_models(sellers=2, rounds=2)), encoding="utf-8")
    with standing_in() as server:
        ran = chaffer("negotiate", "market.json", "--model", "other", env={"LM_STUDIO_BASE_URL": server.url})
        unknown = chaffer("negotiate", "market.json", "--model", "none", env={"LM_STUDIO_BASE_URL": server.url})
    assert ran.code == 0
    assert {asked.body["model"] for asked in server.asked} == {"other"}
    assert unknown.code == 2
    assert unknown.err == '--model must be one of stand-in, other; got "none". Correct it.\n'


def test_quiet_run_prints_nothing(chaffer: Chaffer) -> None:
    """Issue: `--quiet`; the exit code tells."""
    ran = chaffer("negotiate", str(SCENARIOS / "impasse.json"), "--quiet")
    assert (ran.code, ran.out, ran.err) == (3, "", "")


def test_progress_is_a_line_per_room_beside_the_results(chaffer: Chaffer) -> None:
    """Issue: a progress line per room; results alone are on standard output."""
    ran = chaffer("negotiate", str(SCENARIOS / "demo.json"))
    lines = [line for line in ran.err.splitlines() if line]
    assert len(lines) == 3
    assert any(line.startswith("40 x Stoneware cup: deal with ") for line in lines)
    assert "Results" in ran.out
    assert "\x1b" not in ran.out + ran.err


def test_unreachable_model_ends_with_code_1_and_what_to_do(chaffer: Chaffer) -> None:
    """Issue: exit code 1, fault; CONTRACT §2: the providers are probed before anything starts."""
    ran = chaffer(
        "negotiate",
        str(SCENARIOS / "demo.json"),
        "--provider",
        "lm_studio",
        env={"LM_STUDIO_BASE_URL": NOBODY_LISTENS, "LLM_MAX_RETRIES": "0"},
    )
    assert ran.code == 1
    assert "LM Studio" in ran.err
    assert "Traceback" not in ran.err


def test_outcome_tells_how_often_each_agent_was_corrected_and_why(chaffer: Chaffer, tmp_path: Path) -> None:
    """Issue: a room that came to nothing says what its models had to do with it."""

    def script(asked: Asked) -> Answer:
        is_careless = asked.must_decide or ("You are Shop 1," in asked.system and not asked.is_again)
        return Answer("I would rather talk.") if is_careless else haggles(asked)

    (tmp_path / "market.json").write_text(json.dumps(market_of_models(rounds=1)), encoding="utf-8")
    with standing_in(script) as server:
        told, as_json = (
            chaffer("negotiate", "market.json", *options, env={"LM_STUDIO_BASE_URL": server.url})
            for options in ((), ("--json",))
        )
        summary = chaffer("sessions", "summary", json.loads(as_json.out)["session_id"])
        played_back = chaffer("replay", str(next((tmp_path / "logs").glob("*/negotiation_*.json"))))
    unread = "because the reply was not one JSON object with the field"
    words = " ".join(told.out.split())
    assert "Laptop: The buyer could not decide." in words
    assert f"Laptop: Shop 1 was corrected once, {unread} price." in words
    assert f"Laptop: John Doe was corrected 2 times, at last {unread} decision." in words
    results = json.loads(as_json.out)
    assert [room["corrections"] for room in results["rooms"]] == [3]
    assert [item["corrections"] for item in results["summary"]["failed_items"]] == [3]
    assert "Replies that were not let through, Laptop: 3." in summary.out
    assert "- John Doe was corrected: the reply was not one JSON object" in " ".join(played_back.out.split())


def test_demo_tells_where_the_log_lies_and_how_to_go_on(chaffer: Chaffer, tmp_path: Path) -> None:
    """Issue: the summary with what was saved, where the log lies, the command to go on with; exit code 0."""
    ran = chaffer("demo", "--speed", "0")
    assert ran.code == 0
    assert "Saved $" in ran.out
    folder = Path(next(line for line in ran.out.splitlines() if line.startswith("The log lies in ")).split(" in ")[1])
    assert sorted(path.suffix for path in (tmp_path / folder).iterdir()) == [".json"] * 4
    assert "replay " in ran.out


def test_log_is_played_back_as_it_was_and_as_one_agent_saw_it(chaffer: Chaffer, tmp_path: Path) -> None:
    """Issue: `chaffer replay LOG.json`; HOUSE §1.5: views are derived, also from a log."""
    chaffer("negotiate", str(SCENARIOS / "specification.json"), "--provider", "builtin", "--seed", "5")
    log = next((tmp_path / "logs").glob("*/negotiation_*laptop*.json"))
    whole = chaffer("replay", str(log))
    assert whole.code == 0
    assert "TechStore: " in whole.out
    assert "GadgetHub: " in whole.out
    one = chaffer("replay", str(log), "--agent", "seller_001")
    assert one.code == 0
    assert "TechStore: " in one.out
    assert "GadgetHub: " not in one.out


def seconds_of_speech(folder: Path, *arguments: str) -> float:
    """Return how long a command took from the first thing that was said to the last, its output being no terminal."""
    run = start_chaffer(arguments, folder, environment(folder))
    assert run.stdout is not None
    with run.stdout as lines:
        heard = [time.monotonic() for said in lines if said.startswith("  ")]
    assert run.wait() == 0
    return heard[-1] - heard[0]


def test_speed_that_is_asked_for_is_kept_where_nobody_watches(tmp_path: Path, small_market: dict[str, Any]) -> None:
    """Issue: `--speed`; without it all is shown at once where standard output is no terminal."""
    (tmp_path / "market.json").write_text(json.dumps(small_market), encoding="utf-8")
    demo = ("demo", "--scenario", "market.json")
    paced, at_once = seconds_of_speech(tmp_path, *demo, "--speed", "2"), seconds_of_speech(tmp_path, *demo)
    assert paced > max(1.0, at_once)
    log = str(next((tmp_path / "logs").glob("*/negotiation_*.json")))
    paced, at_once = (seconds_of_speech(tmp_path, "replay", log, *speed) for speed in (("--speed", "12"), ()))
    assert paced > max(1.0, at_once)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "broken.json is not valid JSON: Expecting value at line 1, column 1. Correct it."),
        ('{"buyer":', "broken.json is not valid JSON: Expecting value at line 1, column 10. Correct it."),
        ("[" * 100_000, "broken.json is nested too deeply to be read. Make it flatter."),
        ("{}", "schema_version must be 1; this file has none or another."),
        ("[]", "schema_version must be 1; this file has none or another."),
        ('{"schema_version": 99}', "schema_version must be 1; this file has none or another."),
        ('{"schema_version": 1}', "room_id is required"),
    ],
)
def test_log_that_is_none_is_refused_by_name_and_place(chaffer: Chaffer, tmp_path: Path, text: str, said: str) -> None:
    """Issue: bad files: a sentence that names file and field; exit code 2."""
    (tmp_path / "broken.json").write_text(text, encoding="utf-8")
    ran = chaffer("replay", "broken.json")
    assert (ran.code, ran.out) == (2, "")
    assert "broken.json" in ran.err
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_session_is_steered_step_by_step(chaffer: Chaffer) -> None:
    """CONTRACT §7: everything the API can do the command line can."""
    opened = json.loads(chaffer("sessions", "open", str(SCENARIOS / "demo.json"), "--json").out)
    session, rooms = opened["session_id"], [room["room_id"] for room in opened["negotiation_rooms"]]
    assert chaffer("rooms", "stop", rooms[2]).code == 0
    assert chaffer("rooms", "start", rooms[2]).code == 2
    assert chaffer("sessions", "start", session).code == 0
    summary = json.loads(chaffer("sessions", "summary", session, "--json").out)
    assert summary["completed_purchases"] == 2
    assert session in chaffer("sessions", "list").out
    state = json.loads(chaffer("rooms", "show", rooms[0], "--json").out)
    assert state["status"] == "completed"
    assert json.loads(chaffer("logs", "show", session, rooms[0]).out)["room_id"] == rooms[0]
    assert chaffer("sessions", "delete", session).code == 0
    gone = chaffer("sessions", "show", session)
    assert gone.code == 2
    assert session in gone.err
    assert json.loads(chaffer("logs", "show", session, rooms[0]).out)["status"] == "completed"


def test_port_that_is_taken_is_told(chaffer: Chaffer) -> None:
    """Issue: a clear sentence when a port is taken."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ran = chaffer("serve", "--port", str(port))
    assert (ran.code, ran.out) == (2, "")
    assert f"port {port} of 127.0.0.1 cannot be taken" in ran.err
    assert "--port" in ran.err


@pytest.mark.usefixtures("heeds_interrupts")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal that can be sent there")
def test_interrupted_negotiation_is_stopped_and_told(chaffer: Chaffer, tmp_path: Path) -> None:
    """An interrupt leaves no room running that nobody runs: exit code 130."""
    variables = environment(tmp_path, BUILTIN_CHARS_PER_SECOND="20")
    run = start_chaffer(["negotiate", str(SCENARIOS / "demo.json")], tmp_path, variables)
    assert run.stdout is not None
    with run.stdout as told:
        _wait_for_an_active_room(chaffer)
        run.send_signal(signal.SIGINT)
        assert "Traceback" not in told.read()
    assert run.wait() == 130
    assert set(_statuses_of_rooms(chaffer)) == {"cancelled"}


def _wait_for_an_active_room(chaffer: Chaffer) -> None:
    """Look until a room is active; the test's time-out ends a search in vain."""
    while "active" not in _statuses_of_rooms(chaffer):
        pass


def _statuses_of_rooms(chaffer: Chaffer) -> list[str]:
    listed = json.loads(chaffer("sessions", "list", "--json").out)["sessions"]
    return [room["status"] for session in listed for room in session["negotiation_rooms"]]
