"""Every committed notebook runs from its first cell to its last, and carries no result."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from evaluation.study.evidence import load_evidence
from evaluation.study.plan.read import absent_data, is_replication
from evaluation.study.plan.skeleton import notebook_text

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "analyses").glob("*/notebook.ipynb"))
SLUGS = [path.parent.name for path in NOTEBOOKS]


def committed(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_every_analysis_has_a_notebook() -> None:
    planned = sorted(path.parent.name for path in (ROOT / "analyses").glob("*/plan.toml"))
    assert planned and planned == SLUGS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=SLUGS)
def test_notebook_is_committed_without_outputs(path: Path) -> None:
    notebook = committed(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert code
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"]] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=SLUGS)
def test_cell_ids_are_unique_and_those_of_a_new_notebook(path: Path) -> None:
    ids = [cell["id"] for cell in committed(path)["cells"]]
    plan = tomllib.loads(path.with_name("plan.toml").read_text(encoding="utf-8"))
    title = plan.get("title", plan["question"])
    new = json.loads(notebook_text(path.parent.name, title))
    assert len(set(ids)) == len(ids)
    # A saved Jupyter session would put random ids in their place.
    assert ids == [cell["id"] for cell in new["cells"]]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One kernel for all notebooks: most of the time of each would be its start."""
    from jupyter_client.manager import KernelManager

    own = tmp_path_factory.mktemp("jupyter")
    with pytest.MonkeyPatch.context() as patched:
        # Nothing of the person running the tests: neither their settings nor their history.
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            patched.setenv(name, str(own / name))
        manager = KernelManager(kernel_name="python3")
        # jupyter_client is typed in part.
        manager.start_kernel(cwd=str(ROOT))  # type: ignore[no-untyped-call]
        yield manager
        manager.shutdown_kernel(now=True)


@pytest.mark.slow
# The kernel's client warns about its own libraries; what the cells warn about stays in the kernel.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=SLUGS)
def test_notebook_runs_from_the_first_cell_to_the_last(path: Path, kernel: Any) -> None:
    from nbclient import NotebookClient

    slug = path.parent.name
    results = ROOT / "reports" / slug / "results.json"
    if absent_data(slug, ROOT) or (is_replication(slug, ROOT) and not results.is_file()):
        pytest.skip("the data of others are not committed, nor are results from them")
    assert results.is_file(), f"run `ceasefire run {slug}` and commit {results.name}"
    before = path.read_bytes()
    # nbformat is untyped.
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    # No name of the notebook before is left.
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f", id="reset"))  # type: ignore[no-untyped-call]
    client = NotebookClient(notebook, km=kernel, timeout=120)
    client.execute()
    client.kc.stop_channels()
    outputs = {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}
    errors = [
        f"{name}: {output.get('text', output.output_type)}"
        for name, given in outputs.items()
        for output in given
        if output.output_type == "error" or output.get("name") == "stderr"
    ]
    assert errors == []
    assert "text/html" in outputs["answer"][0].data
    drawn = any("image/png" in output.get("data", {}) for output in outputs["figure"])
    found = load_evidence(slug, ROOT).outcomes
    assert drawn == any(outcome.estimated and outcome.effect.path for outcome in found)
    assert path.read_bytes() == before
