"""What a design is about, as far as a report must know it: light, so that a report can read it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evaluation.fact import Fact, as_told, fact

Row = Literal["period", "unit", "person", "answer"]


@dataclass(frozen=True, slots=True)
class About:
    """What the data of a design are.

    Parameters
    ----------
    design : its name in a plan. row : what one observation is: a period of one series, a unit in a
        period beside other units, a person, or a respondent's answer.
    in_words : whether a report has sentences of its own for it; for others the method says what it
        takes for granted.
    """

    design: str
    row: Row
    in_words: bool = True

    @property
    def of_persons(self) -> bool:
        """Whether observations are persons, who took part or who were asked."""
        return self.row in ("person", "answer")

    @property
    def of_people(self) -> bool:
        """Whether they are the people whom a program treats, and not answers to a survey."""
        return self.row == "person"

    @property
    def of_series(self) -> bool:
        """Whether they are periods of one series, compared with its own past."""
        return self.row == "period"

    @property
    def of_places(self) -> bool:
        """Whether events are counted, period by period, where a program runs or not."""
        return self.row in ("period", "unit")

    @property
    def called(self) -> Fact:
        """What the kind of study is called at the head of a row."""
        return fact(f"study.about.{self.design}") if self.in_words else as_told(self.design)

    @property
    def of_units(self) -> bool:
        """Whether treated units are compared with untreated ones, unit by unit."""
        return self.row == "unit"


ABOUT = {
    one.design: one
    for one in (
        About("its", "period"),
        About("did", "unit"),
        About("individual", "person"),
        About("survey", "answer"),
    )
}


def about(design: str) -> About:
    """What a design is about; of one that nobody described, periods."""
    return ABOUT.get(design) or About(design, "period", in_words=False)
