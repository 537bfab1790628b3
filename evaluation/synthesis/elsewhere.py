"""What is published about focused deterrence elsewhere, counted and pooled where that is allowed,
with this project's own results beside it: the numbers of `reports/elsewhere.html`, and their one
written form, `reports/elsewhere.json`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp
from pathlib import Path
from statistics import NormalDist

from evaluation.data.on_record import ON_RECORD, OnRecord, Recorded, RecordTable, read_on_record
from evaluation.data.project import Project, read_project
from evaluation.data.published import PUBLISHED as TABLE
from evaluation.data.published import Published, PublishedTable, read_published
from evaluation.data.published_cells import APPROACHES, FAMILIES, RISE_HOPED
from evaluation.effect import Interval
from evaluation.errors import DataError, FitError
from evaluation.study.evidence import Evidence, OutcomeEvidence
from evaluation.study.outcome_kinds import family_of
from evaluation.study.read_back import read_versioned
from evaluation.study.written import versioned
from evaluation.synthesis.built_in import Tested, against_truth, read_built_in
from evaluation.synthesis.dependent import PooledLevels, pooled_levels
from evaluation.synthesis.designs import agreements
from evaluation.synthesis.goals import Speaks, by_goal
from evaluation.synthesis.pooled import Pooled, pooled
from evaluation.synthesis.result import (
    Agreement,
    Elsewhere,
    Family,
    Mean,
    Own,
    Records,
    Tally,
    Told,
)
from evaluation.synthesis.same import clusters, place_ids
from evaluation.synthesis.studies import LOGS, Result, from_evidence, from_published, sites_of

FILE = "elsewhere.json"
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
    DataError : for faults in the tables or in `ceasefire.toml`, which says what is home.
    """
    project = read_project(root)
    records = read_on_record(root / ON_RECORD, root) if (root / ON_RECORD).is_file() else None
    table = read_published(root / TABLE, root)
    return dumps(elsewhere(table, evidences, home=project, on_record=records))


@dataclass(frozen=True, slots=True)
class Together:
    """What the pages over all studies need beside them.

    Parameters
    ----------
    agreements : how designs agree, goal by goal. speaks : by goal, which outcome speaks for it.
    tests : outcomes of invented data beside what was built in. elsewhere : what is published, as
        its file holds it, or None. numbers : files by their name in `reports/`.
    """

    agreements: tuple[Agreement, ...] = ()
    speaks: Mapping[int, Speaks] = field(default_factory=dict)
    tests: tuple[Tested, ...] = ()
    elsewhere: Elsewhere | None = None
    numbers: Mapping[str, str] = field(default_factory=dict)


def for_site(evidences: Sequence[Evidence], root: Path) -> Together:
    """What the pages over all studies need beside them.

    Parameters
    ----------
    evidences : as results.json holds them.

    Raises
    ------
    DataError : as `computed`.
    """
    together = Together(
        agreements=tuple(agreements(evidences)),
        speaks=by_goal(evidences, read_project(root).place_id),
        tests=against_truth(evidences, read_built_in(root)),
    )
    if not has_published(root):
        return together
    text = computed(evidences, root)
    return replace(together, elsewhere=loads(text), numbers={FILE: text})


def elsewhere(
    table: PublishedTable,
    evidences: Sequence[Evidence] = (),
    *,
    home: Project | None = None,
    on_record: RecordTable | None = None,
) -> Elsewhere:
    """What is published, what can be made of it, and this project's own results beside it.

    Results about the place of the project `home` are kept out of counts and means, so that it can
    be compared with them; they are known by the id of their site. So are results of programs that
    are not focused deterrence, and the outcomes of which a rise is hoped for are not counted among
    the falls. What is `on_record` is no result and enters nothing. Invented studies are left out.

    Raises
    ------
    DataError : for a table of invented results, which are no evidence about any place.
    """
    for origin in (table.provenance, *(one.provenance for one in (on_record,) if one)):
        if origin.sensitivity == "synthetic":
            raise DataError(
                f"{origin.file}: holds invented results, which cannot be shown as published. "
                "Name a table of real ones."
            )
    project = home or Project()
    here = project.place_id
    away = [row for row in _counted(table.results, table, here) if row.family != RISE_HOPED]
    names = [name for name in FAMILIES if any(row.family == name for row in table.results)]
    return Elsewhere(
        home=project.names.place,
        home_id=here,
        file=table.provenance.file,
        sha256=table.provenance.sha256,
        source=table.provenance.source,
        licence=table.provenance.licence,
        tally=_tally(away, table),
        families=tuple(_family(table, name, here) for name in names),
        results=tuple(_told(row, table) for name in names for row in table.of(name)),
        own=tuple(_own(evidences)),
        records=None if on_record is None else _records(on_record),
    )


