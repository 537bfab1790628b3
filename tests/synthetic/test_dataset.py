"""The committed synthetic dataset is read by the same reader as any other."""

from __future__ import annotations

from pathlib import Path

from evaluation.data.read import read_panel
from evaluation.synthetic import city_month as synthetic

ROOT = Path(__file__).parents[2]


def test_dataset_reads_without_a_fault() -> None:
    panel = read_panel(ROOT / f"{synthetic.FILE}.csv", ROOT)
    assert panel.units == tuple(city.name for city in synthetic.CITIES)
    assert panel.periods == synthetic.months()
    assert [column.name for column in panel.named("outcome")] == [
        outcome.column for outcome in synthetic.OUTCOMES
    ]
    assert [column.name for column in panel.named("exposure")] == ["population"]
    assert panel.provenance.sensitivity == "synthetic"
    table = synthetic.simulated()
    for name, counts in table.counts.items():
        assert (panel.values[name] == counts).all()
    assert (panel.values["population"] == table.population).all()
