"""How vendors write requests and replies down: pure, from the types of `requests` to bytes and back.

No connection is made here; `http_provider` carries the bytes.
"""
