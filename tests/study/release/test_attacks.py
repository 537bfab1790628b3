"""A reader with a program and every written file works out numbers of few people, or cannot.

Each attack is made twice: on what was found, where it has to succeed, or it would be no attack, and
on what was released, where at least five whole numbers must be left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evaluation.data.project import Disclosure
from evaluation.effect import Effect
from evaluation.errors import DataError
from evaluation.fact import Fact, fact
from evaluation.study.evidence import Evidence, dumps
from evaluation.study.release import release as room
from evaluation.study.release.release import audit, released
from evaluation.study.release.rounding import Grid, Seen
from evaluation.study.release.tables import told_fact
from tests.study.release.conftest import BETWEEN, HAVE, Study

ENOUGH = 5
RULE = Disclosure()


@pytest.fixture(scope="module")
def files(study: Study) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """What would be written of what was found, and what is written of what was released."""
    return study.files(study.exact), study.files(study.told)


def results(written: Mapping[str, str]) -> Any:
    return json.loads(written["reports/private/results.json"])["outcomes"][0]


def entry(written: Mapping[str, str], label: str) -> Any:
    outcome = results(written)
    if not label:
        return outcome["headline"]["effect"]
    return next(one for one in outcome["alternatives"] if one["label"] == label)["effect"]


def check(written: Mapping[str, str], name: str) -> Any:
    return next(one for one in results(written)["checks"] if one["name"] == name)


def people(share: float, n: int) -> list[int]:
    """Whole numbers of n that could be told as this share, by someone who knows the rule."""
    step = 5 / n
    half = step / 2 if abs(share / step - round(share / step)) < 1e-3 else 1e-6
    low, high = n * (share - half), n * (share + half)
    return list(range(int(np.ceil(low - 1e-6)), int(np.floor(high + 1e-6)) + 1))


def test_people_between_two_horizons(study: Study, files: Any) -> None:
    found = []
    for written in files:
        both = [
            people(entry(written, label)["terms"][0]["estimate"], study.treated)
            for label in ("", "sooner")
        ]
        found.append({later - sooner for later in both[0] for sooner in both[1]})
    assert study.by_second - study.by_first == BETWEEN
    assert found[0] == {BETWEEN}
    assert len(found[1]) >= ENOUGH and BETWEEN in found[1]


def test_events_by_the_other_numbers_of_the_same_effect(study: Study, files: Any) -> None:
    """Differences, ratios and people averted tell no more than the two risks."""
    had = []
    for written in files:
        effect = entry(written, "")
        mean = {one["name"]: one["estimate"] for one in effect["terms"]}
        without = mean["mean without it"]
        by = [
            without + effect["estimate"],
            without * (1 + effect["percent"]["estimate"] / 100),
            without - effect["averted"]["estimate"] / study.treated,
        ]
        had.append({count for share in by for count in people(share, study.treated)})
    assert had[0] == {study.by_second}
    assert len(had[1]) >= ENOUGH and study.by_second in had[1]


def having(row: Mapping[str, Any], study: Study) -> set[int]:
    """Numbers of treated people with a trait, by trying every number on both sides."""
    one, other = np.meshgrid(np.arange(1, 60), np.arange(1, 120), indexing="ij")
    p, q = one / study.treated, other / study.others
    spread = np.sqrt(p * (1 - p) * study.treated / (study.treated - 1))
    fits = np.abs((p - q) / spread - row["before"]) <= accuracy(row["before"])
    if not isinstance(row["variance ratio"], str):
        weighted = p - row["after"] * spread
        ratio = p * (1 - p) / (weighted * (1 - weighted))
        fits &= np.abs(ratio / row["variance ratio"] - 1) < 0.01
    return {int(count) for count in one[fits]}


def accuracy(value: float) -> float:
    return 0.005 if abs(value * 100 - round(value * 100)) < 1e-6 else 1e-6


def test_people_with_a_trait_by_the_balance_of_groups(study: Study, files: Any) -> None:
    rows = [
        next(r for r in check(written, "balance")["table"] if r["covariate"] == "shot before")
        for written in files
    ]
    assert having(rows[0], study) == {HAVE[0]}
    assert len(having(rows[1], study)) >= ENOUGH


def test_people_left_out_by_one_rule_and_not_by_another(files: Any) -> None:
    found = []
    for written in files:
        numbers = [entry(written, label)["n"] for label in ("tenth", "near")]
        found.append(numbers[0] - numbers[1])
    assert 0 < found[0] < 10
    # Between two multiples of five lie nine numbers.
    assert found[1] % 5 == 0
    rows = [[row["people"] for row in check(w, "trimming")["table"]] for w in files]
    assert any(n % 5 for n in rows[0]) and not any(n % 5 for n in rows[1])


def test_totals_less_parts(study: Study, files: Any) -> None:
    exact, told = (check(written, "overlap")["table"] for written in files)
    for side in ("treated", "untreated"):
        assert any(0 < row[side] < 10 for row in exact)
        hidden = [place for place, row in enumerate(told) if isinstance(row[side], str)]
        kept = [row[side] for row in told if not isinstance(row[side], str)]
        assert all(count % 5 == 0 and count >= 10 for count in kept)
        total = study.treated if side == "treated" else study.others
        left = total - sum(kept)
        # Every told count is off by two at most, and so is what is left for the withheld.
        slack = 2 * len(kept)
        most = min(left + slack, 9) if len(hidden) == 1 else 9
        assert most - max(left - slack - 9 * (len(hidden) - 1), 0) >= ENOUGH - 1


def test_means_times_people(study: Study, files: Any) -> None:
    """Events before entry, of which two windows could differ by those of few people."""
    for written, exact in zip(files, (True, False), strict=True):
        means = [row["treated"] for row in check(written, "regression-to-the-mean")["table"]]
        whole = [abs(m * study.treated - round(m * study.treated)) < 1e-3 for m in means]
        assert all(whole)
        fives = [abs(m * study.treated / 5 - round(m * study.treated / 5)) < 1e-3 for m in means]
        assert all(fives) != exact


def test_events_by_what_it_takes_to_explain_them(study: Study, files: Any) -> None:
    """The E-value is a function of the risk ratio."""
    ratios = []
    for written in files:
        (row,) = check(written, "e-value")["table"]
        most = row["e-value"]
        # E = R + sqrt(R (R - 1)), of the ratio or of one over it.
        ratios.append((2 * most - 1) / most**2)
    without = [entry(w, "")["terms"][1]["estimate"] for w in files]
    had = [set(people(r * w, study.treated)) for r, w in zip(ratios, without, strict=True)]
    near = {round(r * w * study.treated) for r, w in zip(ratios, without, strict=True)}
    assert study.by_second in near and len(had[1]) >= ENOUGH


def test_steps_of_the_curve(study: Study, files: Any) -> None:
    for written, exact in zip(files, (True, False), strict=True):
        rows = [row for row in check(written, "risk-curves")["table"] if row["who"] == "treated"]
        possible = [len(people(row["risk"], study.treated)) for row in rows]
        assert 1 in possible if exact else set(possible) == {5}


def apart(name: str, text: str) -> str:
    """The cells of a table between spaces; with commas between them they would look like one
    number."""
    return text.replace(",", " ") if name.endswith(".csv") else text


def numbers(text: str) -> set[str]:
    text = re.sub(r' d="[^"]*"', "", text)
    return set(re.findall(r"(?<![\d.,#-])\d[\d,]*(?:\.\d+)?(?![\d.,]*\d)", text))


def test_no_exact_number_stands_in_any_file(study: Study, files: Any) -> None:
    """Pages, what can be downloaded, and what a notebook prints."""
    effect = study.exact.outcomes[0].effect
    exact = {
        *(f"{n:,}" for n in (study.treated + study.others, effect.n, study.others)),
        f"{study.treated + study.others}",
        f"{study.others}",
        *(f"{term.estimate:.6g}" for term in effect.terms),
        *(f"{term.estimate:.5f}" for term in effect.terms),
        f"{effect.estimate:.6g}".lstrip("-"),
    }
    for name, text in files[0].items():
        if name.endswith(("appendix.html", "results.json", "notebook", "report.pdf")):
            assert exact & numbers(text), name
        # Every kind of file is read, pictures and paper too.
        assert numbers(apart(name, text)), name
    for name, text in files[1].items():
        told = numbers(apart(name, text))
        assert not exact & told, (name, exact & told)


def described(text: str) -> str:
    """What a page says of its figures."""
    words = r'(?:alt|aria-label)="([^"]*)"|<(?:title|desc)[^>]*>([^<]*)'
    return "\n".join("".join(pair) for pair in re.findall(words, text))


def paths(text: str) -> list[np.ndarray]:
    """Heights of the points of every line that a page draws."""
    found = []
    for drawn in re.findall(r'<path d="([^"]*)"', text):
        points = re.findall(r"[ML]\s*(-?[\d.]+)[ ,](-?[\d.]+)", drawn)
        found.append(np.array([float(y) for _, y in points]))
    return found


def drawn(text: str, risks: np.ndarray) -> bool:
    """Whether some line of the page is a curve with these risks: then they can be measured."""
    for heights in paths(text):
        for every in (heights, heights[::2], heights[1::2]):
            if len(every) < len(risks):
                continue
            for start in range(len(every) - len(risks) + 1):
                y = every[start : start + len(risks)]
                if np.ptp(y) < 5:
                    continue
                slope, base = np.polyfit(risks, y, 1)
                # To a tenth of a person.
                off = np.abs(y - slope * risks - base).max() / abs(slope)
                if off < 0.1 / 375:
                    return True
    return False


def test_curves_cannot_be_measured_in_figures(files: Any) -> None:
    risks = np.array(
        [row["risk"] for row in check(files[0], "risk-curves")["table"] if row["who"] == "treated"]
    )
    exact, told = (written["reports/private/index.html"] for written in files)
    assert drawn(exact, risks)
    assert not drawn(told, risks)


def test_words_of_figures_have_no_exact_count(study: Study, files: Any) -> None:
    assert "reports/private/brief.pdf" in files[1] and "reports/private/share.png" in files[1]
    for text in (files[1]["reports/private/index.html"], files[1]["reports/private/es.html"]):
        counts = {int(n.replace(",", "")) for n in numbers(described(text)) if "." not in n}
        few = {study.treated + study.others, study.others, study.by_first, study.by_second}
        assert not counts & few


def test_the_audit_finds_what_a_reader_finds(study: Study) -> None:
    faults = {one.key for one in audit(study.exact, study.exact, RULE)}
    assert faults >= {"release.no-count", "release.no-horizons", "release.no-balance"}
    assert audit(study.told, study.exact, RULE) == []


def test_what_fails_is_not_written_and_says_what_to_coarsen(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "told_effect", lambda effect, grid, seen: effect)
    with pytest.raises(DataError) as fault:
        released(study.exact, RULE, of_people=True)
    assert "differ by fewer than 10 people" in str(fault.value)
    assert "drop one of them" in str(fault.value)
    assert fault.value.exit_code == 2


def test_stricter_settings_are_kept(study: Study) -> None:
    rule = Disclosure(fewest=30, step=15)
    told = released(study.exact, rule, of_people=True)
    for outcome in told.outcomes:
        for one in outcome.checks:
            if one.name in ("overlap", "who-is-compared", "trimming"):
                for row in one.table:
                    for name in {"people", "treated", "untreated"} & set(row):
                        value = row[name]
                        assert isinstance(value, str) or (value >= 30 and value % 15 == 0)
    found = dumps(replace(told, plan=replace(told.plan, words=())))
    assert "fewer than 30" in found and "fewer than 10" not in found


def test_marked_counts_are_told_in_steps_wherever_they_stand() -> None:
    inner = fact("a.b", counts={"few": 4, "many": 1142})
    given = fact("c.d", within=(inner,), person="P-17", share=0.123456)
    told = told_fact(given, RULE, Grid(5, 400), Seen())
    (made,) = told.numbers["within"]
    assert isinstance(made, Fact) and made.counts["many"] == 1140
    assert str(made.counts["few"]) == "fewer than 10"
    assert str(told.numbers["person"]) == "somebody" and told.numbers["share"] == 0.12


def private(evidence: Evidence, observed: list[float]) -> Evidence:
    """Its first outcome as a series of private counts."""
    outcome = evidence.outcomes[0]
    assert outcome.headline.effect is not None
    effect: Effect = outcome.headline.effect
    path = tuple(
        replace(point, observed=seen) for point, seen in zip(effect.path, observed, strict=False)
    )
    headline = replace(outcome.headline, effect=replace(effect, path=path))
    provenance = replace(evidence.data.provenance, sensitivity="private")
    return replace(
        evidence,
        outcomes=(replace(outcome, headline=headline, alternatives=()),),
        data=replace(evidence.data, provenance=provenance),
    )


def test_series_of_private_counts_are_long_enough_or_refused() -> None:
    from evaluation.study.evidence import load_evidence

    boston = load_evidence("boston")
    assert released(boston, RULE, of_people=False) is boston
    with pytest.raises(DataError, match="count longer periods"):
        released(private(boston, [12.0, 3.0, 40.0]), RULE, of_people=False)
    told = released(private(boston, [12.0, 13.0, 41.0]), RULE, of_people=False)
    assert [point.observed for point in told.outcomes[0].effect.path] == [10.0, 15.0, 40.0]
