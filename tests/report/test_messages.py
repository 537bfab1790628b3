"""The catalogue: both languages say the same things, and all of them are said somewhere."""

from __future__ import annotations

import json
import re
import string
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import get_args

import pytest
from example_agreement import sets
from example_checks import failing
from example_study import (
    OAKLAND,
    effect,
    oakland_study,
    outcome,
    study,
    synthetic_study,
    together,
)

from evaluation import fact
from evaluation.data.panel import Column
from evaluation.data.project import Names
from evaluation.effect import CANNOT_SHOW, Check, Family, PercentOf
from evaluation.report import words
from evaluation.report.document import banners, expected_and_range, key_finding, over
from evaluation.report.doubts import DOUBTS
from evaluation.report.front_page import front_document
from evaluation.report.html import render
from evaluation.report.layers import first_page
from evaluation.report.other_language import place, translated
from evaluation.report.site import LastCheck, State, site_document
from evaluation.say import ENGLISH, LANGUAGES, QUOTES, SPANISH, language_of, texts
from evaluation.study.by_year import ByYear, Span, Year
from evaluation.study.evidence import dumps, load_evidence, loads
from evaluation.synthesis import agreements
from evaluation.synthesis.elsewhere import for_site
from evaluation.synthesis.elsewhere import loads as published_of

PROJECT = Path(__file__).parents[2]
SLUGS = sorted(
    path.parent.name
    for path in (PROJECT / "reports").glob("*/results.json")
    if not path.parent.name.startswith("replication")
)
TRANSLATED = [language for language in LANGUAGES if language is not ENGLISH]


def parts_of(message: str) -> set[str]:
    found = set()
    for _, name, spec, _ in string.Formatter().parse(message):
        if name is not None:
            found |= {re.split(r"[.\[]", name)[0]} | parts_of(spec or "")
    return found


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda one: one.code)
def test_a_language_says_only_what_english_says_with_the_same_parts(language):
    english = texts(ENGLISH.code)
    for key, message in texts(language.code).items():
        assert parts_of(message) == parts_of(english[key]), key


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_every_text_can_be_said_with_each_of_its_parts(language):
    for key, message in texts(ENGLISH.code).items():
        joined = {
            name
            for _, name, spec, _ in string.Formatter().parse(message)
            if name
            and spec
            and not re.match(r"[,.\d+]|one\||if\||number|upper|period|[a-z]$", spec)
        }
        known = {name: 2 for name in parts_of(message) - joined}
        said = language.say(key, **known, **dict.fromkeys(joined, ("A", "B")))
        assert said or not message, key


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda one: one.code)
def test_no_text_asks_for_a_form_that_there_is_not(language):
    # A word after the colon that is no form would be passed over where a fact or a name stands.
    for key, message in texts(language.code).items():
        for _, name, spec, _ in string.Formatter().parse(message):
            if name is not None and re.fullmatch(r"[a-z]{2,}", spec or ""):
                assert spec in {"and", "number", "period", "upper"}, key


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda one: one.code)
def test_no_message_was_left_in_english(language):
    english = texts(ENGLISH.code)
    same = {
        key
        for key, message in texts(language.code).items()
        if message == english[key] and re.search(r"[a-z]{3}", re.sub(r"{.*?}", "", message))
    }
    assert same == set()


@pytest.fixture
def said(monkeypatch):
    """Keys of texts, each remembered when it is said."""
    taken = set()

    def remembered(key, language):
        taken.add(key)
        return text_of(key, language)

    text_of = fact._text
    monkeypatch.setattr(fact, "_text", remembered)
    return taken


INTERVALS = ((-20.0, -30.0, -10.0), (20.0, 10.0, 30.0), (-2.0, -8.0, 4.0), (0.0, -3.0, 3.0))