def _records(table: RecordTable) -> Records:
    return Records(
        file=table.provenance.file,
        sha256=table.provenance.sha256,
        source=table.provenance.source,
        rows=tuple(_recorded(row) for row in table.rows),
    )


def _recorded(row: OnRecord) -> Recorded:
    return Recorded(**{name: getattr(row, name) for name in Recorded.__dataclass_fields__})


def _counted(rows: Sequence[Published], table: PublishedTable, home: str) -> list[Published]:
    """The results of focused deterrence in other places."""
    return [row for row in rows if row.counted and not _at(row.site, table, home)]


def _at(site: str, table: PublishedTable, place: str) -> bool:
    """Whether the table declares a site to be the place of this id."""
    return bool(place) and table.provenance.place_of(site) == place


def _family(table: PublishedTable, name: str, home: str) -> Family:
    rows = _counted(table.of(name), table, home)
    results = tuple(one for one in from_published(table, name) if not _at(one.site, table, home))
    drawn = (row for row in table.of(name) if row.approach in APPROACHES[:2])
    scale = next((row.scale for row in drawn if row.effect is not None), "")
    mean, reason = _mean(results)
    return Family(name, scale, scale in LOGS, _tally(rows, table), mean, reason)


def _mean(results: Sequence[Result]) -> tuple[Mean | None, str]:
    """The pooled effect, or why there is none: of sites with one result each, or with several."""
    usable = [one for one in results if not one.obstacle]
    try:
        if len(set(sites_of(usable))) < len(usable):
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
        goal=row.goal,
        approach=row.approach,
        evaluators_part=row.evaluators_part,
        part_why=row.part_why,
        follow_up=row.follow_up,
    )


def _span(row: Published) -> Interval | None:
    """The 95 % range, estimate plus and minus normal quantiles of the error; None without one."""
    if row.estimate is None or row.std_error is None:
        return None
    ends = (row.estimate + sign * _Z * row.std_error for sign in (0, -1, 1))
    if row.scale in LOGS:
        return Interval(*(100 * (exp(value) - 1) for value in ends))
    return Interval(*ends)


def _tally(rows: Sequence[Published], table: PublishedTable) -> Tally:
    found = [row.found for row in rows]
    ids = [table.provenance.place_of(row.site) for row in rows]
    named = [((place,) if place else (), row.site) for place, row in zip(ids, rows, strict=True)]
    sites = clusters(named)
    # A place is called what its first row calls it.
    called: dict[int, str] = {}
    for site, row in zip(sites, rows, strict=True):
        called.setdefault(site, row.site)
    ranged = {site for site, row in zip(sites, rows, strict=True) if not row.obstacle}
    return Tally(
        results=len(rows),
        sites=len(called),
        fell=found.count("fell"),
        rose=found.count("rose"),
        no_effect=found.count("no effect found"),
        short_lived=found.count("short-lived"),
        unclear=found.count("unclear"),
        numbered=sum(row.effect is not None for row in rows),
        falls_numbered=sum(row.effect is not None and row.found == "fell" for row in rows),
        with_error=sum(not row.obstacle for row in rows),
        error_sites=tuple(sorted(called[site] for site in ranged)),
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
        place_id=(place := study.data.provenance.place_of(study.data.unit)),
        places=() if place else place_ids(study),
    )


SCHEMA = 1


def dumps(found: Elsewhere) -> str:
    """The canonical text: sorted keys, 6 significant digits, no NaN, one final newline."""
    return versioned(found, SCHEMA)


def loads(text: str) -> Elsewhere:
    """The same from its canonical text; `dumps(loads(text)) == text`.

    Raises
    ------
    DataError : when the text is not one that this version wrote.
    """
    return read_versioned(Elsewhere, text, schema=SCHEMA, file="elsewhere.json", again="report")
