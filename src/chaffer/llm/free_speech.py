"""What a model says in its turn, on its way to readers: without its thoughts, without its name in front, cleaned.

Some models write their thoughts between tags before they speak, or end them with a tag although nothing began them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from chaffer.llm.prose import Cleaned

LONGEST_MESSAGE: Final = 65_536
"""Characters, whatever `max_tokens` allows."""

_KINDS: Final = ("think", "thinking", "thought", "reasoning")
_TAG: Final = re.compile(rf"<(?P<ends>/?)(?:{'|'.join(_KINDS)})>", re.IGNORECASE)
_HALF_TAG: Final = re.compile(r"</?[a-z]*\Z", re.IGNORECASE)
_TAGS: Final = tuple(f"<{ends}{kind}>" for kind in _KINDS for ends in ("", "/"))
_MARKS: Final = r"[*_\[\](){}\"'“”«»]"


class FreeSpeech:
    """One message: text is taken in as it comes, and said once it is known to be none but speech.

    `said` is exactly what was said since the last `restart`.
    """

    def __init__(self, name: str, say: Callable[[str], None], restart: Callable[[], None]) -> None:
        """Say what is let through to `say`, as `name`; `restart` takes back all that was said."""
        self._say = say
        self._restart = restart
        self._name = _without_marks_in_front(name)
        name_in_front = rf"\s*{_MARKS}*{re.escape(name)}{_MARKS}*\s*[:\uff1a]{_MARKS}*\s*"
        self._front = re.compile(name_in_front, re.IGNORECASE)
        self._before_colon = re.compile(rf"\s*{_MARKS}*{re.escape(name)}{_MARKS}*\s*", re.IGNORECASE)
        self._unread = ""
        self._head: str | None = ""
        """What may still be the name in front; None once it is known."""
        self._thinks = False
        self._cleaned = Cleaned(LONGEST_MESSAGE)
        self.said = ""

    @property
    def is_full(self) -> bool:
        """Tell whether the message is as long as any may be."""
        return len(self.said) >= LONGEST_MESSAGE

    def add(self, text: str) -> None:
        """Take text in, and say what can be said by now."""
        self._read(self._unread + text, is_whole=False)

    def close(self) -> None:
        """Say the rest."""
        self._read(self._unread, is_whole=True)
        self._speak("", is_whole=True)

    def _read(self, text: str, *, is_whole: bool) -> None:
        """Tell thoughts from speech; the beginning of what may become a tag is not read yet."""
        place = 0
        for tag in _TAG.finditer(text):
            self._speak(text[place : tag.start()], is_whole=False)
            place = tag.end()
            if tag["ends"] and not self._thinks:
                self._take_back()
            self._thinks = not tag["ends"]
        half = None if is_whole else _HALF_TAG.search(text, place)
        end = half.start() if half is not None and _may_become_tag(half[0]) else len(text)
        self._unread = text[end:]
        self._speak(text[place:end], is_whole=False)

    def _take_back(self) -> None:
        """Begin again: what was said were thoughts."""
        if self.said:
            self._restart()
        self.said, self._cleaned, self._head = "", Cleaned(LONGEST_MESSAGE), ""

    def _speak(self, text: str, *, is_whole: bool) -> None:
        """Say text, without its speaker's name in front."""
        if self._thinks:
            return
        if self._head is None:
            self._pass_on(text)
            return
        self._head += text
        if not is_whole and self._may_be_name(self._head):
            return
        front = self._front.match(self._head)
        words = self._head[front.end() :] if front is not None else self._head
        if words.strip():
            self._head = None
            self._pass_on(words)

    def _may_be_name(self, head: str) -> bool:
        """Tell whether the name, or what surrounds it, may go on with the next text."""
        if self._front.fullmatch(head) or self._before_colon.fullmatch(head):
            return True
        bare = _without_marks_in_front(head)
        return len(bare) < len(self._name) and self._name.startswith(bare)

    def _pass_on(self, text: str) -> None:
        """Say text, cleaned."""
        kept = self._cleaned.add(text)
        if kept:
            self.said += kept
            self._say(kept)


def _without_marks_in_front(text: str) -> str:
    return re.sub(rf"\A\s*{_MARKS}*", "", text).casefold()


def _may_become_tag(text: str) -> bool:
    return any(tag.startswith(text.casefold()) for tag in _TAGS)
