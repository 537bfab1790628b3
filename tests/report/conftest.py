"""Puts the study and the page reader that these tests share within reach of an import."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation import plots
from evaluation.study.evidence import Evidence

sys.path.insert(0, str(Path(__file__).parent))


# Those ask what is drawn, or whether the same is drawn again.
DRAW = ("test_html.py", "test_pdf.py", "test_costs.py", "test_power_page.py", "figures")


@pytest.fixture(scope="module", autouse=True)
def drawn_once(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The same picture is drawn once, for tests of what stands around it."""
    if set(DRAW) & set(request.path.parts):
        yield
        return
    folder = tmp_path_factory.getbasetemp() / "drawn"
    with plots.kept_in(folder, root=folder.parent):
        yield


@pytest.fixture
def evidence() -> Evidence:
    from example_study import study

    return study()
