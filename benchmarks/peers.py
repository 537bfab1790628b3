"""The other packages that are timed, in an environment of their own: build/peers.

They are the extra `peers` of pyproject.toml, which neither the package nor its lock holds. What
cannot be had is told, and its rows of the tables are left out.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "peers"
EXTRA = "peers"
# Without a network pip would try each package for a minute.
PIP = ("--disable-pip-version-check", "--no-input", "--retries", "1", "--timeout", "30")
WHAT_TO_DO = (
    "To time them, run `make bench` again where pip reaches a package index, or name one that it"
    " reaches (PIP_INDEX_URL, or PIP_FIND_LINKS for a folder of wheels)."
)


@dataclass(frozen=True, slots=True)
class Peers:
    """Where the other packages are.

    Parameters
    ----------
    python : the interpreter that has them, or None when there is no environment at all.
    missing : why a package could not be had, by its requirement.
    """

    python: str | None
    missing: dict[str, str] = field(default_factory=dict)


def wanted(project: Path = ROOT / "pyproject.toml") -> list[str]:
    """The requirements of the extra."""
    extras = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    return list(extras[EXTRA])


def environment(requirements: Sequence[str], folder: Path = FOLDER) -> Peers:
    """The environment with these packages; made when it is not there or has others.

    All are installed together, so that they fit each other. Where that fails, one after the other,
    so that what can be had is had; then the next run tries again.
    """
    stamp, python = folder / "installed", folder / "bin" / "python"
    text = "\n".join(requirements) + "\n"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == text:
        return Peers(str(python))
    print(f"installing {', '.join(requirements)} for comparison", flush=True)
    if why := _fault([sys.executable, "-m", "venv", "--clear", str(folder)]):
        return Peers(None, dict.fromkeys(requirements, why))
    install = [str(python), "-m", "pip", "install", "--quiet", *PIP]
    # A wheel or nothing: building one needs compilers, and minutes.
    install += ["--only-binary", ":all:"]
    missing = {}
    if _fault([*install, *requirements]):
        missing = {one: why for one in requirements if (why := _fault([*install, one]))}
    if not missing:
        stamp.write_text(text, encoding="utf-8")
    return Peers(str(python), missing)


def _fault(call: Sequence[str]) -> str:
    """Runs a command; the last line of what it says when it fails, else nothing."""
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    said = said or done.stderr.splitlines() or done.stdout.splitlines()
    last = said[-1] if said else f"ended with {done.returncode}"
    # Links of an index and folders of this machine are no news.
    return re.sub(r"\s*\((from|see) .*\)", "", last.removeprefix("ERROR: ")).strip()
