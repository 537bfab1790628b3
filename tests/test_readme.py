"""What the README and the pages that it leads to show works as shown."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from evaluation import cli, did, survey
from evaluation.data.description import read_description
from evaluation.individual import methods as people_methods
from evaluation.its import METHODS
from evaluation.method import Method
from evaluation.study.plan.read import read_plan

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCS = ROOT / "docs"
(DATASET,) = re.findall(
    r"```toml dataset\n(.*?)```", (DOCS / "reference/data.md").read_text("utf-8"), re.DOTALL
)
(PLAN,) = re.findall(
    r"```toml plan\n(.*?)```", (DOCS / "reference/plans.md").read_text("utf-8"), re.DOTALL
)


def test_dataset_example_has_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "shootings.dataset.toml"
    path.write_text(DATASET, encoding="utf-8")
    description = read_description(path, path.name, "shootings.csv")
    assert [column.name for column in description.columns] == [
        "city",
        "month",
        "gun_homicides",
        "population",
    ]
    assert len(description.recording_changes) == 1


def test_plan_example_has_no_fault(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "synthetic", tmp_path / "data" / "synthetic")
    folder = tmp_path / "analyses" / "example"
    folder.mkdir(parents=True)
    (folder / "plan.toml").write_text(PLAN, encoding="utf-8")
    plan = read_plan("example", tmp_path).plan
    assert [alternative.label for alternative in plan.alternatives] == [
        "Immediate change",
        "Negative binomial",
    ]


def by(method: Method) -> str:
    """The library whose numbers those of a method are, as a table names it after the method."""
    return f" ({method.engine})" if method.engine else ""


def test_methods_table_names_every_method_with_its_library_and_coverage() -> None:
    page = (DOCS / "methods/series.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([a-z0-9-]+)`([^|]*) \|[^|]*\| ([^|]*) \|", page, re.MULTILINE)
    assert {name for name, _, _ in table} == set(METHODS)
    for name, after, coverage in table:
        assert after.replace(" (default)", "") == by(METHODS[name]), name
        assert coverage.startswith(METHODS[name].coverage.split(";")[0]), name


def test_page_on_comparisons_names_every_method_with_its_library_coverage_and_settings() -> None:
    page = (DOCS / "methods/did_methods.md").read_text(encoding="utf-8")
    for name, method in did.METHODS.items():
        treated = f"| `{name}`{by(method)} | {method.label} | {method.treated} |"
        assert treated in page
        assert f"| {method.coverage} | {method.assumes} |" in page
        if method.options:
            assert f"| `{name}` | {', '.join(f'`{one}`' for one in method.options)} |" in page


def test_page_on_people_and_surveys_names_every_method_with_its_coverage_and_settings() -> None:
    page = (DOCS / "methods/people_and_survey_methods.md").read_text(encoding="utf-8")
    for name, method in people_methods.METHODS.items():
        (row,) = re.findall(rf"^\| `{name}`[^|]*\| [A-Z].*$", page, re.MULTILINE)
        assert f"| {method.label} |" in row
        assert row.endswith(f"| {method.coverage} | {method.assumes} |")
        settings = ", ".join(f"`{one}`" for one in method.options)
        assert not settings or f"| `{name}` | {settings} |" in page
    for name, method in survey.METHODS.items():
        assert f"| `{name}` | {method.label} | {method.coverage} | {method.assumes} |" in page


def test_every_method_has_an_equation_when_not_to_use_it_and_a_source() -> None:
    text = "\n".join(
        (DOCS / f"methods/{name}.md").read_text(encoding="utf-8")
        for name in ("equations", "alternatives")
    )
    # An entry of a list or a section, from its name to the next one.
    parts = [" ".join(part.split()) for part in re.split(r"\n(?=- `|### |## )", text)]
    source = re.compile(r"\(\d{4}[,)]|\d{4}\)|[Tt]his project|Student's t|said there")
    for name in (*METHODS, *did.METHODS, *people_methods.METHODS, *survey.METHODS):
        told = [part for part in parts if f"`{name}`" in part and "**Not for**" in part]
        assert any(source.search(part) for part in told), name


def test_command_table_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    verbs = re.findall(r"^    ([a-z]+)  ", capsys.readouterr().out, re.MULTILINE)
    assert len(verbs) >= 7
    page = (DOCS / "reference/commands.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `ceasefire ([a-z]+)", page, re.MULTILINE) == verbs


def test_readme_is_one_page_and_its_picture_says_what_the_front_page_says() -> None:
    assert len(README.splitlines()) <= 80
    alt, target = re.findall(r"!\[([^]]*)\]\(([^)]*)\)", README)[0]
    assert 10_000 < (ROOT / target).stat().st_size < 200_000
    front = (ROOT / "reports" / "index.html").read_text(encoding="utf-8")
    words = re.sub(r"<[^>]*>|&[a-z]+;", " ", front)
    for number in re.findall(r"\d+", alt):
        assert re.search(rf"\b{number}\b", words), number


def named_in(path: Path) -> set[str]:
    """Pages and tables of `docs/` that a file names, by their names."""
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r"(?<![\w/.-])docs/([\w/-]+\.(?:md|csv|svg|png))", text))


@pytest.mark.parametrize(
    "folder", ["evaluation", "benchmarks", "tests", "docs", "README.md", "CONTRIBUTING.md"]
)
def test_what_is_named_of_the_documentation_is_there(folder: str) -> None:
    place = ROOT / folder
    files = [place] if place.is_file() else [*place.rglob("*.py"), *place.rglob("*.md")]
    assert files
    for path in files:
        if path != Path(__file__):
            missing = {name for name in named_in(path) if not (DOCS / name).is_file()}
            assert not missing, (path, missing)


def test_no_page_of_the_documentation_has_the_name_of_another() -> None:
    # Comments name a page without its folder.
    names = [path.name for path in DOCS.rglob("*/*.md") if path.name != "index.md"]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "page", [*sorted(DOCS.rglob("*.md")), ROOT / "README.md"], ids=lambda one: one.name
)
def test_links_lead_to_files(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).is_file()] == []
