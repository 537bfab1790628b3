"""Every committed page, asked what axe does not ask."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from report_page import Page, faults, repeated

REPORTS = Path(__file__).parents[2] / "reports"
PAGES = [
    path
    for path in sorted(REPORTS.rglob("*.html"))
    # Pages of replications are not committed.
    if not path.parent.name.startswith("replication-")
]


def test_pages_are_found():
    assert {REPORTS / "index.html", REPORTS / "es.html", REPORTS / "boston/index.html"} <= set(
        PAGES
    )


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_page_has_no_faults_and_leads_nowhere_in_vain(path):
    assert faults(path.read_text(encoding="utf-8"), at=path) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_two_tables_and_no_two_figures_of_a_page_share_a_name(path):
    assert repeated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("tag", ["caption", "figcaption"])
def test_a_name_used_twice_is_heard(tag):
    html = (REPORTS / "boston/index.html").read_text(encoding="utf-8")
    block = re.search(rf"<{tag}>.*?</{tag}>", html, re.DOTALL)
    assert block is not None
    (said,) = repeated(html.replace(block[0], 2 * block[0], 1))
    assert said.startswith(f"{tag} ")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("</main>", '<a href="nowhere.html">x</a></main>', "leads to nowhere.html, not there"),
        (
            "</main>",
            '<a href="index.html#nowhere">x</a></main>',
            "leads to index.html#nowhere, not there",
        ),
        (' hreflang="en-US"', "", "leads to index.html in another language"),
        ("</main>", "<p>«gun crime»</p></main>", "English not declared: gun crime"),
        ('<html lang="es-US">', '<html lang="fr">', "no language"),
    ],
)
def test_a_broken_page_is_heard(old, new, says):
    path = REPORTS / "boston/es.html"
    html = path.read_text(encoding="utf-8")
    assert old in html
    assert any(one.startswith(says) for one in faults(html.replace(old, new, 1), at=path))


@pytest.mark.parametrize(
    ("page", "own", "elsewhere", "open_", "goal"),
    [
        (
            *("studies.html", "Murders, Oakland", "Evidence from elsewhere"),
            *("Not yet evaluated", "Goal 2:"),
        ),
        (
            *("studies.es.html", "Homicidios, Oakland", "Datos de otros lugares"),
            *("Aún no se ha evaluado", "Objetivo 2:"),
        ),
    ],
)
def test_every_study_answers_goal_1_from_oakland_before_other_places(
    page: str, own: str, elsewhere: str, open_: str, goal: str
) -> None:
    said = " ".join(Page((REPORTS / page).read_text(encoding="utf-8")).all("main")[0].text.split())
    first, rest = said.split(goal, 1)
    assert first.index(own) < first.index(elsewhere)
    assert open_ not in first and open_ in rest
