"""The environment of the other packages: made when needed, and what cannot be had is told."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture
def peers(benchmark_module):
    return benchmark_module("peers")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels in place of any index."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _wheel(folder: Path, name: str, version: str) -> None:
    told = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as file:
        file.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        file.writestr(f"{told}/METADATA", about)
        tags = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        file.writestr(f"{told}/WHEEL", tags)
        lines = (f"{name}.py", f"{told}/METADATA", f"{told}/WHEEL", f"{told}/RECORD")
        file.writestr(f"{told}/RECORD", "".join(f"{line},,\n" for line in lines))


def test_requirements_are_those_of_the_extra(peers, tmp_path):
    project = tmp_path / "pyproject.toml"
    project.write_text('[project.optional-dependencies]\npeers = ["a==1", "b==2"]\nlint = ["c"]\n')
    assert peers.wanted(project) == ["a==1", "b==2"]


def test_environment_has_what_can_be_had_and_names_the_rest(peers, tmp_path, wheels, capsys):
    _wheel(wheels, "neighbor", "1.0")
    folder = tmp_path / "made"
    found = peers.environment(["neighbor==1.0", "absent==2.0"], folder)
    assert set(found.missing) == {"absent==2.0"}
    assert "absent==2.0" in found.missing["absent==2.0"]
    assert str(tmp_path) not in found.missing["absent==2.0"]
    said = subprocess.run(
        [found.python, "-c", "import neighbor; print(neighbor.VERSION)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout == "1.0\n"
    # The next run tries again; once all are there, it installs nothing.
    _wheel(wheels, "absent", "2.0")
    assert peers.environment(["neighbor==1.0", "absent==2.0"], folder).missing == {}
    assert "installing neighbor==1.0" in capsys.readouterr().out
    again = peers.environment(["neighbor==1.0", "absent==2.0"], folder)
    assert (again.python, again.missing) == (found.python, {})
    assert capsys.readouterr().out == ""


def test_no_environment_at_all_is_a_reason_for_every_package(peers, tmp_path, monkeypatch):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'No module named venv' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    found = peers.environment(["a==1", "b==2"], tmp_path / "made")
    assert found.python is None
    assert found.missing == dict.fromkeys(["a==1", "b==2"], "No module named venv")
