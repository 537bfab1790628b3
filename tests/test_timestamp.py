"""`ceasefire stamp`: a plan or a lock is signed by others, kept only when that holds, and told."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from evaluation.check.timestamp import accepted_stamp
from evaluation.cli import main
from evaluation.errors import PlanError
from evaluation.report.sections.appendix import plan as plan_section
from evaluation.study.evidence import load_evidence
from evaluation.study.plan import stamp
from evaluation.study.plan.freeze import plan_record
from evaluation.study.plan.read import read_plan
from evaluation.study.run_cache import inputs_of
from tests.study.plan.authority import AT, authority, nonce_of, refused, served

PROJECT = Path(__file__).parents[1]
OURS = authority()
PLAN, TOKEN = "analyses/boston/plan.frozen.toml", "analyses/boston/plan.frozen.tsr"


@pytest.fixture
def small(tmp_path: Path, monkeypatch) -> Path:
    """A project of one frozen and accepted study, and an authority that it trusts."""
    for name in ("analyses/boston", "reports/boston"):
        shutil.copytree(PROJECT / name, tmp_path / name)
    (tmp_path / "data/public").mkdir(parents=True)
    for path in (PROJECT / "data/public").glob("boston_homicide.*"):
        shutil.copy(path, tmp_path / "data/public")
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted/ours.pem").write_bytes(OURS.pem())
    monkeypatch.setattr(stamp, "TRUSTED", tmp_path / "trusted")
    return tmp_path


def call(root: Path, *words: str) -> int:
    return main(["--root", str(root), "stamp", "boston", *words])


def signed(content: bytes):
    """What an authority answers that signs this, whatever it is asked."""
    return lambda asked: OURS.answer(content, nonce=nonce_of(asked))


def record(root: Path):
    return plan_record(read_plan("boston", root), root)


def test_a_plan_is_signed_by_an_authority_and_what_it_shows_is_told(small, capsys):
    before = record(small)
    assert (before.stamped_at, before.stamped_by) == ("", "")
    inputs = inputs_of("boston", small)
    with served(signed((small / PLAN).read_bytes())) as address:
        assert call(small, "--tsa", address) == 0
    said = capsys.readouterr().out
    assert f"{PLAN} was there at 2020-06-01T12:00:00Z: Time of the tests signed that" in said
    assert f"wrote {TOKEN}" in said and said.splitlines()[-1].startswith("next: ")
    assert not (small / "analyses/boston/plan.frozen.tsq").exists()
    found = record(small)
    assert (found.stamped_at, found.stamped_by) == ("2020-06-01T12:00:00Z", "Time of the tests")
    # What was kept of an earlier run is of other inputs.
    assert inputs_of("boston", small) != inputs
    assert main(["--root", str(small), "plan", "boston"]) == 0
    assert "Stamped by Time of the tests at 2020-06-01T12:00:00Z." in capsys.readouterr().out
    # The page shows authority and time.
    evidence = load_evidence("boston", small)
    assert "Time of the tests" not in str(plan_section(evidence))
    shown = str(plan_section(replace(evidence, plan=found)))
    assert "Time of the tests signed that the frozen plan was there at 2020-06-01 12:00:00" in shown


def test_an_empty_file_is_not_signed(small, capsys):
    (small / "analyses/boston/plan.frozen.toml").write_bytes(b"")
    (small / "reports/boston").mkdir(parents=True, exist_ok=True)
    (small / "reports/boston/lock.json").write_bytes(b"")
    assert call(small, "--request", "--accepted") == 2
    assert "reports/boston/lock.json: is empty" in capsys.readouterr().err


def test_without_a_network_a_request_is_written_and_its_answer_kept(small, capsys):
    request, reply = small / "analyses/boston/plan.frozen.tsq", small / "reply.tsr"
    assert call(small, "--request", "--json") == 0
    assert json.loads(capsys.readouterr().out)["request"].endswith("plan.frozen.tsq")
    content = (small / PLAN).read_bytes()
    reply.write_bytes(OURS.answer(content, nonce=4))
    assert call(small, "--token", str(reply)) == 2
    assert "reply.tsr: answers another request" in capsys.readouterr().err
    assert request.exists() and not (small / TOKEN).exists()
    reply.write_bytes(OURS.answer(content, nonce=nonce_of(request.read_bytes())))
    assert call(small, "--token", str(reply), "--json") == 0
    assert json.loads(capsys.readouterr().out)["by"] == "Time of the tests"
    assert (small / TOKEN).read_bytes() == reply.read_bytes() and not request.exists()


WRONG = {
    "another file": (signed(b"else"), "is of another file than analyses/boston/plan.frozen.toml"),
    "refused": (lambda asked: refused("closed on Sundays"), "closed on Sundays"),
    "a page": (lambda asked: b"<html>Welcome</html>", "is not an answer"),
    "nothing": (lambda asked: b"", "is not an answer"),
    "too much": (lambda asked: bytes(70_000), "gives more than 65536 bytes"),
    "busy": (lambda asked: 503, "answers with status 503"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_answer_is_told_and_nothing_is_kept(name, small, capsys):
    answers, words = WRONG[name]
    with served(answers) as address:
        code = call(small, "--tsa", address)
    said = capsys.readouterr()
    assert code == (4 if name in ("too much", "busy") else 2)
    assert words in said.err and said.err.startswith("127.0.0.1:") and said.out == ""
    assert not list((small / "analyses/boston").glob("*.ts[rq]"))


def test_an_authority_that_is_not_there_is_a_fault_of_the_environment(small, capsys):
    with served(lambda asked: b"") as address:
        pass
    assert call(small, "--tsa", address) == 4
    assert "cannot be reached" in capsys.readouterr().err


def test_a_token_that_shows_nothing_is_refused_by_every_reader_of_the_plan(small, capsys):
    good = OURS.answer((small / PLAN).read_bytes())
    (small / TOKEN).write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(PlanError, match=f"^{TOKEN}: was changed since it was signed"):
        record(small)
    assert main(["--root", str(small), "run", "boston"]) == 2
    assert "plan.frozen.tsr" in capsys.readouterr().err
    (small / TOKEN).write_bytes(good)
    (small / PLAN).write_bytes((small / PLAN).read_bytes() + b"# later\n")
    with pytest.raises(PlanError, match="is of another file"):
        record(small)
    (small / PLAN).unlink()
    with pytest.raises(PlanError, match="is not there"):
        record(small)


def test_what_was_accepted_is_signed_and_another_lock_is_not(small, capsys):
    lock = small / "reports/boston/lock.json"
    assert accepted_stamp("boston", small) is None
    with served(signed(lock.read_bytes())) as address:
        assert call(small, "--accepted", "--tsa", address) == 0
    assert accepted_stamp("boston", small).at == f"{AT:%Y-%m-%dT%H:%M:%SZ}"
    lock.write_text(lock.read_text().replace("boston", "bostom"))
    with pytest.raises(PlanError, match=r"accepted\.tsr: is of another file than reports/boston/"):
        accepted_stamp("boston", small)
    lock.write_bytes(b"")
    assert call(small, "--accepted") == 2
    assert "lock.json: is empty, so nothing can be signed" in capsys.readouterr().err
    lock.unlink()
    assert call(small, "--accepted") == 2
    assert "accept the results first" in capsys.readouterr().err
