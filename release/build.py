"""The wheel and the sdist of this version in dist/, made twice: 1 when their bytes differ.

    python -m release.build

The time in both is that of the last commit, or of SOURCE_DATE_EPOCH; hatchling sorts what it packs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
# The first second that a ZIP file can hold, where there is neither a commit nor a setting.
FIRST = "315532800"


def epoch(root: Path) -> str:
    """The second that is written into the files."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    words = ["git", "log", "-1", "--format=%ct"]
    asked = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or FIRST


def build(root: Path, folder: Path) -> dict[str, str]:
    """Builds both into a folder; sha256 by file name."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch(root), "PYTHONHASHSEED": "0"}
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(words, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
    }


def main() -> int:
    """Builds twice and keeps the files when both are the same."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        found, again = build(ROOT, Path(first)), build(ROOT, Path(second))
        if found != again:
            print(f"not the same twice: {found} and {again}", file=sys.stderr)
            return 1
        shutil.rmtree(ROOT / "dist", ignore_errors=True)
        shutil.copytree(first, ROOT / "dist")
    for name, sha256 in found.items():
        print(f"{sha256}  dist/{name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
