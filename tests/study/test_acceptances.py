"""The chain of acceptances: nothing before its head can be changed without the head."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import PlanError
from evaluation.study.acceptances import (
    NONE,
    Accepted,
    add,
    broken,
    chain_of,
    checked_changes,
    checked_day,
    complete,
    completed,
    continued,
    head_bytes,
    heads,
    read_changes,
)

HASH = "a" * 64
OLD = Accepted("2026-01-01", "Before there was a chain.", "", HASH)


def grown(many: int, *, old: int = 0) -> tuple[Accepted, ...]:
    log = (OLD,) * old
    for number in range(many):
        entry = Accepted(f"2026-02-{number + 1:02}", f"Reason {number}.")
        log = (*log, completed(entry, log, sha256=f"{number:064x}", results=HASH))
    return log


def test_each_entry_holds_the_hash_of_the_one_before():
    log = grown(3)
    assert [entry.previous for entry in log] == ["", *heads(log)[:2]]
    assert broken(log) is None and chain_of(log).head == heads(log)[2]
    assert chain_of(()) == NONE


def test_entries_that_were_not_chained_are_covered_by_the_first_that_is():
    log = grown(2, old=2)
    assert broken(log) is None
    other = (replace(log[0], reason="Another."), *log[1:])
    assert broken(other) == 2
    assert broken((*log, OLD)) == 4


@given(st.integers(0, 4), st.sampled_from([one.name for one in fields(Accepted)]), st.text())
def test_no_entry_can_be_changed_without_the_head_or_a_break(number, name, value):
    log = grown(5)
    if getattr(log[number], name) == value:
        return
    other = (*log[:number], replace(log[number], **{name: value}), *log[number + 1 :])
    assert broken(other) is not None or heads(other)[-1] != heads(log)[-1]


@given(st.integers(0, 3), st.integers(0, 3))
def test_none_can_be_taken_out_or_moved(first, second):
    log = grown(5)
    assert broken((*log[:first], *log[first + 1 :])) is not None
    moved = list(log)
    moved[first], moved[second] = moved[second], moved[first]
    assert first == second or broken(moved) is not None


def test_what_is_written_reads_back_and_a_break_is_told_at_its_line(tmp_path):
    log = grown(3)
    for entry in log:
        add("x", tmp_path, entry)
    assert read_changes("x", tmp_path) == checked_changes("x", tmp_path) == log
    found = head_bytes("x", tmp_path)
    assert hashlib.sha256(found).hexdigest() == heads(log)[-1]
    path = tmp_path / "analyses/x/changes.toml"
    text = path.read_text("utf-8").replace("Reason 0.", "Another.")
    path.write_text(text, encoding="utf-8")
    line = [number for number, one in enumerate(text.split("\n"), 1) if "previous =" in one][1]
    with pytest.raises(PlanError, match=f"changes.toml:{line}:1: accepted.previous: is not the"):
        checked_changes("x", tmp_path)


def test_an_entry_of_a_person_waits_at_the_end_until_it_is_completed(tmp_path):
    log = grown(1)
    add("x", tmp_path, log[0])
    path = tmp_path / "analyses/x/changes.toml"
    pending = '\n[[accepted]]\non = 2026-03-01\nreason = "Ours."\n'
    path.write_text(path.read_text("utf-8") + pending, encoding="utf-8")
    waiting = read_changes("x", tmp_path)
    assert broken(waiting) is None and not waiting[1].sha256
    complete("x", tmp_path, completed(waiting[1], log, sha256=HASH, results=HASH))
    assert checked_changes("x", tmp_path)[1].previous == heads(log)[0]


def test_a_page_tells_the_chain_before_it(tmp_path):
    (tmp_path / "reports/x").mkdir(parents=True)
    (tmp_path / "reports/x/results.json").write_text("{}", encoding="utf-8")
    assert continued("x", tmp_path) == NONE and head_bytes("x", tmp_path) == b""
    results = hashlib.sha256(b"{}").hexdigest()
    log = grown(2)
    log = (*log, completed(Accepted("2026-03-01", "Now."), log, sha256=HASH, results=results))
    for entry in log:
        add("x", tmp_path, entry)
    # Accepted: the chain before it. Not accepted yet: all of it.
    assert continued("x", tmp_path) == chain_of(log[:2])
    (tmp_path / "reports/x/results.json").write_text("{ }", encoding="utf-8")
    assert continued("x", tmp_path) == chain_of(log)


def test_nothing_is_accepted_on_a_day_to_come():
    now = datetime.date(2026, 3, 1)
    assert checked_day("2026-03-01", now) == "2026-03-01"
    with pytest.raises(PlanError, match="2026-03-02 is still to come"):
        checked_day("2026-03-02", now)


INLINE = f'accepted = [{{on = 2026-01-01, reason = "Then.", sha256 = "{HASH}"}}]\n'
WAITING = 'accepted = [{on = 2026-01-01, reason = "Then."}]\n'


@pytest.mark.parametrize("text", [INLINE, WAITING, WAITING + "[more]\n"])
def test_a_file_to_whose_end_nothing_can_be_added_stays_as_it_is(tmp_path, text):
    path = tmp_path / "analyses/s/changes.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    entry = completed(Accepted("2026-02-01", "Now."), (OLD,), sha256=HASH, results=HASH)
    for write in (add, complete):
        with pytest.raises(PlanError, match=r"analyses/s/changes\.toml:"):
            write("s", tmp_path, entry)
        assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("mark", "ends"), [("\ufeff", "\n"), ("", "\r\n"), ("\ufeff", "\r\n")])
def test_marks_and_line_ends_of_an_editor_are_no_hindrance(tmp_path, mark, ends):
    path = tmp_path / "analyses/s/changes.toml"
    entries = grown(2)
    add("s", tmp_path, entries[0])
    text = mark + path.read_text(encoding="utf-8").replace("\n", ends)
    path.write_bytes(text.encode("utf-8"))
    add("s", tmp_path, entries[1])
    assert read_changes("s", tmp_path) == entries
