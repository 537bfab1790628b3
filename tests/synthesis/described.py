"""Committed results with what the description of their data says today of columns and places."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evaluation.data.description import read_description
from evaluation.data.record_description import describes_records, read_record_description
from evaluation.study.build.people import as_columns
from evaluation.study.evidence import Evidence, load_evidence

ROOT = Path(__file__).parents[2]


def described(slug: str) -> Evidence:
    """The results of a study of this project, its columns and its place as described now."""
    evidence = load_evidence(slug, ROOT)
    origin = evidence.data.provenance
    data, beside = ROOT / origin.file, ROOT / origin.description_file
    if describes_records(data):
        found = read_record_description(beside, origin.description_file, data.name)
        columns = {column.name: column for column in as_columns(found)}
        place, places = found.place, ()
    else:
        panel = read_description(beside, origin.description_file, data.name)
        columns = {column.name: column for column in panel.columns}
        place, places = panel.place, tuple(panel.places.items())
    return replace(
        evidence,
        data=replace(
            evidence.data,
            columns=tuple(columns[column.name] for column in evidence.data.columns),
            provenance=replace(origin, place=place, places=places),
        ),
    )
