"""What a person means, read by rules: who sees to it, and with which tool and which arguments. Pure; English only.

`parts` takes a text apart, `topics` tells whose each part is, `shopping`, `negotiating`, `billing` and `insights` read
a specialist's part, and `stepping` says what is to be done next. `memory` holds what tools returned before, to which
`pointing` refers; `periods` and `limits` read dates and amounts. Words for products are left to the catalogue's search.
"""

from __future__ import annotations

from chaffer.assistant.reading.routing import handovers
from chaffer.assistant.reading.stepping import Pending, Seen, progress
from chaffer.assistant.reading.steps import Ask, Lack
from chaffer.assistant.reading.topics import Courtesy, courtesy_of

__all__ = ["Ask", "Courtesy", "Lack", "Pending", "Seen", "courtesy_of", "handovers", "progress"]
