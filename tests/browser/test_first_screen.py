"""What the first screen of a study shows, on a desk and on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from open_page import opened, sideways

pytestmark = pytest.mark.browser

REPORTS = Path(__file__).parents[2] / "reports"
# A comparison, people and a survey.
STUDIES = ("oakland-california", "participants-synthetic", "survey-synthetic")
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
_BOX = """name => {
  const shown = [...document.querySelectorAll(name)].filter(one => one.checkVisibility());
  const boxes = shown.map(one => one.getBoundingClientRect());
  return boxes.map(box => [box.top, box.bottom]);
}"""


@pytest.mark.parametrize("name", ["index.html", "es.html"])
def test_the_front_page_ends_its_goals_on_one_screen_and_on_three_of_a_phone(browser, name):
    with opened(browser, REPORTS / name) as (page, _):
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false; })")
        for screen, screens in ((DESK, 1), (PHONE, 3)):
            page.set_viewport_size(screen)
            ((_, bottom),) = page.evaluate(_BOX, ".columns")
            assert bottom <= screens * screen["height"]
            first = page.evaluate(_BOX, "figure .card svg")[0]
            assert first[0] < screen["height"]
            assert sideways(page) == 0


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("language", ["index.html", "es.html"])
def test_two_answers_a_figure_and_three_facts_are_on_one_screen(browser, study, language, mode):
    with opened(browser, REPORTS / study / language) as (page, asked):
        page.emulate_media(color_scheme=mode)
        page.set_viewport_size(DESK)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false; })")
        answers = page.evaluate(_BOX, ".finding")
        figure = page.evaluate(_BOX, "figure .card svg")[0]
        facts = page.evaluate(_BOX, ".beside li")
        assert len(answers) == 2 and len(facts) >= 3
        assert all(bottom <= DESK["height"] for _, bottom in (*answers, figure, *facts[:3]))
        assert sideways(page) == 0 and asked == []
        # The list of contents stays when the page is moved.
        page.evaluate("scrollTo(0, 1500)")
        ((top, bottom),) = page.evaluate(_BOX, ".beside-page")
        assert top >= 0 and bottom <= DESK["height"]


@pytest.mark.parametrize("study", STUDIES)
def test_a_phone_begins_with_both_answers_and_folds_the_contents(browser, study):
    with opened(browser, REPORTS / study / "index.html") as (page, _):
        page.set_viewport_size(PHONE)
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = false; })")
        assert all(bottom <= PHONE["height"] for _, bottom in page.evaluate(_BOX, ".finding"))
        assert page.evaluate(_BOX, ".beside-page") == []
        ((_, bottom),) = page.evaluate(_BOX, ".on-top")
        page.evaluate("scrollTo(0, 1500)")
        ((top, stays),) = page.evaluate(_BOX, ".on-top")
        assert top == 0 and stays - top < 60 and bottom < PHONE["height"]
        assert sideways(page) == 0
