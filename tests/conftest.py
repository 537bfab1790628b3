"""A copy of the project's own data, plans and reports, to break and mend in a temporary folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]

# Small fits on many threads wait for one another, up to fifty times as long on a busy machine.
# Read when numpy is loaded, so it is set here, and passed on to the commands that tests start.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[_name] = "1"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with everything people and the program wrote, free to change."""
    for name in ("data", "analyses", "reports"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    return tmp_path
