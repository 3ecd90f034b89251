"""Where a request ends, and what has no end: bytes that two readers may frame differently, or that never stop."""

from __future__ import annotations

import re
import socket
from typing import Final

import pytest

from chaffer.cli.strict_http import LONGEST_HEAD, MOST_FIELDS, MOST_WAITING
from tests.support.callers import bearer
from tests.support.raw_requests import said
from tests.support.server import Server

HOST: Final = "Host: 127.0.0.1\r\n"
LAST: Final = f"GET /health HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"
CHUNKED: Final = f"POST /api/none HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"


def _statuses(server: Server, words: str) -> list[int]:
    """Return the statuses of all answers to these words; the server hangs up behind them."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+)", said(server, words.encode("latin-1")))]


AMBIGUOUS: Final = {
    "lines_that_end_in_a_line_feed_alone": "GET /health HTTP/1.1\nHost: 127.0.0.1\n\n",
    "a_field_that_ends_in_a_line_feed_alone": "GET /health HTTP/1.1\r\nHost: 127.0.0.1\nX: y\r\n\r\n",
    "a_lone_carriage_return": f"GET /health HTTP/1.1\r\n{HOST}X: a\rY: b\r\n\r\n",
    "a_folded_field": f"GET /health HTTP/1.1\r\n{HOST}X: a\r\n b\r\n\r\n",
    "a_folded_length": f"POST /health HTTP/1.1\r\n{HOST}Content-Length:\r\n 5\r\n\r\nhello",
    "a_length_twice": f"POST /health HTTP/1.1\r\n{HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "a_list_of_lengths": f"POST /health HTTP/1.1\r\n{HOST}Content-Length: 5, 5\r\n\r\nhello",
    "a_length_below_nothing": f"POST /health HTTP/1.1\r\n{HOST}Content-Length: -5\r\n\r\nhello",
    "a_length_without_a_number": f"POST /health HTTP/1.1\r\n{HOST}Content-Length: \r\n\r\n",
    "a_length_beyond_all_numbers": f"POST /health HTTP/1.1\r\n{HOST}Content-Length: {2**64 + 5}\r\n\r\nhello",
    "two_codings": f"POST /health HTTP/1.1\r\n{HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "two_fields_of_codings": f"POST /health HTTP/1.1\r\n{HOST}Transfer-Encoding: identity\r\n"
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked_twice": f"POST /health HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
    "a_coding_behind_a_tabulator": f"POST /health HTTP/1.1\r\n{HOST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "a_chunk_of_hexadecimal_prefix": f"{CHUNKED}0x5\r\nhello\r\n0\r\n\r\n",
    "a_chunk_with_a_sign": f"{CHUNKED}+5\r\nhello\r\n0\r\n\r\n",
    "a_chunk_of_no_size": f"{CHUNKED}\r\nhello\r\n0\r\n\r\n",
    "a_chunk_beyond_all_numbers": f"{CHUNKED}{'f' * 17}5\r\nhello\r\n0\r\n\r\n",
    "a_chunk_that_ends_elsewhere": f"{CHUNKED}5\r\nhelloXX0\r\n\r\n",
    "chunks_that_end_in_line_feeds": f"{CHUNKED}5\nhello\n0\n\n",
    "a_line_feed_in_a_chunks_extension": f"{CHUNKED}5;a\nb\r\nhello\r\n0\r\n\r\n",
    "a_length_behind_the_body": f"{CHUNKED}5\r\nhello\r\n0\r\nContent-Length: 5\r\n\r\n",
    "nothing_in_a_name": f"GET /health HTTP/1.1\r\n{HOST}: x\r\n\r\n",
    "a_space_behind_a_name": f"GET /health HTTP/1.1\r\n{HOST}X : y\r\n\r\n",
    "a_space_before_the_first_name": f"GET /health HTTP/1.1\r\n X: y\r\n{HOST}\r\n",
    "a_nul_in_a_name": f"GET /health HTTP/1.1\r\n{HOST}X\0: y\r\n\r\n",
    "a_nul_in_a_value": f"GET /health HTTP/1.1\r\n{HOST}X: a\0b\r\n\r\n",
    "a_control_character_in_a_value": f"GET /health HTTP/1.1\r\n{HOST}X: a\x01b\r\n\r\n",
    "no_host": "GET /health HTTP/1.1\r\nX: y\r\n\r\n",
    "a_space_in_the_target": f"GET /health x HTTP/1.1\r\n{HOST}\r\n",
    "a_nul_in_the_target": f"GET /health\0 HTTP/1.1\r\n{HOST}\r\n",
    "a_fragment": f"GET /health#x HTTP/1.1\r\n{HOST}\r\n",
    "a_whole_url": f"GET http://other/health HTTP/1.1\r\n{HOST}\r\n",
    "a_tunnel": f"CONNECT /health HTTP/1.1\r\n{HOST}\r\n",
    "no_version": "GET /health\r\n\r\n",
    "a_later_version": f"GET /health HTTP/2.0\r\n{HOST}\r\n",
    "another_protocol": "\x16\x03\x01\x02\x00\x01\x00\x01",
}


@pytest.mark.parametrize("words", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_is_no_request_to_every_reader_is_refused_with_all_that_follows(guarded: Server, words: str) -> None:
    """RFC 9112, sections 2.2, 3.2, 5 to 7."""
    assert _statuses(guarded, words + LAST) == [400]


ASKED: Final = f"{HOST}Connection: Upgrade\r\nUpgrade: "
KEY: Final = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
NOT_TAKEN_UP: Final = {
    "http_2_with_a_body": f"POST /health HTTP/1.1\r\n{ASKED}h2c\r\nContent-Length: {len(LAST)}\r\n\r\n{LAST}",
    "http_2_with_chunks": f"POST /health HTTP/1.1\r\n{ASKED}h2c\r\nTransfer-Encoding: chunked\r\n\r\n"
    f"{len(LAST):x}\r\n{LAST}\r\n0\r\n\r\n",
    "http_2_without_a_body": f"PUT /health HTTP/1.1\r\n{ASKED}h2c\r\n\r\n",
    "websocket_by_post": f"POST /health HTTP/1.1\r\n{ASKED}websocket\r\n{KEY}Content-Length: 5\r\n\r\nhello",
    "several": f"POST /health HTTP/1.1\r\n{ASKED}h2c, websocket\r\n{KEY}Content-Length: 5\r\n\r\nhello",
}


@pytest.mark.parametrize("words", NOT_TAKEN_UP.values(), ids=NOT_TAKEN_UP)
def test_a_protocol_that_is_not_taken_up_hides_nothing_in_a_body(guarded: Server, words: str) -> None:
    """RFC 9110, section 7.8: `Upgrade` may be ignored. Java's client asks for HTTP/2 so on every plain connection."""
    assert _statuses(guarded, words * 2 + LAST) == [405, 405, 200]


