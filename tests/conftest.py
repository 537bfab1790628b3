"""A copy of the project's own data, plans and reports, to break and mend in a temporary folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with everything people and the program wrote, free to change."""
    for name in ("data", "analyses", "reports"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    return tmp_path
