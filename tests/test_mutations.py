"""One thing at a time is changed in an accepted study, and `ceasefire check` names it.

Each mutation is one that could happen: a hand in the data, in a page, in the results or in the
plan; another machine's last digits; another version's larger ones.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluation.check import Verdict, check_study
from evaluation.check.verdict import check_now
from evaluation.cli import main
from evaluation.study.evidence import Evidence, dumps, load_evidence, loads

PROJECT = Path(__file__).parents[1]
SLUG = "boston"
DATA = "data/public/boston_homicide.csv"
RESULTS, PAGE, LOCK = (
    f"reports/{SLUG}/{name}" for name in ("results.json", "index.html", "lock.json")
)
PLAN, CHANGES = f"analyses/{SLUG}/plan.toml", f"analyses/{SLUG}/changes.toml"
pytestmark = pytest.mark.usefixtures("run_once")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One study, accepted, with what its run kept."""
    root = tmp_path_factory.mktemp("accepted")
    for name in ("data/public", f"analyses/{SLUG}", f"reports/{SLUG}"):
        shutil.copytree(PROJECT / name, root / name)
    # Without the pages on power, whose drawing would double the time; tests/test_check.py has them.
    for path in (root / LOCK, root / CHANGES, *(root / f"reports/{SLUG}").glob("power.*")):
        path.unlink(missing_ok=True)
    accepting = ["accept", SLUG, "--reason", "First results."]
    for words in (["run"], ["report"], accepting, ["check"]):
        assert main(["--root", str(root), *words]) == 0
    return root


@pytest.fixture
def root(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "project"))


def verdict(root: Path) -> Verdict:
    checked = check_now(SLUG, root=root)
    assert checked.fault is None, checked.fault
    assert checked.verdict is not None
    return checked.verdict


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, "the mutation changed nothing"
    path.write_text(after, encoding="utf-8")


def edit_json(path: Path, change: Callable[[dict], None]) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    rewrite(path, lambda _: text)


def headline(content: dict) -> dict:
    return content["outcomes"][0]["headline"]["effect"]


def noisy(root: Path, size: float) -> Evidence:
    """The results of a run whose every number is off by this share, up and down in turn."""
    turns = iter(range(10**9))

    def shaken(value: object) -> object:
        if isinstance(value, dict):
            return {key: shaken(item) for key, item in value.items()}
        if isinstance(value, list):
            return [shaken(item) for item in value]
        if isinstance(value, float):
            return value * (1 + size * (-1) ** next(turns))
        return value

    return loads(json.dumps(shaken(json.loads((root / RESULTS).read_text(encoding="utf-8")))))


def test_nothing_changed_reproduces(root):
    assert str(verdict(root)) == "boston: reproduces"
    assert not verdict(root).sentence_changes and not verdict(root).grade_changes


def test_one_data_cell_fails_and_names_the_file_as_cause(root):
    def one_more(text: str) -> str:
        lines = text.splitlines(keepends=True)
        cells = lines[60].split(",")
        column = lines[0].split(",").index("homicides")
        cells[column] = str(int(cells[column]) + 3)
        return "".join([*lines[:60], ",".join(cells), *lines[61:]])

    rewrite(root / DATA, one_more)
    found = verdict(root)
    assert found.cause == f"data file {DATA}"
    assert found.differences[0].kind == "data"
    assert str(found.differences[0]) == f"{DATA} is not what was accepted"
    moved = next(one for one in found.differences if one.kind == "results")
    assert "youth homicides effect −" in str(moved) and "standard errors" in str(moved)
    # Every number of the sentence is in it, so another estimate is another sentence.
    assert found.sentence_changes
    # Run anew, results and page are of the other data, and are still not what was accepted.
    assert main(["--root", str(root), "run"]) == 0 and main(["--root", str(root), "report"]) == 0
    after = verdict(root)
    assert after.cause == f"data file {DATA}" or "accepted" in after.cause
    assert "youth homicides, accepted −" in str(after) and f"{PAGE} is not what was acc" in str(
        after
    )