def test_an_old_client_is_answered_and_goes_over_to_nothing(guarded: Server) -> None:
    assert _statuses(guarded, "GET /health HTTP/1.0\r\n\r\n") == [200]
    assert _statuses(guarded, f"GET /health HTTP/1.0\r\n{ASKED}websocket\r\n{KEY}\r\n") == [200]


def test_a_field_behind_the_body_is_none_of_the_heads(guarded: Server) -> None:
    proof = f"Authorization: {bearer('ann')['Authorization']}\r\n"
    head = f"GET /api/runs HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\nConnection: close\r\n"
    assert _statuses(guarded, f"{head}{proof}\r\n2\r\n{{}}\r\n0\r\n\r\n") == [200]
    assert _statuses(guarded, f"{head}\r\n2\r\n{{}}\r\n0\r\n{proof}\r\n") == [401]


def test_spaces_around_a_value_are_no_part_of_it(guarded: Server) -> None:
    """RFC 9110, section 5.5."""
    proof = f"Authorization:\t {bearer('ann')['Authorization']} \t\r\n"
    assert _statuses(guarded, f"GET /api/runs HTTP/1.1\r\n{HOST}{proof}Connection: close\r\n\r\n") == [200]


TOO_LARGE: Final = {
    "a_value": f"GET /health HTTP/1.1\r\n{HOST}X: {'x' * LONGEST_HEAD}\r\n\r\n",
    "a_name": f"GET /health HTTP/1.1\r\n{HOST}{'x' * LONGEST_HEAD}: x\r\n\r\n",
    "a_target": f"GET /health?{'x' * LONGEST_HEAD} HTTP/1.1\r\n{HOST}\r\n",
    "many_values": f"GET /health HTTP/1.1\r\n{HOST}" + f"X: {'x' * 1000}\r\n" * 66 + "\r\n",
    "many_fields": f"GET /health HTTP/1.1\r\n{HOST}" + "X:\r\n" * MOST_FIELDS + "\r\n",
    "many_fields_behind_a_body": f"{CHUNKED}2\r\n{{}}\r\n0\r\n" + "X:\r\n" * MOST_FIELDS + "\r\n",
}


