"""The cost-benefit analysis that belongs to a study: `costs.toml` beside its plan, `economics.json`
beside its results.

The one written form of a cost-benefit analysis, `reports/<slug>/economics.json`.
"""

from __future__ import annotations

import json
from pathlib import Path

from evaluation.economics.compute import cost_benefit
from evaluation.economics.input_quantiles import read_price_index
from evaluation.economics.ledger import read_ledger
from evaluation.economics.result import CostBenefit
from evaluation.errors import DataError, FitError
from evaluation.fact import fact
from evaluation.study.evidence import Evidence
from evaluation.study.written import canonical, read_as, rounded

COSTS, FILE, INDEX = "costs.toml", "economics.json", "data/public/inflation.csv"


def has_costs(slug: str, root: Path) -> bool:
    """Whether costs were supplied for this study."""
    return (root / "analyses" / slug / COSTS).is_file()


def computed(evidence: Evidence, root: Path) -> str:
    """The text of `economics.json` for a study with costs.

    Parameters
    ----------
    evidence : as results.json holds it, so that the money rests on the numbers shown.

    Raises
    ------
    DataError : for faults in the costs or the price index.
    FitError : for an outcome that cannot be valued.
    """
    shown = f"analyses/{evidence.slug}/{COSTS}"
    index = read_price_index(root / INDEX, root)
    ledger = read_ledger(root / shown, index=index, shown_as=shown)
    try:
        return dumps(cost_benefit(evidence, ledger))
    except FitError as fault:
        raise FitError(fact("economics.costs-on-disk.text", shown=shown, fault=fault)) from None


def supplied(slug: str, root: Path) -> CostBenefit | None:
    """What was computed for a study, or None where no costs were supplied.

    Raises
    ------
    DataError : when costs were supplied and nothing was computed from them yet.
    """
    if not has_costs(slug, root):
        return None
    path = root / "reports" / slug / FILE
    if not path.is_file():
        raise DataError(f"reports/{slug}/{FILE}: not there yet. Run `ceasefire run {slug}` first.")
    return loads(path.read_text(encoding="utf-8"))


SCHEMA = 1


def dumps(found: CostBenefit) -> str:
    """The canonical text: sorted keys, 6 significant digits, no NaN, one final newline."""
    content = {"schema": SCHEMA, **rounded(found, "")}
    return canonical(content)


def loads(text: str) -> CostBenefit:
    """The analysis from its canonical text; `dumps(loads(text)) == text`.

    Raises
    ------
    DataError : when the text is not one that this version wrote.
    """
    try:
        content = json.loads(text)
        if content.pop("schema") != SCHEMA:
            raise DataError("economics.json: written by another version; run `ceasefire run` again")
        return read_as(CostBenefit, content)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise DataError(f"economics.json: not as written by this version ({fault})") from None
