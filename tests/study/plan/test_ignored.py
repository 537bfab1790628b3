"""Nothing in a plan is accepted and ignored: a key changes the answer, is refused where it stands,
or is one of those that only tell, and is told."""

from __future__ import annotations

import functools
import tempfile
import typing
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import small_adopters
from pydantic import BaseModel
from small_city import PLAN, project, read

from evaluation import did, its
from evaluation.effect import Effect
from evaluation.errors import EvaluationError, FitError, PlanError
from evaluation.study.build.change import Change
from evaluation.study.build.cohorts import planned_cohorts
from evaluation.study.build.series import planned_series, planned_window
from evaluation.study.plan.ignored import ADJUSTING, adjusts, clusters, forecast_notes
from evaluation.study.plan.read import check_data_of, read_plan
from evaluation.study.plan.schema import Plan, PlanDid, PlanIts
from evaluation.study.plan.told import TOLD
from evaluation.study.plan.words import plan_words

CONTROLS = '[controls]\nunits = ["Salinas", "Fresno", "Modesto"]\n'
DID = PLAN.replace('"its"', '"did"').replace("[specification]\nharmonics = 1\n", CONTROLS)
# Keys that move the answer; each with a value that is not the default, alone or with what it needs.
MOVES = {
    "unit": '"Stockton"',
    "model": '"poisson"|"placebo-t"',
    "options": "{ lag = 9 }|{ exclude = 2 }",
    "intervention.start": '"2012-06"',
    "intervention.phase_in": "3",
    "intervention.washout": "2",
    "intervention.half_life": "12.0",
    "intervention.dose": '"call_ins"',
    "intervention.end": '"2014-06"',
    "intervention.treatment": '"active"',
    "controls.units": '["Fresno"]',
    "controls.outcome": '"theft"',
    "controls.weights": "[1.0, 2.0]",
    "controls.pooled": "false",
    "sites": '\nunit = "Stockton"\nstart = "2013-01"\n',
    "later": '\nname = "Relaunch"\nstart = "2014-01"\n',
    "cluster": '"jobless"',
    "weights": '"people"',
    "matched": '["knife"]',
    "window.first": '"2009-01"',
    "window.last": '"2014-12"',
    "window.before": "24",
    "window.after": "30",
    "specification.effect": '"level+slope"',
    "specification.trend": '"none"',
    "specification.season": '"periods"',
    "specification.harmonics": "2",
    "specification.offset": "false",
    "specification.covariates": '["jobless"]',
    "events.periods": "2",
    "alternatives.model": '"poisson"|"placebo-t"',
    "alternatives.options": "{ lag = 9 }|{ exclude = 2 }",
    "alternatives.controls": "false",
    "alternatives.start": '"2012-06"',
    "alternatives.effect": '"level+slope"',
    "alternatives.trend": '"none"',
    "alternatives.season": '"periods"',
    "alternatives.harmonics": "2",
    "alternatives.offset": "false",
    "alternatives.covariates": '["jobless"]',
    "alternatives.phase_in": "3",
    "alternatives.washout": "2",
    "alternatives.half_life": "12.0",
    "alternatives.leave_out": '["Fresno"]',
    "outcomes.first": '"2009-01"',
    "outcomes.last": '"2014-12"',
    "window.gaps": '"missing"',
    "adoption.table": '"data/adoption.csv"',
    "adoption.level": '"part"',
    "adoption.roles": '["adopter", "partial"]',
    "adoption.dates": '["month"]',
    "adoption.ends": '"cut"',
    "adoption.washout": '1\nends = "as written"',
    "adoption.earlier": '"leave out"',
    "adoption.controls": '"searched"',
    "adoption.start_period": '"treated"',
    "adoption.adopters": '"contaminated"',
    "alternatives.first": '"2009-01"',
    "alternatives.last": '"2014-12"',
    "alternatives.before": "24",
    "alternatives.after": "30",
    "alternatives.gaps": '"missing"',
    "alternatives.units": '["Fresno", "Modesto"]',
    "alternatives.treated": '["Oakland"]',
    "alternatives.adoption": '{ level = "part" }',
    "alternatives.weights": '"people"',
}
# Keys that move no estimate of an outcome, and what a reader is told by them.
TELLS = {
    "title": None,  # the heading of the page
    "question": '"Did it fall?"',
    "replicates": '"Braga (2001)"',
    "goal": "2",
    "margin": "5.0",
    "assignment": '"lottery"\nassignment_source = "the protocol"',
    "assignment_source": '"the protocol"\nassignment = "lottery"',
    "frozen": "2020-01-01",
    "notes": '"A note"',
    "conflicts": '"One of us worked there"',
    "outcomes.worthwhile": "12.0",
    "outcomes.better": '"higher"',
    "outcomes.primary": None,  # one outcome is the primary one whether it says so or not
    "intervention.name": '"Cure"',
    "intervention.fade": '"It fades in a year"',
    "contaminated": '\nunit = "Fresno"\nwhy = "a program of its own"\n',
    "spillover": 'allies = [["Oakland", "Fresno"]]',  # what its check and its method look at
    "unaffected": '\ncolumn = "theft"\nwhy = "Not aimed at"\n',
    "curve": 'trend = ["linear", "none"]',
    "events.what": '"A recession"',
    "events.date": '"2013-03"',
    "alternatives.label": None,  # names the row
    "alternatives.assumes": '"that nothing else changed"\nstart = "2012-06"',
}
# What is tested with the rest: the data and the design themselves, columns, tables by their keys.
WHOLE = {
    *("data", "beside", "design", "outcomes.column", "sites.unit", "sites.start", "later.name"),
    *("later.start", "later.phase_in", "later.half_life", "contaminated.unit", "contaminated.why"),
    *("unaffected.column", "unaffected.why"),
    *("families.outcomes", "families.level"),
    *(f"spillover.{key}" for key in ("alliance", "allies", "rivals", "place", "rings")),
    *(f"curve.{key}" for key in ("trend", "season", "harmonics", "effect", "phase_in", "washout")),
    *(f"curve.{key}" for key in ("start", "before", "after", "first", "methods", "controls")),
    *(f"curve.{key}" for key in ("last", "adopters", "gaps", "leave_out")),
}
# Keys that need a table of adoption, or data with gaps; of comparisons only.
BY_YEAR = {
    *(key for key in MOVES if key.startswith("adoption.")),
    *(f"alternatives.{key}" for key in ("gaps", "treated", "adoption")),
    "window.gaps",
}
EVERY = small_adopters.EVERY.replace('gaps = "missing"', 'gaps = "leave out"')
# Before the first gap.
ONE = small_adopters.ONE.replace("2012", "2007")
LISTS = ("outcomes", "alternatives", "events", "sites", "later", "contaminated", "unaffected")