@pytest.mark.parametrize("words", TOO_LARGE.values(), ids=TOO_LARGE)
def test_a_head_that_is_too_large_is_refused(guarded: Server, words: str) -> None:
    assert _statuses(guarded, words) == [431]


def test_a_head_of_all_that_is_allowed_is_answered(guarded: Server) -> None:
    fields = [HOST, "Connection: close\r\n", *["X: y\r\n"] * (MOST_FIELDS - 2)]
    value = "x" * (LONGEST_HEAD - len("/health") - sum(len(field) - 4 for field in fields) - 1)
    fields[-1] = f"X: y{value}\r\n"
    assert _statuses(guarded, f"GET /health HTTP/1.1\r\n{''.join(fields)}\r\n") == [200]


ENDLESS: Final = {
    "a_value": (f"GET /health HTTP/1.1\r\n{HOST}X: ", b"x"),
    "a_value_behind_a_body": (f"{CHUNKED}2\r\n{{}}\r\n0\r\nX: ", b"x"),
    "a_chunks_extension": (f"{CHUNKED}2;", b"x"),
    "a_chunks_size": (CHUNKED, b"0"),
    "no_request": ("", b"\r\n"),
}


@pytest.mark.parametrize(("begun", "more"), ENDLESS.values(), ids=ENDLESS)
def test_what_has_no_end_is_cut_off_before_much_of_it_is_kept(guarded: Server, begun: str, more: bytes) -> None:
    endless = begun.encode() + more * 50_000_000
    address = ("127.0.0.1", int(guarded.url.rpartition(":")[2]))
    with socket.create_connection(address, timeout=20) as line, pytest.raises(ConnectionError):
        line.sendall(endless)


def test_a_broken_request_does_not_break_the_answer_before_it(guarded: Server) -> None:
    good = f"GET /health HTTP/1.1\r\n{HOST}\r\n"
    assert _statuses(guarded, f"{good}{good}no request\r\n\r\n") == [200, 200]


def test_nobody_goes_over_to_a_websocket_while_an_answer_is_due(guarded: Server) -> None:
    asks = f"GET /api/ws/run/none HTTP/1.1\r\n{ASKED}websocket\r\n{KEY}\r\n"
    assert _statuses(guarded, f"GET /health HTTP/1.1\r\n{HOST}\r\n{asks}") == [200]


def test_requests_that_wait_are_bounded_and_those_before_are_answered(guarded: Server) -> None:
    answered = _statuses(guarded, f"GET /health HTTP/1.1\r\n{HOST}\r\n" * 10 * MOST_WAITING)
    assert set(answered) == {200}
    assert MOST_WAITING <= len(answered) < 10 * MOST_WAITING
