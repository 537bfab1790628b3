"""Every package of requirements.lock with its licence: sbom.cdx.json, docs/reference/licences.md.

    python -m release.inventory           writes both
    python -m release.inventory --check   1 when they are not of the lock or of what is installed

Names and versions come from the lock, licences from what is installed. A package that is not
installed here (for another system or Python) keeps the licence that stands in the list, which the
machine that has it checks. There is no clock in either file, so that they come out the same.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
SBOM, LICENCES = "sbom.cdx.json", "docs/reference/licences.md"
LINE = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ \\]+)(?: ; (.*?))? \\$", re.MULTILINE)
UNKNOWN = "not told"
# Those of the SPDX list that the packages tell: programs that read a bill know these by name.
SPDX = (
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MIT-0"),
    *("MIT-CMU", "MPL-2.0", "NCSA", "PSF-2.0", "Zlib"),
)
# Of what a licence says in its classifiers, where it says no more.
_CLASSIFIER = re.compile(r"License :: (?:OSI Approved :: )?(.*)")
# Whoever passes on what is under these must pass on its source too. A package that offers a choice
# ("or") is not meant, nor is one whose licence lets libraries be used by others (LGPL, MPL).
COPYLEFT = re.compile(r"\bA?GPL|\bGNU (Affero )?General Public", re.IGNORECASE)
HEAD = """\
# Licences

Every package that `requirements.lock` can install, written by `make sbom` and checked by
`make sbom-check`. None of them is copied into the wheel of this project, which is under the MIT
licence. No package is under the GPL or AGPL alone; a test says so.

| package | version | licence |
|---|---|---|
"""


@dataclass(frozen=True, slots=True)
class Package:
    """One line of the lock: `marker` says where it is installed, "" everywhere."""

    name: str
    version: str
    marker: str = ""


def locked(lock: str) -> tuple[Package, ...]:
    """The packages of a lock, by name and version."""
    found = (Package(m[1], m[2], m[3] or "") for m in LINE.finditer(lock))
    return tuple(sorted(found, key=lambda one: (one.name, one.version)))


def licence_of(told: Message) -> str:
    """The licence that a package tells: as an expression, in a line, or by its classifiers."""
    expression = str(told.get("License-Expression") or "").strip()
    line = str(told.get("License") or "").strip()
    classified = sorted(
        match[1]
        for one in told.get_all("Classifier") or ()
        if (match := _CLASSIFIER.fullmatch(str(one))) and match[1] != "OSI Approved"
    )
    # Some give the whole text.
    short = line if line and "\n" not in line and len(line) <= 60 else ""
    short = "" if short.upper() in ("UNKNOWN", "LICENSE", "DUAL LICENSE") else short
    return expression or short or " or ".join(classified) or _by_text(line) or UNKNOWN


def _by_text(text: str) -> str:
    """The licence whose text a package gives, by its first line or its best known sentence."""
    if "Redistribution and use in source and binary forms" in text:
        return "BSD-3-Clause" if "Neither the name" in text else "BSD-2-Clause"
    return "MIT" if "Permission is hereby granted, free of charge" in text else ""


def installed() -> dict[tuple[str, str], str]:
    """The licence of every package that is installed here, by name and version."""
    found = {}
    for one in metadata.distributions():
        licence = licence_of(one.metadata)
        if licence == UNKNOWN:
            texts = [path for path in one.files or () if path.name.upper().startswith("LICENSE")]
            licence = next(filter(None, (_by_text(path.read_text()) for path in texts)), UNKNOWN)
        found[re.sub(r"[-_.]+", "-", one.name).lower(), one.version] = licence
    return found


def listed(page: str) -> dict[tuple[str, str], str]:
    """The licences that a list tells, by name and version."""
    rows = re.findall(r"^\| ([a-z0-9._-]+) \| (\d\S*) \| (.+) \|$", page, re.MULTILINE)
    return {(name, version): licence for name, version, licence in rows}


def licences(
    packages: tuple[Package, ...],
    here: dict[tuple[str, str], str],
    before: dict[tuple[str, str], str],
) -> dict[Package, str]:
    """The licence of each package: of the installed one, else the listed one, else that of the same
    package in another version."""
    told = {**before, **here}
    others = {name: licence for (name, _), licence in told.items() if licence != UNKNOWN}
    return {
        one: others.get(one.name, UNKNOWN) if licence == UNKNOWN else licence
        for one in packages
        for licence in (told.get((one.name, one.version), UNKNOWN),)
    }


def page(found: dict[Package, str]) -> str:
    """The list for people."""
    rows = (f"| {one.name} | {one.version} | {licence} |\n" for one, licence in found.items())
    return HEAD + "".join(rows)


def bill(found: dict[Package, str], project: dict[str, str]) -> str:
    """The list for programs: CycloneDX 1.6, without a clock or a serial number."""
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"license": {"id": project["license"]}}],
                "purl": own,
            }
        },
        "components": [_component(one, licence) for one, licence in found.items()],
    }
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _component(one: Package, licence: str) -> dict[str, object]:
    purl = f"pkg:pypi/{one.name}@{one.version}"
    where = {"properties": [{"name": "marker", "value": one.marker}]} if one.marker else {}
    return {
        "type": "library",
        "bom-ref": purl,
        "name": one.name,
        "version": one.version,
        "licenses": [_licence(licence)],
        "purl": purl,
        **where,
    }


def _licence(told: str) -> dict[str, object]:
    """A licence as a bill has it: one of the SPDX list, an expression of some, or a name."""
    names = re.split(r" (?:AND|OR) ", told)
    if not set(names) <= set(SPDX):
        return {"license": {"name": told}}
    return {"license": {"id": told}} if len(names) == 1 else {"expression": told}


def made(root: Path) -> dict[str, str]:
    """Both files as they should be, by name."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = locked((root / "requirements.lock").read_text(encoding="utf-8"))
    path = root / LICENCES
    before = listed(path.read_text(encoding="utf-8")) if path.exists() else {}
    found = licences(packages, installed(), before)
    return {SBOM: bill(found, project), LICENCES: page(found)}


def faults(root: Path) -> Iterator[str]:
    """What is not as it should be."""
    for name, text in made(root).items():
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{name}: is not what requirements.lock and the installed packages give"


def main(words: list[str]) -> int:
    """Writes both files, or says what is wrong with them."""
    if words == ["--check"]:
        found = list(faults(ROOT))
        for fault in found:
            print(f"{fault}. Write it anew: make sbom", file=sys.stderr)
        return 1 if found else 0
    for name, text in made(ROOT).items():
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
