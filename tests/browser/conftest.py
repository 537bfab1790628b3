"""One headless Chromium for all tests here, which opens pages from disk and asks no network."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

sys.path.insert(0, str(Path(__file__).parent))

from open_page import missing

# Names under which distributions install the browser; Debian's is the first.
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing(
            "playwright is not installed. Install it: pip install 'ceasefire-evaluation[browser]'"
        )
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        missing("Chromium is not installed. On Debian: apt-get install chromium")
    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found)
        yield opened
        opened.close()
