"""What stands in `lock.json`, as pydantic reads it: the form of this version and the former one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Hash = Annotated[str, Field(pattern=r"^(?:[0-9a-f]{64}|too large)?$")]
Words = dict[str, str]


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class _Plan(_Strict):
    path: str
    sha256: Hash
    frozen_on: str | None
    frozen_sha256: Hash | None
    changes_after_freezing: list[str]


class _Data(_Strict):
    tables: dict[str, Hash]
    descriptions: dict[str, Hash]
    rows: int
    sensitivity: str


class _Code(_Strict):
    package: str
    estimates_sha256: Hash
    pages_sha256: Hash


class _Seeds(_Strict):
    bit_generator: str
    defaults: dict[str, int]
    planned: dict[str, int]


class _Results(_Strict):
    path: str
    sha256: Hash


class _Effect(_Strict):
    estimate: float
    low: float
    high: float
    unit: str


class _Answer(_Strict):
    label: str
    effect: _Effect | None
    sentence: str
    grade: str
    planned: list[str]


class _Figure(_Strict):
    data_sha256: Hash
    svg_sha256: Hash


class _Accepted(_Strict):
    on: str
    reason: str
    by: str
    sha256: Hash
    results: Hash = ""
    previous: Hash | None = None


class _Chain(_Strict):
    entries: int
    head: Hash


class _Environment(BaseModel):
    """Versions by name, and how many threads."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: Words
    threads: int


class FormerLock(_Strict):
    """Of a version that did not chain acceptances."""

    written: Literal[1] = Field(alias="schema")
    plan: _Plan
    data: _Data
    code: _Code
    environment: _Environment
    seeds: _Seeds
    results: _Results
    answers: dict[str, _Answer]
    figures: dict[str, _Figure]
    report: dict[str, Hash]
    accepted: list[_Accepted]


class LockFile(FormerLock):
    """Of this version."""

    written: Literal[2] = Field(alias="schema")  # type: ignore[assignment]
    chain: _Chain
