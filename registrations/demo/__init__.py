"""Meetings, offices and answers that are made up, for a look around.

The meetings are the meeting files of this folder, one for each kind of letter (`loading`). `offices` fills
the register; `stories` says what has happened to each meeting so far, `telling` makes it happen.
"""

from __future__ import annotations

from registrations.demo.loading import DemoRefusedError, load_demo

__all__ = ["DemoRefusedError", "load_demo"]