@pytest.mark.parametrize("nth", [0, 7, 40])
def test_one_digit_of_html_fails_and_names_the_line(root, nth):
    def another_digit(text: str) -> str:
        places = [i for i, sign in enumerate(text) if sign.isdigit() and text[i + 1] == "%"]
        place = places[nth]
        other = str((int(text[place]) + 1) % 10)
        return text[:place] + other + text[place + 1 :]

    before = (root / PAGE).read_text(encoding="utf-8").split("\n")
    rewrite(root / PAGE, another_digit)
    after = (root / PAGE).read_text(encoding="utf-8").split("\n")
    line = next(i for i, (a, b) in enumerate(zip(before, after, strict=True), 1) if a != b)
    (difference,) = verdict(root).differences
    assert difference.kind == "page"
    words = f"{PAGE} is not what its results render to (first difference: line {line})"
    assert difference.words == words


def test_a_renamed_key_fails_and_is_named(root):
    rewrite(root / RESULTS, lambda text: text.replace('"std_error"', '"se"'))
    found = verdict(root)
    assert "results.json is not as this version writes it" in str(found)
    assert ".se (gone)" in str(found) and ".std_error (new)" in str(found)


def test_results_that_are_no_json_are_a_difference_and_no_crash(root):
    (root / RESULTS).write_text('{"schema": 1,', encoding="utf-8")
    assert f"{RESULTS}:1:14: not valid JSON: " in str(verdict(root))


def test_noise_of_another_machine_passes_with_the_same_page(root):
    fresh = noisy(root, 1e-12)
    assert str(check_study(SLUG, root, fresh)) == "boston: reproduces"


def test_a_digit_that_rounds_the_other_way_passes(root):
    # 6 digits are kept: two machines may stand on two sides of an edge.
    fresh = loads((root / RESULTS).read_text(encoding="utf-8"))
    text = dumps(fresh)
    content = json.loads(text)
    value = headline(content)["std_error"]
    headline(content)["std_error"] = float(f"{value:.6g}") + 10 ** (-6 - (value < 0.1))
    assert check_study(SLUG, root, loads(json.dumps(content))).reproduces


def test_noise_a_reader_could_see_fails(root):
    found = check_study(SLUG, root, noisy(root, 1e-3))
    assert not found.reproduces
    # Data, plan, code and versions are those of the lock: the noise has none of these causes.
    assert found.cause == "none found in data, plan, code, versions"
    assert "youth homicides effect −" in str(found)


def test_noise_of_a_thousandth_in_the_file_fails(root):
    def change(content: dict) -> None:
        # In the digits that the program writes.
        headline(content)["estimate"] = float(f"{headline(content)['estimate'] * 1.001:.6g}")

    edit_json(root / RESULTS, change)
    found = verdict(root)
    assert found.cause == "results.json is not what was accepted"
    assert not found.reproduces


def test_a_digit_more_than_the_program_writes_is_found_at_its_line(root):
    def change(content: dict) -> None:
        headline(content)["estimate"] *= 1 + 1e-12

    edit_json(root / RESULTS, change)
    line = next(
        number
        for number, one in enumerate((root / RESULTS).read_text("utf-8").split("\n"), 1)
        if one.strip().startswith('"estimate"') and len(one.strip()) > 25
    )
    said = str(verdict(root))
    assert f"{RESULTS}:{line}:" in said and "is not as this version writes it" in said


def test_an_edit_after_freezing_is_named_and_the_report_carries_it(root):
    rewrite(root / PLAN, lambda text: text.replace("worthwhile = ", "worthwhile = 1.5 #"))
    found = verdict(root)
    assert found.cause == "plan.toml"
    assert f"{PLAN} is not what was accepted" in str(found)
    assert "plan.toml was changed after it was frozen: outcome 'homicides'.worthwhile" in str(found)
    assert main(["--root", str(root), "run"]) == 0 and main(["--root", str(root), "report"]) == 0
    page = (root / PAGE).read_text(encoding="utf-8")
    appendix = (root / PAGE).with_name("appendix.html").read_text(encoding="utf-8")
    assert "after" in page and "worthwhile" in appendix
    # Said to be right, with a reason, it is so from then on; the report keeps telling it.
    assert main(["--root", str(root), "accept", SLUG, "--reason", "A slip of the pen."]) == 0
    assert verdict(root).reproduces
    assert (root / PAGE).read_text(encoding="utf-8") == page


def first_alternative(root: Path) -> str:
    return load_evidence(SLUG, root).plan.content["alternatives"][0]["label"]


