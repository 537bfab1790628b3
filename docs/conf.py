"""The documentation as a site: `make docs`. Nothing in it is loaded from elsewhere."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils.utils.math.latex2mathml import tex2mathml

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "_ext")]

import evaluation  # noqa: E402

project = "Ceasefire evaluation"
author = "The authors of this project"
version = release = evaluation.__version__
language = "en"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "house_docstrings",
]
myst_enable_extensions = ["colon_fence", "dollarmath"]
# Headings of the second and third level can be linked to, as on a code host.
myst_heading_anchors = 3
# Words of code in docstrings stand in single quotes of this kind.
default_role = "literal"
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"
# Each folder's list ends with whatever else is in the folder, which may be nothing.
suppress_warnings = ["toc.empty_glob"]

html_theme = "pydata_sphinx_theme"
html_title = "Ceasefire evaluation"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["copy.js"]
html_search_scorer = str(ROOT / "docs" / "_ext" / "search_scorer.js")
html_copy_source = False
html_show_sourcelink = False
# They are fetched, which a browser refuses of pages on a disk.
html_show_search_summary = False
html_last_updated_fmt = None
html_math_renderer = "mathml"
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": True,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
html_context = {"default_mode": "auto"}
copyright = "2026, the authors of this project. MIT license"


def _inline(translator: Any, node: Any) -> None:
    from docutils import nodes

    translator.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def _display(translator: Any, node: Any) -> None:
    from docutils import nodes

    made = tex2mathml(node.astext(), as_block=True)
    translator.body.append(f'<div class="equation" tabindex="0" role="group">{made}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Equations as MathML, which browsers draw and read without a script."""
    app.add_html_math_renderer("mathml", (_inline, None), (_display, None))
