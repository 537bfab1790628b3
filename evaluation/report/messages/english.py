"""The words in English, by key. What stands in braces is filled in."""

from __future__ import annotations

MESSAGES: dict[str, str] = {
    # The answer about one outcome: was it below or above what was expected, and was it the program?
    "answer.off": (
        "{subject} came out {size} {side} {expected} (range {near} to {far}), which is {judged}. "
        "{program}"
    ),
    "answer.unclear": (
        "We cannot tell whether {subject} came out below or above {expected} (best estimate "
        "{best}; range {between}). So the data do not say whether {intervention} helped, did harm, "
        "or did nothing."
    ),
    "answer.small": (
        "{subject} came out within {margin} of {expected} (best estimate {best}; range {between}). "
        "{program}"
    ),
    "answer.refused": "We cannot tell whether {intervention} changed {label}: {why}.",
    "answer.refused.all": "no estimate is valid on these data",
    "answer.refused.some": (
        "the estimate that was planned is not valid on these data, though others are"
    ),
    "side.below": "below",
    "side.above": "above",
    "judged.better": "better",
    "judged.worse": "worse",
    "subject.risk": "the risk of {event}",
    "subject.rate": "the rate of {event}",
    "subject.days": "days free of {event}",
    "risk": "risk",
    "expected.by.plain": "what was expected",
    "expected.by.years": "what the years before led us to expect",
    "expected.by.time": "what the time before led us to expect",
    "expected.by.comparison": "what the comparison led us to expect",
    "expected.by.people": "what similar people led us to expect",
    "expected.by.answers": "what answers elsewhere led us to expect",
    "program.high": "It was very likely {intervention}.",
    "program.moderate": "It was probably {intervention}, though that is not sure{why}.",
    "program.low": "It may have been {intervention}, but we are not sure{why}.",
    "program.very low": "We are not sure that it was {intervention}{why}.",
    "program.why": ": {doubts}",
    "small.high": "So {intervention} made too little difference to matter, by the plan.",
    "small.moderate": (
        "So {intervention} probably made too little difference to matter, by the plan."
    ),
    "small.low": (
        "So {intervention} may have made too little difference to matter, but we are not sure{why}."
    ),
    "small.very low": "We are not sure that {intervention} made so little difference{why}.",
    "answer.synthetic": "In synthetic data: {said}",
    "answer.none": "Not estimated: {reason} What would be needed: {needed}.",
    "answer.none.reason": "{reason}.",
    "answer.none.events": (
        "at least one event on each side of the start: a longer series, or an outcome that is "
        "less rare"
    ),
    "answer.none.longer": (
        "a longer series with events on both sides of the start, or a model of fewer terms"
    ),
    # Changes and their ranges.
    "change.none": "no change",
    "change.below": "{size} below",
    "change.above": "{size} above",
    "size.less": "less than {size}",
    "between.below": "{near} to {far} below",
    "between.above": "{near} to {far} above",
    "between.mixed": "{low} to {high}",
    "range": "range {between}",
    # The strip under an answer.
    "strip.direction": "Direction",
    "strip.size": "Size",
    "strip.certainty": "Certainty",
    "strip.studies": "Studies",
    "strip.cost": "Cost",
    "strip.data-to": "Data to",
    "strip.single": "Single study",
    "strip.no-cost": "Not supplied",
    "strip.no-cost.note": "No cost is in the data",
    "direction.below": "Below expected",
    "direction.above": "Above expected",
    "direction.unclear": "Unclear",
    "direction.unclear.note": "The range includes no change",
    "direction.refused.all": "No estimate is valid here",
    "direction.refused.some": "The planned estimate is not valid here",
    "direction.not-estimated": "Not estimated",
    "direction.not-estimated.note": "The data allow no estimate",
    "direction.why": "{judged}; why, we cannot tell",
    "direction.good": "The direction hoped for",
    "direction.bad": "The wrong direction",
    "size.refused": "Not valid here",
    "size.not-estimated": "Not estimated",
    "size.best": "best estimate {best}",
    "size.with": "{range}; {people}",
    "size.of-100": "{with_it} of 100 people, {without} expected",
    "size.a-person": "{with_it} a person, {without} expected",
    "size.points": "{points} points",
    "size.percentage-points": "{points} percentage points",
    "label.secondary": "{label} (secondary outcome)",
    "label.place": "{label}, {place}",
    "label.horizon": "{label} within {count} {unit}",
    # How sure.
    "grade.high": "high",
    "grade.moderate": "moderate",
    "grade.low": "low",
    "grade.very low": "very low",
    "certainty.high": "The true effect is very likely close to this estimate.",
    "certainty.moderate": (
        "The true effect is probably close to this estimate, but it may differ from it."
    ),
    "certainty.low": (
        "The true effect may well differ from this estimate, also in a way that matters."
    ),
    "certainty.very low": (
        "The true effect is likely to differ from this estimate, perhaps by much."
    ),
    "certainty.named": "{grade} certainty. ",
    # What "expected" supposes.
    "expected": "Expected",
    "expected.study": (
        " means what the model says would have happened without {intervention}, {gone_on}. "
    ),
    "expected.site": " means what a model says would have happened without the program.",
    "expected.people": "had the same people not taken part",
    "expected.survey": "had answers changed there as they did elsewhere",
    "expected.did": "had {place} changed as the untreated did",
    "expected.did.many": "had the treated units changed as the untreated did",
    "expected.controls": "had it gone on beside {controls} as before",
    "expected.places": "{places} other places",
    "expected.series": "had the earlier pattern gone on",
    "range.term": "Range",
    "range.means": " means the 95% interval: values outside it fit the data poorly.",
    # What must be read before the answer.
    "banner.synthetic": "Synthetic data",
    "banner.synthetic.text": (
        "A computer made these numbers to test the method, some with an effect and some with none. "
        "They say nothing about any real city."
    ),
    "banner.changed": "The plan was changed after it was frozen",
    "banner.changed.text": "An answer whose plan moved deserves less trust. ",
    "banner.changed.link": "See every change",
    "banner.unfrozen": "The plan was not frozen",
    "banner.unfrozen.text": (
        "Nothing shows that the method was chosen before the results were seen."
    ),
    # The page of one study.
    "study.goal": "Goal {goal}: {name}",
    "study.replication": "A replication, which tests the method",
    "study.answer": "The answer",
    "study.question": "Did {intervention} change {label}?",
    "study.asked": "The plan asks: {question}",
    "study.other": "Esta respuesta en español",
    "study.quoted": "Words between « » are not translated.",
    # The front page.
    "site.home": "All studies",
    "site.title.declared": "Does {program} work?",
    "site.title.found": "What did {program} change?",
    "site.title.nobody": "What did the program change?",
    "site.over": "Evaluation of {program}",
    "site.over.nobody": "Evaluation of a program",
    "site.here": "this place",
    "site.authors": "By {authors}.",
    "site.cite": "To cite this page: {authors}, “{title}” {over}.",
    "site.other": "Esta página en español",
    "site.aims": (
        "{program} aims at three things. Each is judged on its own, from studies whose plan, data "
        "and code can be read and run again. There is no overall score."
    ),
    "site.aims.nobody": (
        "Studies here are about three goals. Each is judged on its own, from studies whose plan, "
        "data and code can be read and run again. There is no overall score."
    ),
    "site.answered": "Answered for {answered} of {goals} goals.",
    "site.ready": (
        " Studies that anyone can run again, of other cities or of synthetic data, are here for "
        "{studied} of {goals} goals: the methods are ready and wait for {city}'s data."
    ),
    "site.studied": " Studies that anyone can run again are here for {studied} of {goals} goals.",
    # What came out when all studies were last run again.
    "check.title": "Do the results come out again?",
    "check.none": "Not checked yet",
    "check.none.text": (
        "Nobody has recorded yet that the studies were run again. This command does it: "
    ),
    "check.last": (
        "Last check: {good} of {studies} studies were run again and gave the results shown here."
    ),
    "check.means": (
        " The plan, data and results were compared with those that were accepted, by version "
        "{package} of the program."
    ),
    "check.differs": ": what came out, or a page, was not what is shown here or was accepted.",
    "check.failed": ": it could not be run again or compared.",
    "check.accepted since": ": not checked since it was last accepted.",
    "check.not accepted": ": nobody has accepted its results yet, so no check can vouch for them.",
    "check.new": ": not checked yet.",
    "site.reading": "How to read this page",
    "site.not-yet": "Not yet evaluated",
    "site.not-answered": "Not yet answered for {city}",
    "site.needed": "What is needed: {needed}.",
    "site.elsewhere": "Evidence from elsewhere",
    "site.elsewhere.text": (
        "These programs ran in other places, or in several together. What happened there does not "
        "answer for {city}."
    ),
    "site.undeclared": "Studies whose place is not declared",
    "site.undeclared.text": (
        "The descriptions of their data do not say by an id where they are, so nobody can tell "
        "whether they answer for {city}. Their authors can say it, under "
    ),
    "site.tests": "Tests of the method on synthetic data",
    "site.tests.caption": "Tests of the method for goal {goal}",
    "site.tests.outcome": "Outcome",
    "site.tests.found": "What was found",
    "site.tests.report": "Report",
    "site.read": "Read the report: {title} ({label})",
    "site.download": "Download the numbers",
    "site.download.text": (
        "Every estimate of the studies on this page, the planned alternatives too, is in two files "
        "with the same numbers: "
    ),
    "site.download.csv": "results.csv, for a spreadsheet",
    "site.download.json": "results.json, for a program",
    "site.download.and": ", and ",
    "goal.1": "Fewer gang- and group-related shootings and homicides",
    "goal.2": "Less recidivism and incarceration of participants",
    "goal.3": "Stronger police-community relations",
    "goal.1.needed": (
        "monthly counts of shootings and homicides in {place}, best with a mark for those that are "
        "gang- or group-related"
    ),
    "goal.2.needed": (
        "arrests, convictions and time in custody of participants, and of people like them who "
        "did not take part"
    ),
    "goal.3.needed": (
        "repeated surveys of residents about trust in the police, and complaints over the same time"
    ),
    # Designs side by side, and what they share.
    "agree.title": "How the designs agree",
    "agree.few": (
        "Fewer than two studies of this goal have an answer on real data that may be used, so "
        "there is nothing to compare yet."
    ),
    "agree.synthetic": "How the designs agree on synthetic data",
    "agree.synthetic.text": (
        "Each data set has a truth of its own built in, an effect or none, so answers on different "
        "sets need not agree. This tests the methods and answers nothing."
    ),
    "agree.same.fall": "All {answers} answers lie below what was expected",
    "agree.same.rise": "All {answers} answers lie above what was expected",
    "agree.same.good": "All {answers} answers lie on the side that is hoped for",
    "agree.same.bad": "All {answers} answers lie on the side that is not hoped for",
    "agree.mixed": (
        "Of {answers} answers, below what was expected: {falls}; above: {rises}; open: {unclear}"
    ),
    "agree.mixed.hopes": (
        "Of {answers} answers, on the side that is hoped for: {good}; on the other: {bad}; open: "
        "{unclear}"
    ),
    "agree.open": "None of {answers} answers can tell a change from none",
    "agree.clear": "The value of no change lies outside {clear} of {answers} ranges.",
    "agree.overlap": "All ranges overlap: one effect could lie in every one of them.",
    "agree.apart": "Ranges that do not meet: {pairs}. Chance alone hardly explains that.",
    "agree.measure": "They measure different things: {outcomes}.",
    "agree.hopes": "Hoped for is a fall in {falls}, and a rise in {rises}.",
    "agree.unused": "No answer that may be used: {lines}.",
    "agree.tied": (
        "Studies that share something are not independent: a mistake in it is in all of them. So "
        "their agreement is weaker support than that of studies that share nothing."
    ),
    "agree.free": (
        "They share nothing that we looked for: file, place, start, months or assumption. They may "
        "still share how crimes are recorded."
    ),
    "agree.unplaced": (
        "No city is named in these studies: {studies}. So we could not look for a city that they "
        "share."
    ),
    "agree.undeclared": (
        "The data of these studies do not say by an id where they are: {studies}. So whether they "
        "are of the place of the others is not known."
    ),
    "agree.apart-kept": (
        "We do not average these answers. An average of studies that share data, place or time "
        "would look surer than any one of them is."
    ),
    "agree.row": "{number}. {design}, {place}: {label}",
    "agree.row.short": "{number} ({label})",
    "agree.no-answer": "no usable answer",
    "agree.axis": "Percent change; left of the line is below expected",
    "agree.note": (
        "Each dot is the best estimate of one study, each line its 95% range. The number is that "
        "of the study in the table."
    ),
    "agree.description": (
        "Forest plot of percent changes with 95% ranges, one row an answer; a vertical line marks "
        "no change. {listed}."
    ),
    "agree.to": "{low} to {high}",
    "agree.caption": "Our studies of goal {goal}, side by side",
    "agree.caption.synthetic": "Tests of goal {goal} on synthetic data, side by side",
    "agree.head.study": "Study",
    "agree.head.design": "Design and outcome",
    "agree.head.change": "Change",
    "agree.head.range": "95% range",
    "agree.shared": "What our studies of goal {goal} share",
    "agree.shared.synthetic": "What the tests of goal {goal} on synthetic data share",
    "agree.head.shared": "Shared",
    "agree.head.studies": "Studies",
    "design.its": "time series",
    "design.did": "comparison",
    "design.individual": "participants",
    "design.survey": "survey",
    "shared.file": "The same file, {file}",
    "shared.place": "The same place, {place}",
    "shared.units": "Data of {units}",
    "shared.more": "{first}, {second} and {more} more",
    "shared.start": "The same start of {intervention}, {period}",
    "shared.months": "The months from {first} to {last}, with whatever else happened then",
    "shared.events": ("The same events, in part or all: {label}, {where}, from {first} to {last}"),
    "shared.assumption": "The same assumption: {words}",
    "site.published": "What others have published: focused deterrence elsewhere",
    # Periods, and names in a row.
    "period.month": "{month} {year}",
    "period.day": "{month} {day}, {year}",
    "period.quarter": "Q{quarter} {year}",
    "months": (
        "January February March April May June July August September October November December"
    ),
    "place.counted": "{some} of {all} {unit}",
    "place.synthetic": "(synthetic)",
    "list.pair": "{most} and {last}",
}