def keys(model: type[BaseModel], above: str = "") -> Iterator[str]:
    """Every key of a plan, its tables gone into."""
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}"
        inner = [one for one in _models(field.annotation) if one is not model]
        if inner and not above:
            yield from keys(inner[0], f"{key}.")
        else:
            yield key


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [one for part in typing.get_args(annotation) for one in _models(part)]


def with_key(plan: str, key: str, value: str) -> str:
    """The plan with one more key; a list of tables gets a table."""
    table, _, name = key.rpartition(".")
    if key in ("sites", "later", "contaminated", "unaffected"):
        return f"{plan}[[{key}]]{value}"
    if key in ("spillover", "curve"):
        return f"{plan}[{key}]\n{value}\n"
    if table in ("alternatives", "events"):
        own = {"alternatives": 'label = "A"', "events": 'date = "2011-03"\nwhat = "A strike"'}
        rest = "\n".join(line for line in own[table].split("\n") if not line.startswith(name))
        return f"{plan}[[{table}]]\n{rest}\n{name} = {value}\n"
    lines = plan.split("\n")
    header = f"[[{table}]]" if table in LISTS else f"[{table}]"
    begin = lines.index(header) + 1 if table and header in lines else 0
    if table and header not in lines:
        return f"{plan}{header}\n{name} = {value}\n"
    end = next((i for i in range(begin, len(lines)) if lines[i].startswith("[")), len(lines))
    kept = [line for line in lines[begin:end] if not line.startswith(f"{name} =")]
    return "\n".join([*lines[:begin], f"{name} = {value}", *kept, *lines[end:]])


def headline(plan: Plan, panel) -> Effect:
    """The answer about the first outcome."""
    column = plan.outcomes[0].column
    if plan.design == "its":
        method = its.METHODS[plan.method("count")].set_to(plan.options)
        return method.fit(planned_series(plan, panel, column, planned_window(plan, panel, column)))
    cohorts = planned_cohorts(plan, panel, column)
    method = did.METHODS[plan.model] if plan.model else did.default(cohorts)
    return method.set_to(plan.options).fit(cohorts)


