"""Events as they stand in journals that were written before: read, and written the same, letter for letter."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from chaffer.bootstrap import EVENT_TYPES
from chaffer.conversation.codec import Codec, wire_name
from chaffer.conversation.minds import Making

CODEC: Final = Codec(EVENT_TYPES)
LINES: Final = Path(__file__).with_name("events.txt").read_text(encoding="utf-8").splitlines()
LATER_FIELDS: Final = (
    ',"key_slot":null',
    ',"is_ordered":false',
    ',"category":null',
    ',"tax_percent":"0"',
    ',"sort_by":""',
    ',"not_products":[]',
    ',"behind":0',
    ',"most":0',
    ',"invoice_number":null',
)
"""Fields that came later than the texts, as they are written where they were not there."""
TEXTS: Final = {name: text for name, _, text in (line.partition(" ") for line in LINES)}


def test_every_event_of_the_journal_has_its_text() -> None:
    assert list(TEXTS) == sorted(TEXTS, key=list(map(wire_name, EVENT_TYPES)).index)
    assert len(TEXTS) == len(EVENT_TYPES)


@pytest.mark.parametrize("name", TEXTS)
def test_event_of_an_old_journal_is_written_again_as_it_was(name: str) -> None:
    again, text = CODEC.dump(CODEC.load(name, TEXTS[name]))
    for later in LATER_FIELDS:
        text = text.replace(later, "")
    assert (again, text) == (name, TEXTS[name])


def test_record_that_lacks_a_later_field_is_read() -> None:
    text = TEXTS["buyer_spoke"].replace('"first_token_seconds":0.5,', "")
    assert CODEC.load("buyer_spoke", text).making == Making("lm_studio", "qwen3 “4b”", 2, 1.25, None, 310, 42)


def test_time_without_a_zone_is_no_event() -> None:
    with pytest.raises(ValueError, match="started_at"):
        CODEC.load("negotiation_started", TEXTS["negotiation_started"].replace("Z", ""))


def test_event_of_no_feature_is_neither_written_nor_read() -> None:
    with pytest.raises(KeyError):
        CODEC.dump(CODEC)
    with pytest.raises(KeyError):
        CODEC.load("codec", "{}")