def every_outcome():
    for interval in INTERVALS:
        for grade in words.GRADES:
            for scale in ("log ratio", "difference"):
                averted = tuple(-3.0 * value for value in (interval[0], interval[2], interval[1]))
                found = effect(interval, averted, scale=scale)
                yield outcome(found, grade=grade)
    yield failing()
    yield failing(headline=replace(failing().headline, reason="12 periods are too few"))
    barred = replace(failing().headline, reason="not valid here: no comparison")
    yield failing(headline=barred)
    yield failing(headline=barred, alternatives=outcome().alternatives)
    for reasons in zip_longest(*[iter(opening for opening, _ in DOUBTS)] * 2, fillvalue=""):
        made = outcome()
        yield replace(made, grade=replace(made.grade, level="low", reasons=reasons))
    doubted = outcome(grade="low")
    reasons = ("one down by the evaluator, to low: a law", *(opening for opening, _ in DOUBTS))
    yield replace(doubted, grade=replace(doubted.grade, reasons=reasons))
    for kind in get_args(PercentOf):
        for label in ("arrest within 24 months", "risk of arrest"):
            yield outcome(
                effect((-20.0, -30.0, -0.01), (1.0, 0.0, 2.0), percent_of=kind), label=label
            )
    yield outcome(label="arrest within 24 months", primary=False)
    few = Check("can-show", None, fact.fact(CANNOT_SHOW, fall=30.0, smallest=62.0))
    yield outcome(effect((-20.0, -60.0, 40.0), (1.0, -2.0, 3.0)), checks=(few,))
    for holds in (True, False):
        together = Family(3, 0.05, 0.012 if holds else 0.08, holds)
        yield replace(outcome(), family=together)


def of_plan(**content):
    plan = replace(study().plan, content={**study().plan.content, **content})
    return study(plan=plan)


def by_years():
    """Studies of a comparison, of a series and of people, with every way that a count can go."""
    for after, others in ((80.0, 90.0), (120.0, 110.0), (100.0, 100.0), (80.0, None)):
        for design in ("its", "did", "individual"):
            for interval in INTERVALS[1:3]:
                spans = (
                    Span("2005", "2011", 7, 100.0, others and 100.0),
                    Span("2013", "2019", 7, after, others),
                )
                only = Year("2013", "after", after, others, 100.0, 80.0, 120.0)
                years = ByYear((only,), 1, 12, *spans)
                shown = outcome(effect(interval, (1.0, 0.0, 2.0)))
                base = oakland_study(outcomes=(replace(shown, by_year=years),))
                plan = replace(base.plan, content={**base.plan.content, "design": design})
                for unit in ("city", "county", "district", "group", "x"):
                    columns = (Column(unit, "unit", "text", "", unit), *base.data.columns)
                    yield replace(base, plan=plan, data=replace(base.data, columns=columns))


def every_study():
    base = study(outcomes=tuple(every_outcome()))
    yield base
    for margin in (5.0, 60.0):
        yield replace(base, plan=replace(base.plan, content={"margin": margin}))
    yield replace(base, start="2009-06")
    yield replace(base, data=replace(base.data, undated=True))
    # The effect is of a part of the time only.
    path = effect((-26.0, -38.0, -12.0), (82.0, 33.0, 131.0)).path
    part = (*path[:-12], *(replace(point, phase="later") for point in path[-12:]))
    shown = effect((-26.0, -38.0, -12.0), (82.0, 33.0, 131.0), path=part)
    yield study(outcomes=(outcome(shown),))
    yield of_plan(replicates="a paper")
    yield of_plan(controls={"units": ["A", "B"]})
    yield of_plan(controls={"units": ["A", "B", "C", "D"]})
    yield of_plan(controls={"outcome": "nonfatal"})
    yield of_plan(design="did", unit="Testville")
    yield of_plan(design="did", unit="")
    yield replace(base, plan=replace(base.plan, frozen_sha256=None))
    yield replace(base, plan=replace(base.plan, changes=("margin",)))
    yield oakland_study()
    yield synthetic_study()
    for goal in (2, 3):
        yield synthetic_study(goal=goal, slug=f"synthetic-{goal}")
    for unit in ("25 of 50 units", "Oakland (synthetic)"):
        yield study(data=replace(study().data, unit=unit))
    for first, last in (("2012", "2016"), ("2012-Q1", "2016-Q4"), ("2012-01", "2016-01-10")):
        yield study(data=replace(study().data, first=first, last=last))
    for slug in ("participants-synthetic", "survey-synthetic"):
        loaded = load_evidence(slug, PROJECT)
        yield loaded
        shares = tuple(replace(one, measure="share of residents") for one in loaded.outcomes)
        yield replace(loaded, outcomes=shares)


