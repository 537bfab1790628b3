"""What is published about focused deterrence elsewhere, counted and pooled where that is allowed,
with this project's own results beside it: the numbers of `reports/elsewhere.html`."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp
from pathlib import Path
from statistics import NormalDist

from evaluation.data.project import Project, read_project
from evaluation.data.published import Published, PublishedTable, read_published
from evaluation.data.published_cells import FAMILIES
from evaluation.effect import Interval
from evaluation.errors import DataError, FitError
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.synthesis.dependent import PooledLevels, pooled_levels
from evaluation.synthesis.designs import agreements
from evaluation.synthesis.pooled import Pooled, pooled
from evaluation.synthesis.record import dumps, loads
from evaluation.synthesis.result import Agreement, Elsewhere, Family, Mean, Own, Tally, Told
from evaluation.synthesis.studies import LOGS, Result, from_evidence, from_published

TABLE, FILE = "data/public/focused_deterrence.csv", "elsewhere.json"
_Z = NormalDist().inv_cdf(0.975)


def has_published(root: Path) -> bool:
    """Whether the table of published results is there."""
    return (root / TABLE).is_file()


def computed(evidences: Sequence[Evidence], root: Path) -> str:
    """The text of `reports/elsewhere.json`.

    Parameters
    ----------
    evidences : studies with results, as results.json holds them.

    Raises
    ------
    DataError : for faults in the table or in `ceasefire.toml`, which says what is home.
    """
    project = read_project(root)
    return dumps(elsewhere(read_published(root / TABLE, root), evidences, home=project))


def for_site(
    evidences: Sequence[Evidence], root: Path
) -> tuple[dict[str, str], tuple[Agreement, ...], Elsewhere | None]:
    """What the front page needs beside the studies: files with numbers by their name in `reports/`,
    how designs agree goal by goal, and what is published elsewhere as its file holds it, or None.

    Raises
    ------
    DataError : as `computed`.
    """
    together = tuple(agreements(evidences))
    if not has_published(root):
        return {}, together, None
    text = computed(evidences, root)
    return {FILE: text}, together, loads(text)


def elsewhere(
    table: PublishedTable, evidences: Sequence[Evidence] = (), *, home: Project | None = None
) -> Elsewhere:
    """What is published, what can be made of it, and this project's own results beside it.

    Results about the place of the project `home` are kept out of counts and means, so that it can
    be compared with them; they are known by the id of their site. Invented studies are left out.

    Raises
    ------
    DataError : for a table of invented results, which are no evidence about any place.
    """
    if table.provenance.sensitivity == "synthetic":
        raise DataError(
            f"{table.provenance.file}: holds invented results, which cannot be shown as published. "
            "Name a table of real ones."
        )
    project = home or Project()
    here = project.place_id
    away = [row for row in table.results if not _at(row.site, table, here)]
    names = [name for name in FAMILIES if any(row.family == name for row in table.results)]
    return Elsewhere(
        home=project.names.place,
        home_id=here,
        file=table.provenance.file,
        sha256=table.provenance.sha256,
        source=table.provenance.source,
        licence=table.provenance.licence,
        tally=_tally(away),
        families=tuple(_family(table, name, here) for name in names),
        results=tuple(_told(row, table) for name in names for row in table.of(name)),
        own=tuple(_own(evidences)),
    )


def _at(site: str, table: PublishedTable, place: str) -> bool:
    """Whether the table declares a site to be the place of this id."""
    return bool(place) and table.provenance.place_of(site) == place


def _family(table: PublishedTable, name: str, home: str) -> Family:
    rows = [row for row in table.of(name) if not _at(row.site, table, home)]
    results = tuple(one for one in from_published(table, name) if not _at(one.site, table, home))
    scale = next((row.scale for row in table.of(name) if row.effect is not None), "")
    mean, reason = _mean(results)
    return Family(name, scale, scale in LOGS, _tally(rows), mean, reason)


def _mean(results: Sequence[Result]) -> tuple[Mean | None, str]:
    """The pooled effect, or why there is none: of sites with one result each, or with several."""
    usable = [one.site for one in results if not one.obstacle]
    try:
        if len(set(usable)) < len(usable):
            return _of_several(pooled_levels(results)), ""
        return _of_one(pooled(results)), ""
    except FitError as reason:
        return None, str(reason)


def _of_one(found: Pooled) -> Mean:
    return Mean(
        k=found.k,
        sites=found.k,
        several=False,
        effect=found.percent or Interval(found.estimate, found.low, found.high),
        prediction=found.prediction_percent or found.prediction,
        tau2=found.tau2,
        tau2_low=found.tau2_low,
        tau2_high=found.tau2_high,
        i2=found.i2,
        words=f"{found.method}; {found.test_words}",
        beside=tuple(
            (way.name, way.percent or Interval(way.estimate, way.low, way.high))
            for way in found.beside
        ),
        notes=found.notes,
    )


def _of_several(found: PooledLevels) -> Mean:
    between = found.between_sites
    return Mean(
        k=found.k,
        sites=found.sites,
        several=True,
        effect=found.percent or Interval(found.estimate, found.low, found.high),
        prediction=None,
        tau2=between.estimate,
        tau2_low=between.low,
        tau2_high=between.high,
        i2=found.share_between,
        words="three levels; errors robust to dependence within a site (CR2, Satterthwaite)",
        beside=(),
        notes=found.notes,
    )


def _told(row: Published, table: PublishedTable) -> Told:
    logs = row.scale in LOGS
    return Told(
        study=row.study,
        site=row.site,
        program=row.program,
        years=row.years,
        design=row.design,
        unit=row.unit,
        outcome=row.outcome,
        family=row.family,
        measure=row.measure,
        effect=row.effect,
        low=row.low,
        high=row.high,
        level=row.level,
        p_value=row.p_value,
        shown=row.percent if logs else row.effect,
        span=_span(row),
        se_source=row.se_source,
        found=row.found,
        source=row.source,
        read_in=row.read_in,
        page=row.page,
        certainty=row.certainty,
        note=row.note,
        obstacle=row.obstacle,
        place_id=table.provenance.place_of(row.site),
    )


def _span(row: Published) -> Interval | None:
    """The 95 % range, estimate plus and minus normal quantiles of the error; None without one."""
    if row.estimate is None or row.std_error is None:
        return None
    ends = (row.estimate + sign * _Z * row.std_error for sign in (0, -1, 1))
    if row.scale in LOGS:
        return Interval(*(100 * (exp(value) - 1) for value in ends))
    return Interval(*ends)


def _tally(rows: Sequence[Published]) -> Tally:
    found = [row.found for row in rows]
    return Tally(
        results=len(rows),
        sites=len({row.site for row in rows}),
        fell=found.count("fell"),
        rose=found.count("rose"),
        no_effect=found.count("no effect found"),
        short_lived=found.count("short-lived"),
        unclear=found.count("unclear"),
        numbered=sum(row.effect is not None for row in rows),
        falls_numbered=sum(row.effect is not None and row.found == "fell" for row in rows),
        with_error=sum(not row.obstacle for row in rows),
        error_sites=tuple(sorted({row.site for row in rows if not row.obstacle})),
    )


def _own(evidences: Sequence[Evidence]) -> list[Own]:
    """The primary outcomes of real studies that belong with a family."""
    return [
        _owned(study, outcome, family)
        for study in sorted(evidences, key=lambda one: one.slug)
        if study.data.provenance.sensitivity != "synthetic"
        for outcome in study.outcomes
        if outcome.primary and (family := family_of(study, outcome))
    ]


def _owned(study: Evidence, outcome: OutcomeEvidence, family: str) -> Own:
    effect = outcome.headline.effect
    return Own(
        study=study.slug,
        title=study.title,
        place=study.data.unit,
        outcome=outcome.label,
        family=family,
        percent=None if effect is None else effect.percent,
        grade=outcome.grade.level,
        first=study.data.first,
        last=study.data.last,
        reason=from_evidence(study, outcome.column, family=family).obstacle,
        place_id=study.data.provenance.place_of(study.data.unit),
    )


def family_of(study: Evidence, outcome: OutcomeEvidence) -> str:
    """The family of published outcomes with which one of ours is declared to belong, or ""."""
    found = {
        column.family
        for column in study.data.columns
        if outcome.column in (column.name, column.scale)
    }
    # Questions of one scale that belong with different results belong, together, with none.
    return found.pop() if len(found) == 1 else ""
