"""What the documents say that only code knows: each module makes one file, or the sections of a page, as text.

Unlike the rest of the workshop they import the program, and so run in its environment.
"""

from __future__ import annotations
