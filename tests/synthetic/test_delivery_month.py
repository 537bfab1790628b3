"""The invented record of delivery has the shares it states, and is read as any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.data.delivery import read_delivery
from evaluation.synthetic import delivery_month as synthetic

ROOT = Path(__file__).parents[2]
SEEDS = range(200)


def test_generator_rewrites_the_committed_files_byte_for_byte() -> None:
    for path, text in synthetic.files().items():
        assert (ROOT / path).read_bytes() == text.encode("utf-8"), path


def test_committed_table_is_read_with_every_activity_and_its_plan() -> None:
    found = read_delivery(ROOT / f"{synthetic.FILE}.csv", ROOT)
    table = synthetic.simulated()
    assert found.periods == synthetic.months() and found.place == synthetic.PLACE
    assert [one.name for one in found.activities] == [one.column for one in synthetic.ACTIVITIES]
    for read, made in zip(found.activities, synthetic.ACTIVITIES, strict=True):
        assert read.delivered == tuple(table.delivered[made.column])
        assert read.planned == (tuple(table.planned[made.column]) if made.written else ())


@pytest.mark.parametrize("one", synthetic.ACTIVITIES, ids=lambda one: one.column)
def test_delivered_shares_are_the_stated_ones_on_average(one) -> None:
    shares, tables = synthetic.shares(), [synthetic.simulated(seed) for seed in SEEDS]
    for share in set(synthetic.SHARES.values()):
        months = shares == share
        planned = tables[0].planned[one.column][months].sum()
        mean = np.mean([table.delivered[one.column][months].sum() for table in tables])
        # Binomial, or negative binomial with the stated ratio of variance to mean.
        spread = synthetic.DISPERSION * share if one.open_ended else share * (1 - share)
        error = np.sqrt(planned * spread / len(SEEDS))
        assert abs(mean - share * planned) < 4 * error


def test_no_more_than_planned_is_held_of_what_is_counted_one_by_one() -> None:
    for seed in SEEDS:
        table = synthetic.simulated(seed)
        for one in synthetic.ACTIVITIES:
            if not one.open_ended:
                assert (table.delivered[one.column] <= table.planned[one.column]).all()
