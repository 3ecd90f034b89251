"""What stands in the formats of rooms and runs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import jsonschema_rs
import pytest

from chaffer.exports.csv_text import csv_bytes
from chaffer.exports.json_text import json_bytes
from chaffer.exports.markdown import markdown_of
from chaffer.exports.pdf import pdf_of
from chaffer.exports.room_export import ROOM_EXPORT
from chaffer.exports.room_transcript import OFFER_COLUMNS, offer_rows, room_transcript
from chaffer.exports.run_export import RUN_EXPORT
from chaffer.exports.run_transcript import LONGEST_TITLE, MESSAGE_COLUMNS, message_rows, run_transcript
from chaffer.exports.transcript import Fact
from chaffer.negotiation.events import DealMade, SellerReplied, SellerWithdrew
from tests.support.conversations import random_conversation
from tests.support.exports import exported, exported_run, room_saying, rows_of, text_of_pdf
from tests.support.markets import terms

SCHEMA: dict[str, Any] = json.loads(Path("docs/export.schema.json").read_text(encoding="utf-8"))


def test_json_of_rooms_and_runs_obeys_the_schema_that_is_committed() -> None:
    validator = jsonschema_rs.validator_for(SCHEMA)
    rooms = [exported(random_conversation(terms(), Random(seed))[1]) for seed in range(20)]
    documents = [json.loads(json_bytes(ROOM_EXPORT, room)) for room in (*rooms, exported(room_saying("a", "b")))]
    documents += [json.loads(json_bytes(RUN_EXPORT, exported_run(ended=ended))) for ended in (True, False)]
    for document in documents:
        validator.validate(document)
        assert not validator.is_valid({**document, "more": 1})
        assert not validator.is_valid({**document, "schema_version": 2})


def test_csv_of_a_room_has_a_row_for_every_offer() -> None:
    for seed in range(20):
        _, records = random_conversation(terms(), Random(seed))
        rows = rows_of(csv_bytes(OFFER_COLUMNS, offer_rows(exported(records))))
        replies = [record.event for record in records if isinstance(record.event, SellerReplied)]
        assert [row["message_id"] for row in rows] == [reply.message_id for reply in replies]
        assert [float(row["price"]) for row in rows] == [reply.offer.price_minor / 100 for reply in replies]
        deals = [record.event.seller_id for record in records if isinstance(record.event, DealMade)]
        assert [row["seller_id"] for row in rows if row["state"] == "accepted"] == deals
        left = {record.event.seller_id for record in records if isinstance(record.event, SellerWithdrew)}
        assert not any(row["state"] == "standing" and row["seller_id"] in left for row in rows)
        assert not any(row["state"] == "standing" and int(row["valid_until"]) < int(row["round"]) for row in rows)


def test_room_that_is_open_exports_what_stands() -> None:
    export = exported(room_saying("Hello", "Good day"))
    assert (export.status, export.is_partial, export.outcome) == ("active", True, None)
    assert [message.text for message in export.messages] == ["Hello", "Good day"]
    assert "Partial transcript" in markdown_of(room_transcript(export)).decode()
    assert (
        "Partial transcript"
        not in markdown_of(room_transcript(exported(random_conversation(terms(), Random(1))[1]))).decode()
    )


def test_room_that_was_not_started_exports_too() -> None:
    export = exported(room_saying()[:1])
    assert (export.status, export.rounds, export.messages) == ("pending", 0, ())
    assert "Nothing has been said." in text_of_pdf(pdf_of(room_transcript(export)))
    assert rows_of(csv_bytes(OFFER_COLUMNS, offer_rows(export))) == []


def test_run_exports_every_revision_with_its_turn_and_every_message() -> None:
    """CONTRACT §4: the export lists every revision with the turn it took effect."""
    document = json.loads(json_bytes(RUN_EXPORT, exported_run()))
    assert (document["status"], document["turns"], document["error"]) == ("completed", 3, None)
    revisions = [(one["revision"], one["effective_turn"], one["name"]) for one in document["bots"][1]["revisions"]]
    assert revisions == [(0, 0, "Ben"), (1, 3, "Benjamin")]
    said = [(one["turn"], one["role"], one["name"], one["content"]) for one in document["transcript"]]
    assert said == [
        (0, "bot0", "Ada", "A library!"),
        (1, "bot1", "Ben", "A pool!"),
        (2, "person", "Eve", "Both?"),
        (2, "bot0", "Ada", "=2+2 books"),
    ]
    assert document["usage"] == {"prompt_tokens": 33, "completion_tokens": 66, "cost_micros": 990}


def test_run_is_readable_in_markdown_and_pdf_and_counts_in_csv() -> None:
    transcript = run_transcript(exported_run(ended=False))
    for text in (markdown_of(transcript).decode(), text_of_pdf(pdf_of(transcript))):
        assert all(word in text for word in ("Library or pool?", "Partial transcript", "Eve", "A pool!", "love ice"))
    rows = rows_of(csv_bytes(MESSAGE_COLUMNS, message_rows(exported_run())))
    assert [row["name"] for row in rows] == ["Ada", "Ben", "Eve", "Ada"]
    assert rows[3]["content"] == "'=2+2 books"
    assert rows[0]["prompt_tokens"] == "11"


@pytest.mark.parametrize("topic", ["Library or pool? " * 200, "Library\nor pool?"])
def test_a_topic_too_long_for_a_title_stands_whole_behind_it(topic: str) -> None:
    transcript = run_transcript(replace(exported_run(), topic=topic))
    assert len(transcript.title) <= LONGEST_TITLE
    assert transcript.facts[0] == Fact("Topic", topic)
    assert "Topic" not in [fact.label for fact in run_transcript(exported_run()).facts]
