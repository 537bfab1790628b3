"""What `fit` returns in every design, and several of them in one table.

The door is `fit`: an effect with what a notebook asks of it; `compared` makes the table.
"""

from evaluation.fitted.compared import table
from evaluation.fitted.fit import Covariance, Fit, JointTest, Likelihood

__all__ = ["Covariance", "Fit", "JointTest", "Likelihood", "table"]
