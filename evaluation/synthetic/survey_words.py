"""What is written beside the synthetic survey: its description and notes."""

from __future__ import annotations

NOTES = {
    "standard": "Other people answer in each wave; the program raises every scale.",
    "null": "Other people answer in each wave; the program changes nothing.",
    "panel": (
        "The same people are asked twice. Those with little trust leave, more of them where the\n"
        "program works, so that the change of those who stayed is not the effect."
    ),
}

_ITEM = """
[columns.{name}]
role = "item"
low = 1
high = 5
scale = "{scale}"
reverse = {reverse}
label = "{label}"
about = "trust"
"""

_ITEMS = (
    ("respects_rights", "procedural justice", False, "police respect people's rights"),
    ("treats_with_dignity", "procedural justice", False, "police treat people with dignity"),
    ("judges_by_bias", "procedural justice", True, "police judge people by bias"),
    ("legitimate", "legitimacy", False, "police are legitimate authorities"),
    ("acts_lawfully", "legitimacy", False, "police act according to the law"),
    ("should_obey", "legitimacy", False, "people should do what police say"),
    ("trusts", "trust", False, "I trust the police"),
    ("honest", "trust", False, "police are honest"),
    ("abuses_power", "trust", True, "police abuse their power"),
    ("would_report", "cooperation", False, "I would report a crime"),
    ("would_testify", "cooperation", False, "I would say what I saw"),
    ("would_meet", "cooperation", False, "I would come to a meeting with police"),
)

DESCRIPTION = '''\
# Written by `ceasefire simulate`. Every number is invented; the truth behind them stands in
# {name}.truth.json, which no analysis reads. Residents by race and age are in {name}.margins.csv.
name = "Synthetic survey of residents ({name})"
file = "{name}.csv"
kind = "survey"
key = ["person", "wave"]
source = "evaluation/synthetic/survey.py, seed {seed}"
licence = "MIT, as the rest of this project"
sensitivity = "synthetic"
notes = """
Invented data with a known effect, for testing methods; not evidence about any real place.
{about}\\
"""

[columns.person]
role = "person"
type = "text"

[columns.wave]
role = "wave"
type = "period"
measure = "year of the interview"

[columns.neighborhood]
role = "stratum"
type = "text"
measure = "neighborhood, also the stratum of the sample"

[columns.block_group]
role = "cluster"
type = "text"
measure = "block group, the primary sampling unit"

[columns.program]
role = "treatment"
type = "flag"
measure = "1 where the program works from 2013 on, else 0"

[columns.weight]
role = "weight"
type = "number"
measure = "residents spoken for"

[columns.race]
role = "trait"
type = "text"

[columns.age]
role = "trait"
type = "text"

[columns.adults]
role = "trait"
type = "count"
measure = "adults in the household"
''' + "".join(
    _ITEM.format(name=name, scale=scale, reverse=str(reverse).lower(), label=label)
    for name, scale, reverse, label in _ITEMS
)
