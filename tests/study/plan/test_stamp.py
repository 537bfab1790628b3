"""A time counts when an authority that ships with the program signed it over this very file."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID

from evaluation.errors import PlanError
from evaluation.study.plan import stamp
from evaluation.study.plan.stamp import (
    TRUSTED,
    Stamp,
    authorities,
    request_for,
    stamp_of,
    verified,
)
from tests.study.plan.authority import AT, SHA1, authority, nonce_of, refused, twin

CONTENT = b"frozen = 2020-05-31\n"
OURS = authority()
GOOD = OURS.answer(CONTENT)


@pytest.fixture(autouse=True)
def trusted(tmp_path, monkeypatch):
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / "ours.pem").write_bytes(OURS.pem())
    monkeypatch.setattr(stamp, "TRUSTED", folder)
    return folder


def check(answer: bytes, *, content: bytes = CONTENT, asked: bytes = b"") -> Stamp:
    return verified(answer, content, asked=asked, shown_as="p.tsr", of="p.toml")


def test_an_answer_of_a_trusted_authority_tells_its_time_and_name():
    asked = request_for(CONTENT)
    found = check(OURS.answer(CONTENT, nonce=nonce_of(asked)), asked=asked)
    assert found == Stamp("2020-06-01T12:00:00Z", "Time of the tests")


def test_two_requests_for_one_file_differ():
    assert nonce_of(request_for(CONTENT)) != nonce_of(request_for(CONTENT))


def test_a_certificate_that_ran_out_since_the_token_was_made_is_no_fault():
    # Its last day was in 2030; a token of 2029 is good for ever.
    assert check(OURS.answer(CONTENT, at=AT.replace(year=2029))).at.startswith("2029")


WEB = authority("A web server", purpose=ExtendedKeyUsageOID.SERVER_AUTH)
WRONG = {
    "another file": (OURS.answer(b"frozen = 2024-01-01\n"), "is of another file than p.toml"),
    "another root": (authority("Stranger").answer(CONTENT), "Stranger, whose root is not trusted"),
    "too late": (OURS.answer(CONTENT, at=AT.replace(year=2035)), "not valid at its time, 2035"),
    "too early": (OURS.answer(CONTENT, at=AT.replace(year=2011)), "not valid at its time, 2011"),
    "moved time": (GOOD.replace(b"20200601", b"20190601"), "was changed since it was signed"),
    "signature": (GOOD[:-1] + bytes([GOOD[-1] ^ 1]), "was changed since it was signed"),
    "for the web": (WEB.answer(CONTENT), "(A web server) is not one for time stamps"),
    "refused": (refused("no such policy"), "did not grant it (status 2: no such policy)"),
    "SHA-1": (
        OURS.answer(CONTENT, algorithm=SHA1, imprint=hashlib.sha1(CONTENT).digest()),
        "not SHA-256, SHA-384 or SHA-512",
    ),
    "signed over SHA-1": (
        OURS.answer(CONTENT, signed_with=SHA1),
        "is signed with a hash that is not SHA-256, SHA-384 or SHA-512",
    ),
    "text": (b"hello", "is not an answer of a time-stamping authority"),
    "nothing": (b"", "is not an answer of a time-stamping authority"),
    "cut": (GOOD[:300], "is not an answer of a time-stamping authority"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_shows_nothing_is_refused_with_the_reason(name, trusted):
    (trusted / "web.pem").write_bytes(WEB.pem())
    answer, words = WRONG[name]
    with pytest.raises(PlanError, match=re.escape(words)) as fault:
        check(answer)
    assert str(fault.value).startswith("p.tsr: ")
    assert "ceasefire stamp" in str(fault.value)


def test_an_answer_to_another_request_is_refused():
    with pytest.raises(PlanError, match="answers another request"):
        check(OURS.answer(CONTENT, nonce=5), asked=request_for(CONTENT))
    with pytest.raises(PlanError, match="answers another request"):
        check(GOOD, asked=request_for(CONTENT))
    for asked in (request_for(b"else"), request_for(CONTENT)[:-1], b"hello"):
        with pytest.raises(PlanError, match="answers a request that"):
            check(OURS.answer(CONTENT, nonce=5), asked=asked)


def test_a_random_number_of_any_length_is_read():
    asked = request_for(CONTENT)
    for number in (0, 1, 127, 128, 2**63, 2**64 - 1, 2**80):
        size = number.bit_length() // 8 + 1
        body = bytes((2, size)) + number.to_bytes(size, "big") + asked[-3:]
        given = asked[:56] + body
        given = given[:1] + bytes((len(given) - 2,)) + given[2:]
        found = check(OURS.answer(CONTENT, nonce=number), asked=given)
        assert found.by == "Time of the tests"


@pytest.mark.parametrize("name", ["A", "The Ministry of Time, and of a Name that is Longer"])
def test_a_certificate_of_the_same_number_puts_no_other_name_on_an_answer(name):
    # Certificates are not signed with an answer, and a set of bytes has another order each time.
    with pytest.raises(PlanError, match="several certificates of one number"):
        check(OURS.answer(CONTENT, beside=(twin(OURS, name),)))


def test_other_certificates_beside_that_of_the_signer_are_no_fault():
    assert check(OURS.answer(CONTENT, beside=(twin(WEB, "Else"),))) == check(GOOD)


def test_no_changed_byte_moves_time_or_authority():
    found = set()
    for place in range(0, len(GOOD), 7):
        changed = bytearray(GOOD)
        changed[place] ^= 1 + place % 255
        try:
            found.add(check(bytes(changed)))
        except PlanError:
            found.add(None)
    assert found <= {None, check(GOOD)} and None in found


def test_without_a_token_nothing_is_shown_and_a_strange_file_is_named(tmp_path):
    path, answer = tmp_path / "p.toml", tmp_path / "p.tsr"
    path.write_bytes(CONTENT)

    def found():
        return stamp_of(path, answer, shown_as="p.toml", answer_as="p.tsr")

    assert found() is None
    answer.write_bytes(GOOD)
    assert found() == check(GOOD)
    answer.write_bytes(bytes(70_000))
    with pytest.raises(PlanError, match=r"p\.tsr: is larger than 65,536 bytes"):
        found()
    answer.unlink()
    answer.mkdir()
    with pytest.raises(PlanError, match=r"p\.tsr: is a folder"):
        found()
    answer.rmdir()
    answer.write_bytes(GOOD)
    path.unlink()
    with pytest.raises(PlanError, match=r"p\.toml: is not there"):
        found()


def test_the_roots_that_ship_are_those_of_the_list(monkeypatch):
    monkeypatch.setattr(stamp, "TRUSTED", TRUSTED)
    listed = dict(re.findall(r"\| `([\w-]+\.pem)` .* `([0-9a-f]{64})` \|", _read("README.md")))
    held = {
        path.name: x509.load_pem_x509_certificate(path.read_bytes())
        .fingerprint(hashes.SHA256())
        .hex()
        for path in TRUSTED.glob("*.pem")
    }
    assert held == listed and len(held) == 3
    assert "DigiCert Trusted Root G4" in authorities()
    with pytest.raises(PlanError, match="root is not trusted here"):
        check(GOOD)


def _read(name: str) -> str:
    return (TRUSTED / name).read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_an_answer_of_openssl_is_read_as_one_of_the_tests_own_authority(tmp_path, trusted):
    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=tmp_path, check=True, capture_output=True)

    (tmp_path / "tsa.cnf").write_text(
        "[req]\ndistinguished_name=dn\n[dn]\n[ext]\nextendedKeyUsage=critical,timeStamping\n"
        "[tsa]\ndefault_tsa=one\n[one]\nserial=serial\nsigner_digest=sha256\n"
        "default_policy=1.2.3.4\ndigests=sha256\ness_cert_id_alg=sha256\n"
    )
    curve = ("-pkeyopt", "ec_paramgen_curve:P-256")
    (tmp_path / "request.tsq").write_bytes(request_for(CONTENT))
    root = ("req", "-x509", "-newkey", "ec", *curve, "-nodes", "-config", "tsa.cnf")
    openssl(*root, "-subj", "/CN=Root", "-keyout", "ca.key", "-out", "ca.pem", "-days", "9")
    key = ("req", "-new", "-newkey", "ec", *curve, "-nodes", "-config", "tsa.cnf")
    openssl(*key, "-subj", "/CN=Made by openssl", "-keyout", "tsa.key", "-out", "tsa.csr")
    signed = ("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key")
    own = ("-CAcreateserial", "-extfile", "tsa.cnf", "-extensions", "ext", "-days", "9")
    openssl(*signed, *own, "-out", "tsa.pem")
    reply = ("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq")
    openssl(*reply, "-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply.tsr")
    answer, asked = (tmp_path / "reply.tsr").read_bytes(), (tmp_path / "request.tsq").read_bytes()
    with pytest.raises(PlanError, match="Made by openssl, whose root is not trusted"):
        check(answer, asked=asked)
    shutil.copy(tmp_path / "ca.pem", trusted / "openssl.pem")
    assert check(answer, asked=asked).by == "Made by openssl"


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")
def test_openssl_holds_the_answers_of_the_tests_own_authority_for_good(tmp_path):
    (tmp_path / "p.toml").write_bytes(CONTENT)
    (tmp_path / "p.tsr").write_bytes(GOOD)
    (tmp_path / "ca.pem").write_bytes(OURS.pem())
    words = ["ts", "-verify", "-data", "p.toml", "-in", "p.tsr", "-CAfile", "ca.pem"]
    words += ["-attime", str(int(AT.timestamp()))]
    done = subprocess.run(["openssl", *words], cwd=tmp_path, capture_output=True, text=True)
    assert "Verification: OK" in done.stdout + done.stderr
