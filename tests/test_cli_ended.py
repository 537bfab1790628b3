"""Signals that ask the program to end raise in it, and only where nobody set them aside."""

from __future__ import annotations

import signal

import pytest

from evaluation.cli.ended import Ended, endings_heard, exit_code


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_ends_what_is_done_with_128_and_its_number(name):
    number = getattr(signal, name)
    # The tests may have been started with it set aside.
    before = signal.signal(number, signal.SIG_DFL)
    try:
        with pytest.raises(Ended) as ended, endings_heard():
            signal.raise_signal(number)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)
    assert exit_code(ended.value) == 128 + number


def test_a_signal_that_was_set_aside_stays_it():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with endings_heard():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_interruption_is_130():
    assert exit_code(KeyboardInterrupt()) == 130