def without_first_alternative(text: str) -> str:
    before, after = text.split("[[alternatives]]", 1)
    rest = after.split("[[alternatives]]", 1)
    return before + "[[alternatives]]" + rest[1]


def test_an_alternative_taken_out_of_a_frozen_plan_is_selective_reporting(root):
    label = first_alternative(root)
    rewrite(root / PLAN, without_first_alternative)
    words = f"selective reporting: after freezing, planned alternative removed: {label!r}"
    assert words in str(verdict(root))
    assert verdict(root).differences[1].kind == "selective reporting"


def test_an_alternative_taken_out_of_results_is_selective_reporting(root):
    label = first_alternative(root)

    def drop(content: dict) -> None:
        kept = [one for one in content["outcomes"][0]["alternatives"] if one["label"] != label]
        content["outcomes"][0]["alternatives"] = kept

    edit_json(root / RESULTS, drop)
    words = f"selective reporting: the planned alternative {label!r} is not among the results for"
    assert words in str(verdict(root))


def test_an_alternative_taken_out_of_both_plans_is_another_plan_than_accepted(root):
    for name in (PLAN, f"analyses/{SLUG}/plan.frozen.toml"):
        rewrite(root / name, without_first_alternative)
    found = str(verdict(root))
    assert "plan.frozen.toml is not what was accepted" in found
    assert main(["--root", str(root), "run"]) == 0
    assert "was accepted and is no longer among the results" in str(verdict(root))


def test_a_lock_mended_by_hand_to_fit_is_found(root):
    def change(content: dict) -> None:
        content["answers"]["homicides"]["grade"] = "high"

    edit_json(root / LOCK, change)
    assert "lock.json was changed without `ceasefire accept`" in str(verdict(root))


def test_a_reason_written_over_is_found(root):
    rewrite(root / CHANGES, lambda text: text.replace("First results.", "Always so."))
    assert "name other acceptances" in str(verdict(root))


@pytest.mark.parametrize("left", [True, False])
def test_a_lock_that_is_gone_or_no_lock_is_found(root, left):
    if left:
        (root / LOCK).write_text("[]", encoding="utf-8")
        assert f"{LOCK}:1:1: must be an object in {{ }}. Made by" in str(verdict(root))
    else:
        (root / LOCK).unlink()
        assert "lock.json is not there. Run `ceasefire accept boston`." in str(verdict(root))


def test_a_page_beside_the_report_that_nobody_accepted_is_found(root):
    (root / f"reports/{SLUG}/more.html").write_text("<p>proved</p>", encoding="utf-8")
    assert f"reports/{SLUG}/more.html is no file of the program" in str(verdict(root))


def accepted_on(root: Path, monkeypatch: pytest.MonkeyPatch, **versions: str) -> None:
    """Accepts the study as a machine with these versions would have."""
    from evaluation.check import lock

    real = lock.make_lock

    def other(*words):
        made = real(*words)
        content = {**made.content, "environment": {**made.content["environment"], **versions}}
        return lock.Lock(made.slug, content)

    from evaluation.check import accept

    (root / LOCK).unlink()
    (root / CHANGES).unlink()
    with monkeypatch.context() as patched:
        patched.setattr(accept, "make_lock", other)
        assert main(["--root", str(root), "accept", SLUG, "--reason", "There."]) == 0


def test_another_version_is_named_when_numbers_moved(root, monkeypatch):
    accepted_on(root, monkeypatch, scipy="1.0.0")
    assert verdict(root).reproduces  # recorded, never compared
    found = check_study(SLUG, root, noisy(root, 1e-3))
    assert found.cause.startswith("versions (scipy 1.0.0 → ")


def test_another_matplotlib_leaves_drawings_out_and_nothing_else(root, monkeypatch):
    accepted_on(root, monkeypatch, matplotlib="3.0.1")
    assert "the drawing of figures is not compared" in str(verdict(root))
    # A drawing that is moved, in the page and in its lock, is let pass; a word is not.
    rewrite(root / PAGE, lambda text: text.replace("</svg>", "<g></g></svg>", 1))
    (difference,) = verdict(root).differences
    assert difference.words == f"{PAGE} is not what was accepted"
    rewrite(root / PAGE, lambda text: text.replace("homicides", "murders", 1))
    assert "is not what its results render to" in str(verdict(root))
