"""The words of the built-in supervisor: every figure in them is one that a tool returned. Pure.

`templates` holds the sentences in several wordings, `naming` says what things are called; `products`, `negotiations`
and `books` tell results, `asking` asks back, and `telling` puts together what is said.
"""

from __future__ import annotations

from chaffer.assistant.speech.telling import answer_text, summary_text, work_text

__all__ = ["answer_text", "summary_text", "work_text"]
