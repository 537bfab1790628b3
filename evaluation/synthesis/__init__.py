"""What several studies say together: others' published results pooled, our own set side by side.

In a notebook::

    from evaluation import synthesis
    from evaluation.data.published import read_published
    table = read_published("data/public/focused_deterrence.csv")
    results = synthesis.from_published(table, "gun violence")
    synthesis.concluded(results).says          # counted, not weighed
    synthesis.pooled(results)                  # FitError says why, when it cannot be done
    synthesis.agreement([load_evidence("boston")]).says

Results of one site are not independent: `pooled` refuses them, `pooled_levels` allows for them.
Nothing that was not published is filled in. The door is `elsewhere`, the page on other places;
`designs` sets our own studies side by side.
"""

from evaluation.synthesis.dependent import PooledLevels, pooled_levels
from evaluation.synthesis.designs import agreement, agreements
from evaluation.synthesis.elsewhere import elsewhere
from evaluation.synthesis.moderators import (
    Funnel,
    Regression,
    Subgroups,
    funnel,
    meta_regression,
    subgroups,
)
from evaluation.synthesis.pooled import Entered, Pooled, Way, pooled
from evaluation.synthesis.result import Agreement, Elsewhere, Line, Shared
from evaluation.synthesis.studies import (
    Counts,
    LeftOut,
    Result,
    concluded,
    entering,
    from_evidence,
    from_published,
    left_out,
)

__all__ = [
    "Agreement",
    "Counts",
    "Elsewhere",
    "Entered",
    "Funnel",
    "LeftOut",
    "Line",
    "Pooled",
    "PooledLevels",
    "Regression",
    "Result",
    "Shared",
    "Subgroups",
    "Way",
    "agreement",
    "agreements",
    "concluded",
    "elsewhere",
    "entering",
    "from_evidence",
    "from_published",
    "funnel",
    "left_out",
    "meta_regression",
    "pooled",
    "pooled_levels",
    "subgroups",
]