def alternative(plan: Plan, panel) -> Effect:
    """The first planned alternative about the first outcome."""
    entry, column = plan.alternatives[0], plan.outcomes[0].column
    options = plan.alternative_options(entry)
    if plan.design == "its":
        method = its.METHODS[plan.alternative_method(entry, "count")].set_to(options)
        window = planned_window(plan, panel, column)
        return method.fit(planned_series(plan, panel, column, window, Change(entry)))
    cohorts = planned_cohorts(plan, panel, column, Change(entry))
    name = entry.model or plan.model or did.default(cohorts).name
    return did.METHODS[name].set_to(options).fit(cohorts)


def numbers(effect: Effect) -> tuple[float, ...]:
    return tuple(round(one, 9) for one in (effect.estimate, effect.std_error, effect.p_value))


def growing(root: Path) -> None:
    """Cities that grow at different rates: in one that keeps its size dividing changes nothing."""
    path = root / "data" / "city.csv"
    first, *rows = path.read_text().splitlines()
    cells = [row.split(",") for row in rows]
    at = first.split(",").index("people")
    for number, row in enumerate(cells):
        row[at] = str(int(row[at]) + 1000 * (number % 96) * (1 + len(row[0]) % 3))
    path.write_text("\n".join([first, *map(",".join, cells)]) + "\n")


def checked(root: Path, plan: str):
    """The plan and the data of growing cities, each checked against the other; of cities by year
    where the plan is about those."""
    slug = "cities" if "data/cities.csv" in plan else "city"
    if slug == "cities":
        small_adopters.project(root, plan)
    else:
        growing(project(root, plan))
    plan_file = read_plan(slug, root)
    panel = check_data_of(plan_file, root)
    assert panel is not None
    return plan_file, panel