@pytest.mark.parametrize("language", TRANSLATED, ids=lambda one: one.code)
def test_every_message_is_said_somewhere(language, said):
    tongue = language
    studies = list(every_study())
    for evidence in studies:
        first_page(evidence, tongue)
        site_document([evidence], tongue)
    undeclared = replace(study().data.provenance, place="")
    studies.append(study(data=replace(study().data, provenance=undeclared)))
    for project in (
        OAKLAND,
        replace(OAKLAND, authors=("A", "B")),
        replace(OAKLAND, spanish=Names()),
    ):
        site_document(studies, tongue, project=project)
        site_document([], tongue, project=project)
    site_document(studies, tongue)
    site_document([], tongue)
    published = published_of((PROJECT / "reports/elsewhere.json").read_text(encoding="utf-8"))
    for evidence in by_years():
        beside_others = replace(together([evidence]), elsewhere=published)
        front_document([evidence], beside_others, tongue, project=OAKLAND)
    for beside in sets():
        site_document(beside, tongue, agreements=agreements(beside), published=True)
    for basis in get_args(words.Basis):
        words.answer(outcome(), "Ceasefire", basis=basis, language=tongue)
    for state in get_args(State):
        checked = LastCheck("1", {studies[0].slug: state})
        front_document(studies, together(studies), tongue, last_check=checked)
    committed = [load_evidence(slug, PROJECT) for slug in SLUGS]
    for evidence in committed:
        first_page(evidence, tongue)
    front_document(committed, for_site(committed, PROJECT), tongue, project=OAKLAND)
    for _, name in DOUBTS:
        if tongue.has(f"lift.{name}"):
            tongue.say(f"lift.{name}")
    framed = {f"frame.{name}" for name in language.table("frame")}
    missing = set(texts(language.code)) - said - framed
    # What no study here has is asked for somewhere in the source, by its key, the end or the
    # beginning of it.
    source = "".join(path.read_text("utf-8") for path in (PROJECT / "evaluation").rglob("*.py"))

    def asked_for(key):
        head, _, tail = key.partition(".")
        parts = (f'"{key}"', f'"{tail}"', f'"{head}.{{', f'"{key.rpartition("-")[0]}-')
        return any(part in source for part in parts)

    assert sorted(key for key in missing if not asked_for(key)) == []


def test_spanish_contracts_and_changes_y_before_i():
    parts = {"intervention": "el programa", "label": "los tiroteos", "why": "así es"}
    assert SPANISH.say("answer.refused", **parts) == (
        "No podemos saber si hubo un cambio en los tiroteos debido al programa: así es."
    )
    assert SPANISH.listed(["Oakland", "Irvington"]) == "Oakland e Irvington"
    assert SPANISH.listed(["A", "B", "Hialeah"]) == "A, B y Hialeah"
    assert SPANISH.listed(["Reno", "Boston"]) == "Reno y Boston"
    assert ENGLISH.listed(["Reno", "Irvington"]) == "Reno and Irvington"
    assert SPANISH.listed(["Reno"]) == "Reno"


def test_a_heading_leaves_out_the_article():
    assert SPANISH.heading("los homicidios con arma de fuego") == "Homicidios con arma de fuego"
    assert SPANISH.heading("«gun homicides»") == "«gun homicides»"
    assert SPANISH.heading("la elección") == "Elección"
    assert ENGLISH.heading("gun homicides") == "Gun homicides"


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2012-10", "octubre de 2012"),
        ("2012-Q4", "trimestre 4 de 2012"),
        ("2012", "2012"),
        ("2026-01-10", "10 de enero de 2026"),
        ("spring 2012", "spring 2012"),
    ],
)
def test_a_period_as_a_reader_of_spanish_says_it(period, said):
    assert words.period_words(period, SPANISH.code) == said


def test_usual_names_come_from_the_catalogue_and_others_stay_english_in_quotes():
    found = translated(
        study(outcomes=(outcome(), outcome(label="arson of barns", column="arson"))), SPANISH
    )
    assert [one.label for one in found.outcomes] == [
        "los homicidios con arma de fuego",
        "«arson of barns»",
    ]
    assert found.intervention == "Ceasefire"
    assert translated(study(intervention="the walk"), SPANISH).intervention == "«the walk»"
    assert translated(study(intervention="Safe Streets"), SPANISH).intervention == "Safe Streets"
    assert found.title == QUOTES.format(study().title)
    assert found.question == (
        "¿Hubo un cambio en los homicidios con arma de fuego y «arson of barns» debido a Ceasefire?"
    )


