"""The workshop: what sets the clone up and checks it, on the standard library alone. No part of the product."""

from __future__ import annotations
