"""Stands for `chaffer` on a PATH: hands its arguments, folder, environment and files over, and ends as that ended."""

from __future__ import annotations

import json
import os
import socket
import sys

with socket.socket(socket.AF_UNIX) as there:
    there.connect(sys.argv[1])
    # Not by pathlib, which takes as long to import as all the rest.
    asked = {"arguments": sys.argv[2:], "cwd": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
    socket.send_fds(there, [json.dumps(asked).encode() + b"\n"], [0, 1, 2])
    sys.exit(int(there.recv(16)))
