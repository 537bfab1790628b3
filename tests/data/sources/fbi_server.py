"""A server on this machine that answers in the shape of the FBI's Crime Data Explorer.

It is written from the shape alone, without the package, and knows the faults that a service on
the net has. Every place, agency and figure is invented.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "aKeyOfTheTests0123456789"
OTHERS = ("Example State", "United States")


@dataclass
class Police:
    """One invented agency. counts : by code of the offense and month "11-2023"; what is not there
    was not reported. idle : months in which it does not participate."""

    ori: str
    name: str
    county: str = "EXAMPLE"
    kind: str = "City"
    nibrs: str | None = None
    population: int = 409_000
    counts: dict[str, dict[str, int | None]] = field(default_factory=dict)
    idle: set[str] = field(default_factory=set)

    def listed(self, state: str) -> dict[str, Any]:
        return {
            "ori": self.ori,
            "agency_name": self.name,
            "agency_type_name": self.kind,
            "state_abbr": state,
            "state_name": "Example State",
            "counties": self.county,
            "is_nibrs": self.nibrs is not None,
            "nibrs_start_date": self.nibrs,
            "latitude": 0.0,
            "longitude": 0.0,
        }


@dataclass
class World:
    """What the server knows. until : the last month, "02/2024". faults : what it does in place of
    an answer, once each, before it answers. change : done to every answer on its way out."""

    states: dict[str, list[Police]] = field(default_factory=dict)
    until: str = "12/2024"
    faults: list[Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=list)
    change: Callable[[str, Any], Any] = lambda path, content: content
    asked: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    def answer(self, path: str, query: dict[str, list[str]]) -> Any:
        """The content at a path; None where there is nothing."""
        if match := re.fullmatch("/agency/byStateAbbr/([A-Z]{2})", path):
            counties: dict[str, list[Any]] = {}
            for one in self.states.get(match[1], []):
                counties.setdefault(one.county, []).append(one.listed(match[1]))
            return counties
        if match := re.fullmatch("/summarized/agency/([A-Z0-9]{9})/([A-Z]{3})", path):
            every = [one for agencies in self.states.values() for one in agencies]
            one = next((one for one in every if one.ori == match[1]), None)
            return None if one is None else self._summarized(one, match[2], query)
        return None

    def _summarized(self, one: Police, code: str, query: dict[str, list[str]]) -> Any:
        asked = months(query["from"][0], query["to"][0])
        known = one.counts.get(code, {})
        end = _number(self.until.replace("/", "-"))
        inside = {
            month: known[month] for month in asked if month in known and _number(month) <= end
        }
        people = {month: one.population for month in asked}
        taking_part = {
            month: None if month in one.idle or month not in inside else one.population
            for month in asked
        }
        series = {f"{one.name} Offenses": inside}
        series[f"{one.name} Clearances"] = {month: 0 for month in inside}
        beside = {f"{name} Offenses": {month: 0.4 for month in asked} for name in OTHERS}
        rates = {name: {m: 1.5 for m in told} for name, told in series.items()}
        return {
            "offenses": {"rates": {**rates, **beside}, "actuals": series},
            "tooltips": {
                "Percent of Population Coverage": {
                    f"{one.name} Offenses": {m: 100 if taking_part[m] else None for m in asked}
                }
            },
            "populations": {
                "population": {one.name: people},
                "participated_population": {one.name: taking_part},
            },
            "cde_properties": {
                "max_data_date": {"UCR": self.until},
                "last_refresh_date": {"UCR": "04/15/2025"},
            },
        }


def months(first: str, last: str) -> list[str]:
    """ "11-2023" to "02-2024", both with it."""
    return [
        f"{number % 12 + 1:02d}-{number // 12}"
        for number in range(_number(first), _number(last) + 1)
    ]


def _number(month: str) -> int:
    return int(month[3:]) * 12 + int(month[:2]) - 1


def refusal(
    status: int, *, code: str = "", headers: dict[str, str] | None = None
) -> Callable[[BaseHTTPRequestHandler], None]:
    """A refusal as api.data.gov sends it."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"error": {"code": code, "message": "words"}}).encode() if code else b"no"
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return send


def body(text: bytes, *, promised: int | None = None) -> Callable[[BaseHTTPRequestHandler], None]:
    """Another body than JSON, or one that ends before its promised length."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(text) if promised is None else promised))
        handler.end_headers()
        handler.wfile.write(text)

    return send


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """No answer at all."""
    handler.connection.close()


@contextlib.contextmanager
def serving(world: World) -> Iterator[str]:
    """The base of the address while the server runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            world.asked.append(self.path.removeprefix("/cde"))
            world.keys.append(self.headers.get("X-Api-Key"))
            if world.faults:
                world.faults.pop(0)(self)
                return
            if self.headers.get("X-Api-Key") != KEY:
                refusal(403, code="API_KEY_INVALID")(self)
                return
            path = parts.path.removeprefix("/cde")
            found = world.answer(path, parse_qs(parts.query))
            if found is None:
                refusal(404)(self)
                return
            body(json.dumps(world.change(path, found)).encode())(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    # A connection that hangs up is meant, and no matter to tell.
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/cde"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
