"""The FBI's Crime Data Explorer, asked over the network: an address in, its JSON out.

The key goes in a header and never into a message, a file or another server: redirections are not
followed, and an address without encryption is refused unless it is this machine itself.
"""

from __future__ import annotations

import email.utils
import hashlib
import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, IncompleteRead
from typing import Any, Final, NoReturn

from evaluation.errors import DataError, EnvironmentFault
from evaluation.fact import fact

# The user's key, and another address of the service: for tests, or a mirror.
KEY: Final = "FBI_API_KEY"
ADDRESS: Final = "FBI_API_BASE"
BASE: Final = "https://api.usa.gov/crime/fbi/cde"
# Of api.data.gov forty letters and digits, but for DEMO_KEY.
_KEY_FORM: Final = re.compile(r"[A-Za-z0-9_-]{4,200}")
_HERE: Final = ("localhost", "127.0.0.1", "::1")

TRIES: Final = 5
# Seconds: before the second try, doubled before each later one; the longest that a server's own
# wish is followed; and until a server that is silent counts as gone.
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 120.0
SILENCE: Final = 30.0
# The agencies of the largest state take well under one MB.
LARGEST: Final = 64 * 1024**2


@dataclass(frozen=True, slots=True)
class Answer:
    """What the service said. path : asked for, below the base. sha256 : of the bytes."""

    path: str
    content: Any
    sha256: str


class _Stay(urllib.request.HTTPRedirectHandler):
    """No redirection: the header with the key would go along to wherever it leads."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Explorer:
    """The service at an address, and the key to it, which its representation does not show."""

    base: str
    key: str

    def __repr__(self) -> str:
        return f"Explorer({self.base!r})"

    def ask(self, path: str) -> Answer:
        """The JSON at a path, asked for again while the service is only busy.

        Raises
        ------
        EnvironmentFault : when the service cannot be reached, does not know the key, or has
            answered often enough for now. DataError : for another answer than JSON, or none there.
        """
        headers = {"X-Api-Key": self.key, "Accept": "application/json"}
        request = urllib.request.Request(f"{self.base}{path}", headers=headers)
        opener = urllib.request.build_opener(_Stay)
        pause = FIRST_PAUSE
        for tried in range(1, TRIES + 1):
            try:
                with opener.open(request, timeout=SILENCE) as answer:
                    raw = answer.read(LARGEST + 1)
                    if len(raw) <= LARGEST and answer.length:
                        raise IncompleteRead(raw, answer.length)
                    return _read(path, raw)
            except urllib.error.HTTPError as refused:
                wait = _wait(refused, path, pause, tried)
            except (OSError, HTTPException) as broken:
                if tried == TRIES:
                    raise EnvironmentFault(
                        fact("data.fbi.unreachable", host=self.host, tries=tried, why=_why(broken))
                    ) from None
                wait = pause
            time.sleep(wait)
            pause *= 2
        raise AssertionError("the last try raises or returns")

    @property
    def host(self) -> str:
        """The name of the server, for messages."""
        return urllib.parse.urlsplit(self.base).netloc


def explorer(environment: Mapping[str, str] = os.environ) -> Explorer:
    """The service and the user's key, as the environment has them.

    Raises
    ------
    EnvironmentFault : without a key, with one that can be none, or with an address that would show
        the key to others on the way.
    """
    key = environment.get(KEY, "").strip()
    if not key:
        raise EnvironmentFault(fact("data.fbi.no-key", name=KEY))
    if not _KEY_FORM.fullmatch(key):
        raise EnvironmentFault(fact("data.fbi.no-such-key", name=KEY))
    base = environment.get(ADDRESS, "").strip().rstrip("/") or BASE
    try:
        parts = urllib.parse.urlsplit(base)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
        safe = safe and bool(parts.hostname) and not (parts.query or parts.fragment or "@" in base)
    except ValueError:
        safe = False
    if not safe:
        raise EnvironmentFault(fact("data.fbi.address", name=ADDRESS, base=base))
    return Explorer(base, key)


def shape(path: str, what: str) -> NoReturn:
    """Says that an answer is not of the form that is known.

    Raises
    ------
    DataError : always. path : what was asked for. what : the place in the answer, as
        `offenses.actuals`.
    """
    raise DataError(fact("data.fbi.shape", path=path, what=what))


def _read(path: str, raw: bytes) -> Answer:
    if len(raw) > LARGEST:
        shape(path, "of more than 64 MB")
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        raise DataError(fact("data.fbi.no-json", path=path)) from None
    return Answer(path, content, hashlib.sha256(raw).hexdigest())


def _wait(refused: urllib.error.HTTPError, path: str, pause: float, tried: int) -> float:
    """Seconds until the next try after an answer that is a refusal; no further try is an error."""
    with refused:
        status, code = refused.code, _code(refused)
        asked = _asked_to_wait(refused)
    if status in (401, 403):
        raise EnvironmentFault(fact("data.fbi.bad-key", name=KEY, status=status, code=code))
    if status == 404:
        raise DataError(fact("data.fbi.not-there", path=path))
    if status == 429:
        wait = pause if asked is None else asked
        if wait > LONGEST_PAUSE or tried == TRIES:
            minutes = max(1, -int(-wait // 60))
            raise EnvironmentFault(fact("data.fbi.limit", minutes=minutes, told=asked is not None))
        return wait
    if status < 500:
        raise DataError(fact("data.fbi.refused", path=path, status=status))
    if tried == TRIES:
        raise EnvironmentFault(fact("data.fbi.down", status=status, tries=tried))
    return pause if asked is None else min(asked, LONGEST_PAUSE)


def _code(refused: urllib.error.HTTPError) -> str:
    """The code of an error as api.data.gov gives it, such as API_KEY_INVALID; "" without one."""
    try:
        found = json.loads(refused.read(10_000))["error"]["code"]
    except (OSError, HTTPException, ValueError, TypeError, KeyError, RecursionError):
        return ""
    return found if isinstance(found, str) and re.fullmatch(r"[A-Z_]{3,40}", found) else ""


def _asked_to_wait(refused: urllib.error.HTTPError) -> float | None:
    """Seconds of the header Retry-After, a number or a day and time; None without a sound one."""
    told = (refused.headers.get("Retry-After") or "").strip()
    if told.isascii() and told.isdigit():
        return float(told[:9])
    try:
        then = email.utils.parsedate_to_datetime(told)
        return max(0.0, then.timestamp() - time.time())
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _why(broken: Exception) -> str:
    reason = getattr(broken, "reason", broken)
    words = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
    return str(words)[:200]
