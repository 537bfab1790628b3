"""People who took part beside comparable people who did not, and several ways to compare them.

In a notebook::

    from evaluation import individual
    individual.fit(table, outcome="arrests", treated="invited", covariates=["age"]).summary()

Beneath it, from numbers::

    people = individual.People.from_arrays(
        treated, covariates={"age": age, "priors": priors}, outcomes={"rearrest": rearrest}
    )
    effect = individual.estimate(people, outcome="rearrest")        # doubly robust, on the treated
    individual.run_checks(people, outcome="rearrest")

`METHODS` is the table of estimators: `METHODS["iptw"].set_to({"trim": "crump"}).fit(people,
"rearrest")`. An effect that may not be the headline says why in `effect.objection`. Where people
were called in one after another, `not_yet_called` compares them with those still to be called.

The door is `methods`; `people` is what each method takes, `standing_checks` asks the checks.
"""

from evaluation.fitted import Fit
from evaluation.individual.frame import fit
from evaluation.individual.methods import METHODS, Method, estimate
from evaluation.individual.people import Outcome, People
from evaluation.individual.standing_checks import run_checks

__all__ = ["METHODS", "Fit", "Method", "Outcome", "People", "estimate", "fit", "run_checks"]
