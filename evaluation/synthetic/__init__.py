"""Invented datasets with a known truth, written anew byte for byte.

The door is `simulate`, here; a file a world.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evaluation.data.toml_places import did_you_mean
from evaluation.errors import DataError
from evaluation.files import content_of, write_atomically
from evaluation.synthetic import (
    city_month,
    complaints_month,
    delivery_month,
    group_quarter,
    participants_files,
    place_month,
    survey,
)

DATASETS: dict[str, Callable[[], dict[str, str]]] = {
    "city_month": city_month.files,
    "group_quarter": group_quarter.files,
    "group_quarter_triggered": group_quarter.triggered_files,
    "place_month": place_month.files,
    "place_month_displaced": place_month.displaced_files,
    "place_month_null": place_month.null_files,
    "complaints_month": complaints_month.files,
    "delivery_month": delivery_month.files,
    "participants": participants_files.files,
    "participants_null": participants_files.null_files,
    "participants_reverting": participants_files.reverting_files,
    "participants_attrition": participants_files.attrition_files,
    "survey": survey.files,
    "survey_null": survey.null_files,
    "survey_attrition": survey.attrition_files,
}


def simulate(root: Path, name: str | None = None) -> list[str]:
    """What was written under the project folder, a line a file; files that agree are left alone.

    Parameters
    ----------
    root : the project folder. name : one dataset of `DATASETS`; None writes them all.

    Raises
    ------
    DataError : when there is no such dataset, or a file cannot be written.
    """
    if name is not None and name not in DATASETS:
        known = list(DATASETS)
        raise DataError(f"no synthetic dataset {name!r}.{did_you_mean(name, known)}")
    lines = []
    for dataset in DATASETS if name is None else (name,):
        for path, text in DATASETS[dataset]().items():
            file = root / path
            if file.is_file() and content_of(file, path) == text.encode("utf-8"):
                lines.append(f"{path}: unchanged")
            else:
                write_atomically(file, text, root=root)
                lines.append(f"{path}: written")
    return lines
