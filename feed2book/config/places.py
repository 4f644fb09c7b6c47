"""What stands where the user says.

``Path`` has the same questions, but raises where a name is too long or a folder is shut. Here the answer is
no, and whoever reads or writes there says why that cannot be done.
"""

from __future__ import annotations

import os
from pathlib import Path


def exists(path: Path) -> bool:
    """Whether something can be seen there."""
    return os.path.exists(path)  # noqa: PTH110


def is_folder(path: Path) -> bool:
    """Whether a folder can be seen there."""
    return os.path.isdir(path)  # noqa: PTH112
