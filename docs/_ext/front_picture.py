"""The picture of the front page in the README: `python docs/_ext/front_picture.py`."""

from __future__ import annotations

import shutil
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Opens `reports/index.html` in Chromium and writes `docs/_static/front.png`."""
    from PIL import Image
    from playwright.sync_api import sync_playwright

    found = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found)
        page = browser.new_page(viewport={"width": 900, "height": 860}, color_scheme="light")
        page.goto((ROOT / "reports" / "index.html").as_uri())
        seen = page.screenshot()
        browser.close()
    picture = Image.open(BytesIO(seen)).convert("RGB")
    few = picture.quantize(64, dither=Image.Dither.NONE)
    few.save(ROOT / "docs" / "_static" / "front.png", optimize=True)


if __name__ == "__main__":
    main()
