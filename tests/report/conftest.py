"""Puts the study and the page reader that these tests share within reach of an import."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from evaluation.study.evidence import Evidence

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def evidence() -> Evidence:
    from example_study import study

    return study()
