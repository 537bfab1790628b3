"""The verb `ceasefire stamp`: a third party signs when a plan was frozen, or results accepted."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from evaluation.cli.common import print_json
from evaluation.cli.next_steps import say_next
from evaluation.cli.studies import GOOD, root_of
from evaluation.errors import DataError, EnvironmentFault

# Free of charge and without an account; its root ships with the package.
AUTHORITY = "http://timestamp.digicert.com"
SILENCE = 30.0


def add_stamp_verb(add: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb with its options."""
    one = add("stamp", stamp, "have a third party sign when the plan was frozen (RFC 3161)")
    one.add_argument("slug")
    words = "sign what was accepted, reports/<slug>/lock.json, in place of the frozen plan"
    one.add_argument("--accepted", action="store_true", help=words)
    how = one.add_mutually_exclusive_group()
    words = f"the authority to ask (default: {AUTHORITY}); it sees a hash and no content"
    how.add_argument("--tsa", default=AUTHORITY, metavar="URL", help=words)
    words = "without a network: write the request, plan.frozen.tsq, for you to send"
    how.add_argument("--request", action="store_true", help=words)
    words = "without a network: keep this answer of an authority"
    how.add_argument("--token", type=Path, metavar="FILE", help=words)


def stamp(arguments: argparse.Namespace) -> int:
    """Asks an authority, keeps an answer, or writes what is to be asked."""
    from evaluation.check.timestamp import ask, keep, lock_of, plan_of, write_request
    from evaluation.files import turn
    from evaluation.study.plan.read import read_plan
    from evaluation.study.plan.stamp import answer_in

    root = root_of(arguments)
    slug = read_plan(arguments.slug, root).slug
    one = lock_of(slug, root) if arguments.accepted else plan_of(slug, root)
    with turn("stamp", root):
        if arguments.request:
            write_request(one)
            told = {"slug": slug, "file": one.file, "request": one.request}
            _tell(arguments, told, f"wrote {one.request}")
            say_next(arguments, "stamp.request", request=one.request, slug=slug)
            return GOOD
        if arguments.token:
            shown = arguments.token.name
            found = keep(one, answer_in(arguments.token, shown), shown_as=shown)
        else:
            host = _host(arguments.tsa)
            found = ask(one, lambda asked: _post(arguments.tsa, host, asked), host=host)
    told = {"slug": slug, "file": one.file, "token": one.answer, "at": found.at, "by": found.by}
    _tell(arguments, told, f"{one.file} was there at {found.at}: {found.by} signed that")
    _tell(arguments, {}, f"wrote {one.answer}")
    say_next(arguments, "stamp.accepted" if arguments.accepted else "stamp", slug=slug)
    return GOOD


def _tell(arguments: argparse.Namespace, told: dict[str, str], words: str) -> None:
    if not arguments.json:
        print(words)
    elif told:
        print_json(told)


def _host(address: str) -> str:
    """The name of the server at an address of http or https."""
    import urllib.parse

    try:
        parts = urllib.parse.urlsplit(address)
        if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc:
            return parts.netloc
    except ValueError:
        pass
    raise DataError(f"--tsa: {address!r} is no address such as {AUTHORITY}.")


def _post(address: str, host: str, asked: bytes) -> bytes:
    """The answer of the authority; http is enough, since the answer is signed."""
    import urllib.error
    import urllib.request
    from http.client import HTTPException

    from evaluation.study.plan.stamp import LARGEST

    elsewhere = (
        "Try later, or another authority (--tsa), or send the request by other means (--request)."
    )
    request = urllib.request.Request(
        address, data=asked, headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(request, timeout=SILENCE) as answer:
            given: bytes = answer.read(LARGEST + 1)
    except urllib.error.HTTPError as refused:
        raise EnvironmentFault(f"{host}: answers with status {refused.code}. {elsewhere}") from None
    except (OSError, HTTPException) as broken:
        why = getattr(broken, "reason", None) or type(broken).__name__
        raise EnvironmentFault(f"{host}: cannot be reached ({why}). {elsewhere}") from None
    if len(given) > LARGEST:
        raise EnvironmentFault(f"{host}: gives more than {LARGEST} bytes. {elsewhere}")
    return given
