"""A time that a third party signed: an RFC 3161 token beside a file, verified without a network.

An authority signs the hash of a file with the time at which it had it, so that the file is no
younger than the token. Only authorities whose roots ship in `trusted/` count: a list in the project
could be written by whoever forges the token. Certificates need to have been valid when the token
was made, not today (RFC 3161, section 4.3, and Adams and others 2001). No list of revoked
certificates is asked, which would need a network.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evaluation.errors import PlanError
from evaluation.files import content_of

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

TRUSTED = Path(__file__).parent / "trusted"
# The answer of the authority, and what it is asked while there is none.
ANSWER, REQUEST = ".tsr", ".tsq"
AGAIN: Final = "ceasefire stamp --request"
# An answer with a chain of certificates has 4 to 8 kB.
LARGEST: Final = 65_536
# By the identifiers of an answer. A collision of SHA-1 can be made (Stevens and others 2017).
HASHES: Final = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a token shows: `at`, in UTC as 2026-01-31T12:00:00Z, the file was there; `by` is the
    authority, as its certificate names it."""

    at: str
    by: str


def request_for(content: bytes) -> bytes:
    """What an authority is asked to sign, in DER: the SHA-256 of the content, a random number."""
    return _request(content).as_bytes()


def _request(content: bytes) -> TimeStampRequest:
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    return TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()


def stamp_of(path: Path, answer: Path, *, shown_as: str, answer_as: str) -> Stamp | None:
    """What the token of a file shows; None where there is none.

    Parameters
    ----------
    path, answer : the file and its token. shown_as, answer_as : both, for messages.

    Raises
    ------
    PlanError : when the token is there and shows nothing, with the reason.
    """
    if not answer.exists() and not answer.is_symlink():
        return None
    content = content_of(path, shown_as, error=PlanError, missing="is not there")
    given = answer_in(answer, answer_as)
    return verified(given, content, asked=b"", shown_as=answer_as, of=shown_as)


def answer_in(path: Path, shown_as: str) -> bytes:
    """The bytes of a file that may be an answer.

    Raises
    ------
    PlanError : when it is no ordinary file, cannot be read, or is larger than an answer can be.
    """
    return content_of(path, shown_as, most=LARGEST, error=PlanError, missing="is not there")


def verified(answer: bytes, content: bytes, *, asked: bytes, shown_as: str, of: str) -> Stamp:
    """What an answer shows about a content, when an authority that is trusted here signed it.

    Parameters
    ----------
    answer : a response of RFC 3161 in DER. asked : the request as `request_for` made it, whose
        random number the answer must repeat; b"" once it was checked: what ties an answer to a file
        is the hash.
    shown_as, of : the files of answer and content, for messages.

    Raises
    ------
    PlanError : when it is no answer, was refused, is of another content or request, was changed, or
        is not signed by a trusted authority with a certificate that was valid then.
    """
    from cryptography.x509 import ObjectIdentifier
    from rfc3161_client import decode_timestamp_response

    with _reading(shown_as):
        response = decode_timestamp_response(answer)
        if response.status != 0:
            said = ", ".join(response.status_string) or "no reason given"
            words = f"the authority did not grant it (status {response.status}: {said})"
            raise _fault(shown_as, words)
        told = response.tst_info
        name = HASHES.get(told.message_imprint.hash_algorithm.dotted_string)
        if name is None:
            raise _fault(shown_as, "is made with a hash that is not SHA-256, SHA-384 or SHA-512")
        if told.message_imprint.message != hashlib.new(name, content).digest():
            raise _fault(shown_as, f"is of another file than {of}, or that was changed since")
        if response.signed_data.digest_algorithms - {ObjectIdentifier(one) for one in HASHES}:
            raise _fault(shown_as, "is signed with a hash that is not SHA-256, SHA-384 or SHA-512")
        if asked and told.nonce != _asked_nonce(asked, content, shown_as):
            words = "answers another request: its random number is not the one asked"
            raise _fault(shown_as, words)
        signer = _signer(response, shown_as)
        at = told.gen_time
        at = at.replace(tzinfo=datetime.UTC) if at.tzinfo is None else at.astimezone(datetime.UTC)
        if not signer.not_valid_before_utc <= at <= signer.not_valid_after_utc:
            raise _fault(shown_as, f"its certificate was not valid at its time, {at:%Y-%m-%d}")
        _check_signature(response, content, signer, shown_as)
        return Stamp(f"{at:%Y-%m-%dT%H:%M:%SZ}", _name(signer))


