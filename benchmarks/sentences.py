"""Are the sentences that tell of a direction right? Every synthetic world, drawn anew.

    python -m benchmarks.sentences                    200 draws of every world, some 20 minutes
    python -m benchmarks.sentences --draws 20 -j 2
    python -m benchmarks.sentences --world survey_null --no-page

Each study is made of each draw as far as its headline: plan, design, method, gate, and the sentence
of the first page. Writes sentences.csv, sentences.md and data/synthetic/built_in.csv,
which reports/tests.html tells, the same bytes with any number of processes, and ends with 1 when
sentences are wrong too often.

    python -m benchmarks.sentences --built-in         that last file alone, from the draws at hand
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.sentences_drawn import Said, said_of, studies
from benchmarks.true_effects import true_effect
from evaluation.numeric.shared.parallel import each, spread_out
from evaluation.study.plan.read import read_plan
from evaluation.synthesis.built_in import COLUMNS as BUILT_IN
from evaluation.synthesis.built_in import TABLE

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs/evidence"
DRAWS = 200
# A 95 % range misses the truth one time in twenty; of 200 more than 17 miss it with a chance of
# 1.2 %. For other numbers of draws the limit is that of the same chance.
NOMINAL, CHANCE = 0.05, 0.0125
COLUMNS = ("world", "study", "outcome", "built_in", "draws", "no_answer", "no_direction")
COLUMNS += ("right", "wrong", "held", "odd")
NAMES = {-1: "a fall", 0: "nothing", 1: "a rise"}


def allowed(draws: int) -> int:
    """Wrong sentences of so many draws that chance explains."""
    from scipy.stats import binom

    return int(binom.isf(CHANCE, draws, NOMINAL))


def study(worlds: Iterable[str], draws: int) -> list[dict[str, str]]:
    """A row for each world, study and outcome."""
    tasks = [(world, number) for world in worlds for number in range(draws)]
    found: dict[tuple[str, str, str], list[Said]] = {}
    for some in each(said_of, tasks, progress=_told):
        for one in some:
            found.setdefault((one.world, one.study, one.outcome), []).append(one)
    return [row(said) for said in found.values()]


def row(said: Sequence[Said]) -> dict[str, str]:
    """What was said about one outcome over all draws, counted.

    Raises
    ------
    ValueError : when the effect built in is not of one sign in all draws.
    """
    signs = {one.true for one in said}
    if len(signs) > 1:
        raise ValueError(f"{said[0].study}, {said[0].outcome}: effects of several signs")
    answered = [one for one in said if one.answered]
    counts = {
        "draws": len(said),
        "no_answer": len(said) - len(answered),
        "no_direction": sum(one.claimed == 0 for one in answered),
        "right": sum(one.claimed != 0 and not one.wrong for one in answered),
        "wrong": sum(one.wrong for one in answered),
        "held": sum(one.held for one in answered),
        "odd": sum(one.odd for one in answered),
    }
    place = {"world": said[0].world, "study": said[0].study, "outcome": said[0].outcome}
    place["built_in"] = NAMES[signs.pop()]
    return {**place, **{name: str(count) for name, count in counts.items()}}


def built_in(rows: Iterable[Mapping[str, str]]) -> str:
    """The table that the page of tests tells: of each study's own data what is true, and how often
    draws of its world held that."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(BUILT_IN)
    for one in sorted(rows, key=lambda one: one["study"]):
        plan = read_plan(one["study"], ROOT).plan
        if Path(plan.data).stem != one["world"]:
            continue
        folder = (ROOT / plan.data).parent
        files = {
            str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
            for path in sorted(folder.glob(f"{one['world']}.*"))
        }
        true = true_effect(plan, files, one["outcome"])
        numbers = (true.log_ratio, true.difference)
        told = ("" if math.isnan(number) else f"{number:.6g}" for number in numbers)
        answered = int(one["draws"]) - int(one["no_answer"])
        counts = (one["draws"], answered, one["held"], one["wrong"])
        writer.writerow((one["study"], one["outcome"], *told, *counts))
    return stream.getvalue()


def faults(rows: Iterable[Mapping[str, str]]) -> list[str]:
    """What is not as it should be, a line each; empty when all is well."""
    found = []
    for one in rows:
        place = f"{one['study']} on {one['world']}, {one['outcome']}"
        if int(one["wrong"]) > (most := allowed(int(one["draws"]))):
            found.append(
                f"{place}: {one['wrong']} of {one['draws']} sentences tell of a direction that is "
                f"not there; chance explains {most}"
            )
        if int(one["odd"]):
            found.append(
                f"{place}: {one['odd']} printed sentences tell of a direction where there is none "
                "to tell, or hide one"
            )
    return found