@functools.cache
def answered(plan: str) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The numbers and the words of a plan that several keys are added to."""
    with tempfile.TemporaryDirectory() as folder:
        plan_file, panel = checked(Path(folder), plan)
        return numbers(headline(plan_file.plan, panel)), plan_words(plan_file.plan, panel)


def of(design: str, key: str) -> str:
    """A plan of the design that is otherwise as the key needs it."""
    if design == "did" and key in BY_YEAR:
        if key == "adoption.table":
            return ONE.replace('[adoption]\ntable = "data/adoption.csv"\n', "")
        return ONE if key == "adoption.adopters" else EVERY
    plan = PLAN if design == "its" else DID
    if key.startswith("controls.weights") or key == "controls.pooled":
        plan = PLAN + '[controls]\nunits = ["Fresno", "Modesto"]\n' if design == "its" else DID
    if key == "alternatives.controls" and design == "its":
        plan = PLAN + CONTROLS
    if key.endswith("options") and design == "its":
        plan = with_key(plan, "model", '"newey-west"')
    return plan


def test_every_key_of_a_plan_is_in_a_table_here():
    tested = {*MOVES, *TELLS, *WHOLE}
    found = {
        key for model in (PlanIts, PlanDid) for key in keys(model) if key.split(".")[0] not in TOLD
    }
    # Tables of which the whole is tested stand in the tables by their own name.
    tables = {"sites", "later", "spillover", "contaminated", "unaffected", "curve"}
    assert found - tested == set()
    assert tested - found <= tables


@pytest.mark.parametrize("design", ["its", "did"])
@pytest.mark.parametrize("key", MOVES)
def test_a_key_that_should_move_the_answer_does_or_is_refused(key, design, tmp_path: Path):
    base = of(design, key)
    value = MOVES[key].split("|")[-1 if design == "did" else 0]
    before, words = answered(base)
    try:
        changed, panel = checked(tmp_path / "with", with_key(base, key, value))
    except PlanError as fault:
        assert "plan.toml:" in str(fault)
        return
    answer = alternative if key.startswith("alternatives.") else headline
    # A series without gaps is the same with them missing; test_planned_gaps.py has one with gaps.
    if (design, key) != ("its", "window.gaps"):
        assert numbers(answer(changed.plan, panel)) != before
    assert plan_words(changed.plan, panel) != words


@pytest.mark.parametrize("design", ["its", "did"])
@pytest.mark.parametrize("key", [key for key, value in TELLS.items() if value is not None])
def test_a_key_that_only_tells_is_told_or_refused(key, design, tmp_path: Path):
    base = PLAN if design == "its" else DID
    plan_file, panel = read(tmp_path / "base", base)
    try:
        changed, panel = read(tmp_path / "with", with_key(base, key, str(TELLS[key])))
    except PlanError as fault:
        assert "plan.toml:" in str(fault)
        return
    assert plan_words(changed.plan, panel) != plan_words(plan_file.plan, panel)


@pytest.mark.parametrize("offset", [None, True, False])
@pytest.mark.parametrize("design", ["its", "did"])
@pytest.mark.parametrize("column", ["gun", "trust"])
def test_only_counts_are_divided_by_residents_unless_the_plan_asks(
    column, design, offset, tmp_path: Path
):
    base = (PLAN if design == "its" else DID).replace('"gun"', f'"{column}"')
    if offset is not None:
        base = with_key(base, "specification.offset", str(offset).lower())
    plan_file, panel = read(tmp_path, base)
    plan = plan_file.plan
    divided = column == "gun" if offset is None else offset
    if design == "did":
        assert (planned_cohorts(plan, panel, column).exposure is not None) is divided
    else:
        series = planned_series(plan, panel, column, planned_window(plan, panel))
        assert bool(series.log_offset.any()) is divided
    words = [one for one in plan_words(plan, panel) if " by people" in one]
    why = ", as the plan asks" if offset is not None else ", since it is "
    assert len(words) == 1 and why in words[0]
    assert ("not divided" in words[0]) is not divided


@pytest.mark.parametrize("where", ["specification", "alternatives"])
@pytest.mark.parametrize("design", ["its", "did"])
def test_a_division_without_an_exposure_is_refused_where_it_is_asked(where, design, tmp_path):
    base = PLAN if design == "its" else DID
    root = project(tmp_path, with_key(base, f"{where}.offset", "true"))
    described = root / "data" / "city.dataset.toml"
    described.write_text(described.read_text().replace('role = "exposure"', 'role = "covariate"'))
    with pytest.raises(PlanError, match=r"plan\.toml:\d+:\d+: .*nothing to divide by"):
        check_data_of(read_plan("city", root), root)


def panel_of(kind: str, *, covariate: bool = False, pairs: bool = False) -> did.Cohorts:
    """Sixteen units, half of them treated (or one, where a method is for one), with a covariate."""
    source = np.random.default_rng(8)
    y = source.poisson(30, (16, 12)).astype(float)
    first = np.full(16, np.inf)
    first[:8] = 6
    return did.Cohorts.from_arrays(
        y,
        first,
        kind=kind,
        covariates={"poverty": np.arange(16.0) % 5} if covariate else None,
        cluster=[row // 2 for row in range(16)] if pairs else None,
    )


def tried(method: did.Method, cohorts: did.Cohorts) -> tuple[float, ...] | None:
    if method.treated == "one unit" or method.name in ("synthetic-control", "augmented-control"):
        cohorts = replace(cohorts, first=np.where(np.arange(16) == 0, 6.0, np.inf))
    try:
        effect = method.lighter(20).fit(cohorts)
    except EvaluationError:
        return None
    return (*numbers(effect), round(effect.high, 9))


@pytest.mark.parametrize("name", did.METHODS)
def test_a_method_uses_covariates_and_clusters_where_its_row_says_so(name):
    method = did.METHODS[name]
    kind = "count" if "count" in method.kinds else "continuous"
    plain = tried(method, panel_of(kind))
    if plain is None:
        # Needs what this panel has not: settings that name its covariates, say.
        assert adjusts(name, {}), name
        return
    with_covariate = tried(method, panel_of(kind, covariate=True))
    assert (with_covariate != plain) is adjusts(name, {})
    in_pairs = tried(method, panel_of(kind, pairs=True))
    assert (in_pairs != plain) is clusters(name)


def test_the_message_names_methods_that_adjust():
    assert all(name in str(ADJUSTING) for name in did.METHODS if name in ("callaway-santanna",))
    with pytest.raises(FitError):
        did.METHODS["synthetic-control"].set_to({"match": 3})


@pytest.mark.parametrize("key", ["effect", "half_life", "dose"])
def test_a_forecast_is_refused_a_shape_of_the_effect_or_says_that_it_has_none(key, tmp_path):
    table = "specification" if key == "effect" else "intervention"
    value = MOVES[f"{table}.{key}"]
    with pytest.raises(PlanError, match="forecasts the time before"):
        read(tmp_path, with_key(with_key(PLAN, "model", '"structural"'), f"{table}.{key}", value))
    inherited = with_key(PLAN, f"{table}.{key}", value)
    plan = read(tmp_path, inherited + '[[alternatives]]\nlabel = "A"\nmodel = "structural"\n')[0]
    entry = plan.plan.alternatives[0]
    specification = plan.plan.alternative_specification(entry)
    dose = plan.plan.intervention.dose
    assert forecast_notes(specification, dose, "structural")
    assert not forecast_notes(specification, dose, "poisson")
