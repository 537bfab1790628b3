"""The designs that a plan can name: four values of one shape."""

from __future__ import annotations

from evaluation.study.run_did import DID
from evaluation.study.run_its import ITS
from evaluation.study.run_people import PEOPLE
from evaluation.study.run_survey import SURVEY

DESIGNS = {design.name: design for design in (ITS, DID, PEOPLE, SURVEY)}