HEAD = """# Are the sentences that tell of a direction right?

Made by `make sentences` ({draws} draws of every world; every number is in
[sentences.csv](sentences.csv)). The tables in `data/synthetic/` are one draw each of worlds whose
truth is known. Here each world is drawn {draws} times, and every study of it is made anew: its own
plan, its design, its method, the objections that refuse an answer, and the sentence of its first
page. Left out is what moves neither the number nor the direction: alternatives, checks, and so the
grade.

A sentence tells of a direction when the 95 % range leaves out no change. It is wrong when nothing
was built in, or the opposite. Of 200 draws 5 % are 10, and more than 17 come with a chance of 1.2 %
({most} of {draws} is that limit here), so more are a fault of the method, of its gate or of the
words. *No answer* counts draws in which the gate refuses or nothing can be estimated. *Range holds
it* is of the draws with an answer. *Odd* counts printed sentences, in either language and under any
grade, whose words tell of a direction where the range tells of none, or hide one; there must be
none."""
TRUTHS = """## What is held to be true

The effect that the world of each draw was made with. Series: the whole effect, after it has grown.
Comparisons of cities and districts: its mean over the months from the start on, those of its growth
among them. Groups and places: the ratio of the sums of the true means over all treated cells, of
that draw. People: the risk, or the days, of those called in by day 730, had they been called in
and not, of that draw; chances of a first arrest are exact, the others are from lives drawn again.
Surveys: the exact change of the mean score of all residents that the cuts of the answers imply."""
NOTES = """## What the worlds test

Nothing has an effect in `participants_null`, `participants_reverting`, `survey_null`,
`place_month_null` and `group_quarter_triggered`: every direction told there is wrong. In the second
people are called in after a spell of arrests, and in the last groups after a spike of shootings,
which fall back by themselves. In `participants_attrition` and `survey_attrition` those at highest
risk, or with little trust, leave, and in `place_month_displaced` part of what is averted moves to
places that serve as controls: there the range may miss the size more often, which is not a wrong
direction."""


def page(rows: Sequence[Mapping[str, str]]) -> str:
    """The page of a table."""
    draws = int(rows[0]["draws"])
    head = "| study | world | outcome | built in | no answer | no direction | right | wrong |"
    head += " range holds it | odd |\n"
    lines = [head + "|---" * 10 + "|"]
    for one in rows:
        answered = draws - int(one["no_answer"])
        held = f"{100 * int(one['held']) / answered:.0f} %" if answered else ""
        wrong = one["wrong"]
        if int(wrong) > allowed(draws):
            wrong = f"**{wrong}**: too many"
        cells = [one["study"], one["world"], one["outcome"], one["built_in"], one["no_answer"]]
        cells += [one["no_direction"], one["right"], wrong, held, one["odd"]]
        lines.append("| " + " | ".join(cells) + " |")
    too_often = sum(int(one["wrong"]) > allowed(int(one["draws"])) for one in rows)
    claims = sum(int(one["right"]) + int(one["wrong"]) for one in rows)
    wrong = sum(int(one["wrong"]) for one in rows)
    found = (
        f"Of {claims:,} sentences that tell of a direction {wrong:,} are wrong; in {too_often} of "
        f"{len(rows)} rows more are than chance explains."
    )
    parts = [HEAD.format(draws=draws, most=allowed(draws)), found, "\n".join(lines), TRUTHS, NOTES]
    return "\n\n".join(parts) + "\n"


def _told(done: int, total: int) -> None:
    if done % 50 == 0 or done == total:
        print(f"{done} of {total} draws", file=sys.stderr, flush=True)


def main(given: Sequence[str] | None = None) -> int:
    """0, or 1 when sentences are wrong too often."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("-j", "--jobs", type=int, default=1, help="processes; the same bytes")
    parser.add_argument("--world", action="append", choices=sorted(studies()), help="default: all")
    parser.add_argument("--no-page", action="store_true", help="print only")
    parser.add_argument("--built-in", action="store_true", help="data/synthetic/built_in.csv alone")
    asked = parser.parse_args(given)
    if asked.built_in:
        with (DOCS / "sentences.csv").open(encoding="utf-8", newline="") as file:
            (ROOT / TABLE).write_text(built_in(csv.DictReader(file)), encoding="utf-8")
        return 0
    with spread_out(jobs=asked.jobs):
        rows = study(asked.world or studies(), asked.draws)
    if asked.no_page:
        print(page(rows), end="")
    else:
        with (DOCS / "sentences.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        (DOCS / "sentences.md").write_text(page(rows), encoding="utf-8")
        if not asked.world:
            (ROOT / TABLE).write_text(built_in(rows), encoding="utf-8")
    found = faults(rows)
    print("\n".join(found), file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