def test_what_the_plan_says_comes_first():
    own = {
        "title": "Ceasefire y los homicidios",
        "question": "¿Redujo Ceasefire los homicidios?",
        "intervention": "el programa Ceasefire",
        "outcomes": {"gun_homicides": "los homicidios a balazos"},
    }
    found = translated(of_plan(es=own), SPANISH)
    assert found.title == own["title"]
    assert found.question == own["question"]
    assert found.intervention == own["intervention"]
    assert found.outcomes[0].label == "los homicidios a balazos"
    assert found.outcomes[1].label == "los tiroteos no mortales"
    assert "se deba al programa Ceasefire" in words.answer(
        replace(found.outcomes[0], grade=replace(found.outcomes[0].grade, level="low")),
        found.intervention,
        language=SPANISH,
    )


@pytest.mark.parametrize("own", ["words", None, {"title": 3, "outcomes": "none"}, {"title": " "}])
def test_words_of_a_plan_that_are_none_are_passed_over(own):
    assert translated(of_plan(es=own), SPANISH) == replace(
        translated(study(), SPANISH), plan=of_plan(es=own).plan
    )


def test_a_horizon_is_kept_whoever_names_the_outcome():
    timed = outcome(label="arrest within 24 months", column="arrest")
    assert translated(study(outcomes=(timed,)), SPANISH).outcomes[0].label == (
        "el riesgo de arresto en un plazo de 24 meses"
    )
    plan = of_plan(es={"outcomes": {"arrest": "los arrestos"}}).plan
    assert translated(study(outcomes=(timed,), plan=plan), SPANISH).outcomes[0].label == (
        "los arrestos en un plazo de 24 meses"
    )


def test_translation_touches_names_and_no_number():
    before = loads(dumps(study()))
    after = translated(before, SPANISH)
    for one, other in zip(before.outcomes, after.outcomes, strict=True):
        entries = {
            "headline": replace(other.headline, label=one.headline.label),
            "alternatives": tuple(
                replace(told, label=entry.label)
                for told, entry in zip(other.alternatives, one.alternatives, strict=True)
            ),
        }
        assert replace(other, label=one.label, **entries) == one
    assert after.plan == before.plan
    assert translated(before, ENGLISH) is before


def test_a_place_is_a_count_or_a_proper_name():
    assert place("6 of 12 neighborhoods", SPANISH) == "6 de 12 vecindarios"
    assert place("3 of 9 llamas", SPANISH) == "3 of 9 llamas"
    assert place("Boston", SPANISH) == "Boston"


@pytest.fixture
def scratch(monkeypatch, tmp_path):
    """A folder of texts to add a language to."""
    for file in fact.FOLDER.iterdir():
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(fact, "FOLDER", tmp_path)
    kept = (language_of, fact.texts, fact._file, fact._formatter)
    yield tmp_path
    for one in kept:
        one.cache_clear()


TITLED = study(
    title="T",
    question="Q",
    intervention="I",
    outcomes=(outcome(label="L"), outcome(label="M", grade="low")),
)


def test_a_third_language_is_one_file_and_what_it_lacks_is_english(scratch):
    own = '[language]\nlang = "fr-FR"\npage = "fr.html"\n[study]\nanswer = "La réponse"\n'
    (scratch / "fr.toml").write_text(own, "utf-8")
    page = render(first_page(TITLED, language_of("fr")))
    assert 'lang="fr-FR"' in page
    assert "La réponse" in page
    assert "came out" in page


def test_english_pages_are_made_of_the_texts_alone(scratch):
    """A language of the same keys in capitals leaves nothing of ours in small letters."""
    loud = {
        key: re.sub(r"[^{}]+(?![^{]*})", lambda found: found[0].upper(), message)
        for key, message in texts("es").items()
        if key in texts("en")
        for message in (texts("en")[key],)
    }
    (scratch / "xx.toml").write_text(
        "".join(f"{json.dumps(key)} = {json.dumps(text)}\n" for key, text in loud.items())
        + '[language]\nlang = "xx"\npage = "xx.html"\n',
        "utf-8",
    )
    language, said = language_of("xx"), []
    said.append(over(TITLED, language))
    for banner in banners(TITLED, language):
        said.append(banner.title)
    for one in TITLED.outcomes:
        finding = key_finding(TITLED, one, language)
        said += [finding.label, finding.sentence]
        said += [text for fact in finding.facts for text in (fact.term, fact.value, fact.note)]
    said += [part for part in expected_and_range(TITLED, language).text if isinstance(part, str)]
    assert not [text for text in said if re.search("[a-z]{2}", text)]
