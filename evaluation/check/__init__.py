"""Do the committed results and pages reproduce, and what changed? Locks, checks and differences.

The door is `verdict.check_study`.
"""

from __future__ import annotations

from evaluation.check.against_lock import Difference
from evaluation.check.site import check_site
from evaluation.check.verdict import Verdict, check_study

__all__ = ["Difference", "Verdict", "check_site", "check_study"]
