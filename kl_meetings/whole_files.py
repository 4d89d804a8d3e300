from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, content: bytes) -> None:
    """Let a file with `content` appear at `path`, whole or not at all.

    Raises OSError where it cannot be written; nothing of it is left then, so that a full disk does not get
    fuller with each try.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise
