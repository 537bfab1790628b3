"""What a program cost and what it saved, with the uncertainty of its effect kept to the end.

In a notebook::

    from evaluation import economics
    index = economics.read_price_index("data/public/inflation.csv")
    ledger = economics.read_ledger("analyses/boston/costs.toml", index=index)
    found = economics.cost_benefit(load_evidence("boston"), ledger)
    found.balance("public budget").net          # None where the cost was not supplied

An outcome whose method gives no interval is refused. What was not supplied is None, never nought.
The door is `compute`; `ledger` is what an author supplies, `result` what comes out.
"""

from evaluation.economics.compute import cost_benefit
from evaluation.economics.input_quantiles import PriceIndex, read_price_index
from evaluation.economics.ledger import Ledger, read_ledger
from evaluation.economics.result import Balance, CostBenefit

__all__ = [
    "Balance",
    "CostBenefit",
    "Ledger",
    "PriceIndex",
    "cost_benefit",
    "read_ledger",
    "read_price_index",
]