@contextlib.contextmanager
def _reading(shown_as: str) -> Iterator[None]:
    """Bytes of strangers: whatever the libraries raise or warn about them, they are no answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except PlanError:
            raise
        except Exception:
            words = "is not an answer of a time-stamping authority (RFC 3161)"
            raise _fault(shown_as, words) from None


def authorities() -> tuple[str, ...]:
    """The names of the roots that are trusted."""
    return tuple(_name(one) for one in _roots())


def _roots() -> list[Certificate]:
    from cryptography.x509 import load_pem_x509_certificate

    return [
        load_pem_x509_certificate(content_of(path, path.name))
        for path in sorted(TRUSTED.glob("*.pem"))
    ]


def _asked_nonce(asked: bytes, content: bytes, shown_as: str) -> int:
    """The random number of a request for this content: the one part that another would not have."""
    other = _request(content)
    assert other.nonce is not None, "request_for asks with a random number"
    # Tag, length and all bytes of a whole number that is not negative (X.690, section 8.3).
    size = other.nonce.bit_length() // 8 + 1
    number = bytes((2, size)) + other.nonce.to_bytes(size, "big")
    before, _, after = other.as_bytes().partition(number)
    held = asked[len(before) : len(asked) - len(after)]
    # The second byte is the length of all, which the number's own length moves.
    same = asked[2:].startswith(before[2:]) and asked.endswith(after)
    if not same or len(held) < 3 or held[:2] != bytes((2, len(held) - 2)):
        raise _fault(shown_as, f"answers a request that `{AGAIN}` did not make for this file")
    return int.from_bytes(held[2:], "big", signed=True)


def _signer(response: TimeStampResponse, shown_as: str) -> Certificate:
    """The certificate whose key signed, of those in the answer.

    An answer names it by issuer and number. Whoever has an answer can put a certificate of his own
    under the same into it, since certificates are not signed with it; so there may be one only.
    """
    from cryptography.x509 import load_der_x509_certificate

    signers = [(one.serial_number, one.issuer) for one in response.signed_data.signer_infos]
    held = map(load_der_x509_certificate, response.signed_data.certificates)
    found = [one for one in held if (one.serial_number, one.issuer) in signers]
    if len(signers) > 1 or len(found) > 1:
        raise _fault(shown_as, "holds several signatures, or several certificates of one number")
    if not found:
        raise _fault(shown_as, "does not hold the certificate that it was signed with")
    return found[0]


def _check_signature(
    response: TimeStampResponse, content: bytes, signer: Certificate, shown_as: str
) -> None:
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        VerifierBuilder(roots=_roots()).build().verify_message(response, content)
    except VerificationError as fault:
        raise _fault(shown_as, _why(str(fault), signer)) from None


def _why(said: str, signer: Certificate) -> str:
    """What the library found, in words of this project."""
    low = said.lower()
    if "eku extension" in low or "unsuitable certificate" in low:
        return f"its certificate ({_name(signer)}) is not one for time stamps"
    if "has expired" in low or "not yet valid" in low:
        return "a certificate in its chain was not valid at its time"
    if "issuer certificate" in low or "self-signed" in low or "self signed" in low:
        known = ", ".join(authorities())
        return f"is signed by {_name(signer)}, whose root is not trusted here ({known})"
    return "was changed since it was signed, or its signature is of something else"


def _name(certificate: Certificate) -> str:
    from cryptography.x509.oid import NameOID

    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        for held in certificate.subject.get_attributes_for_oid(kind):
            text = " ".join("".join(c if c.isprintable() else " " for c in str(held.value)).split())
            if text:
                return text
    return certificate.subject.rfc4514_string()


def _fault(shown_as: str, what: str) -> PlanError:
    return PlanError(
        f"{shown_as}: {what}. Delete it, or have another made: `ceasefire stamp --help`."
    )
