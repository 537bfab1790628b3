"""A time-stamping authority of the tests: its certificates, its answers, and a server.

Answers are put together byte by byte (RFC 3161; RFC 5652 for the signature), so that each can be
wrong in one way, at any time.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AT = datetime.datetime(2020, 6, 1, 12, 0, 0, tzinfo=datetime.UTC)
SHA256, SHA1 = "2.16.840.1.101.3.4.2.1", "1.3.14.3.2.26"


def der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def seq(*parts: bytes) -> bytes:
    return der(0x30, *parts)


def integer(value: int) -> bytes:
    return der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    body = bytes([40 * first + second])
    for arc in rest:
        groups = [arc & 127]
        while arc := arc >> 7:
            groups.append(128 | arc & 127)
        body += bytes(reversed(groups))
    return der(0x06, body)


def attribute(kind: str, value: bytes) -> bytes:
    return seq(oid(kind), der(0x31, value))


@dataclass(frozen=True)
class Authority:
    """A root, and a certificate for time stamps that it signed."""

    root: x509.Certificate
    signer: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        return self.root.public_bytes(serialization.Encoding.PEM)

    def answer(
        self,
        content: bytes,
        *,
        nonce: int | None = None,
        at: datetime.datetime = AT,
        algorithm: str = SHA256,
        imprint: bytes = b"",
        beside: tuple[bytes, ...] = (),
        signed_with: str = SHA256,
    ) -> bytes:
        """A token; `beside` are more certificates in it, which its signature does not cover."""
        weak = signed_with == SHA1
        hashed, signing = (hashlib.sha1, hashes.SHA1) if weak else (hashlib.sha256, hashes.SHA256)
        digest = imprint or hashlib.sha256(content).digest()
        told = seq(
            integer(1),
            oid("1.2.3.4.1"),
            seq(seq(oid(algorithm), der(0x05)), der(0x04, digest)),
            integer(77),
            der(0x18, f"{at:%Y%m%d%H%M%SZ}".encode()),
            integer(nonce) if nonce is not None else b"",
        )
        kind, data = "1.2.840.113549.1.9.16.1.4", "1.2.840.113549.1.7.2"
        encoded = self.signer.public_bytes(serialization.Encoding.DER)
        attributes = sorted(
            (
                attribute("1.2.840.113549.1.9.3", oid(kind)),
                attribute("1.2.840.113549.1.9.4", der(0x04, hashed(told).digest())),
                attribute(
                    "1.2.840.113549.1.9.16.2.47",
                    seq(seq(seq(der(0x04, hashlib.sha256(encoded).digest())))),
                ),
            )
        )
        signature = self.key.sign(der(0x31, *attributes), ec.ECDSA(signing()))
        signer = seq(
            integer(1),
            seq(self.signer.issuer.public_bytes(), integer(self.signer.serial_number)),
            seq(oid(signed_with)),
            der(0xA0, *attributes),
            seq(oid("1.2.840.10045.4.1" if weak else "1.2.840.10045.4.3.2")),
            der(0x04, signature),
        )
        signed = seq(
            integer(3),
            der(0x31, seq(oid(signed_with))),
            seq(oid(kind), der(0xA0, der(0x04, told))),
            der(0xA0, *sorted((encoded, *beside))),
            der(0x31, signer),
        )
        return seq(seq(integer(0)), seq(oid(data), der(0xA0, signed)))


def refused(words: str) -> bytes:
    """An answer without a token."""
    return seq(seq(integer(2), seq(der(0x0C, words.encode()))))


def _certificate(name, key, issuer, issuer_key, *, years, extensions, number=None):
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer or x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(key.public_key())
        .serial_number(number or x509.random_serial_number())
        .not_valid_before(datetime.datetime(years[0], 1, 1))
        .not_valid_after(datetime.datetime(years[1], 1, 1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def twin(one: Authority, name: str) -> bytes:
    """A certificate that anyone can make: under the issuer and number of another, with his name."""
    key = ec.generate_private_key(ec.SECP256R1())
    mine = _certificate(
        name,
        key,
        one.signer.issuer,
        key,
        years=(2000, 2090),
        extensions=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])],
        number=one.signer.serial_number,
    )
    return mine.public_bytes(serialization.Encoding.DER)


def authority(
    name: str = "Time of the tests",
    *,
    years: tuple[int, int] = (2019, 2030),
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
) -> Authority:
    """A new authority, whose certificate is valid in these years and for this."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate(
        f"Root of {name}",
        root_key,
        None,
        root_key,
        years=(2000, 2090),
        extensions=[x509.BasicConstraints(ca=True, path_length=None)],
    )
    signer = _certificate(
        name,
        key,
        root.subject,
        root_key,
        years=years,
        extensions=[x509.ExtendedKeyUsage([purpose])],
    )
    return Authority(root, signer, key)


def nonce_of(request: bytes) -> int:
    """The random number of a request for a SHA-256: what stands between hash and certReq."""
    size = request[57]
    assert request[56] == 2 and request[58 + size :] == bytes((1, 1, 255))
    return int.from_bytes(request[58 : 58 + size], "big")


@contextlib.contextmanager
def served(answers: Callable[[bytes], bytes | int]) -> Iterator[str]:
    """The address of a server that gives to each request what `answers` says: bytes or a status."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            found = answers(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(found if isinstance(found, int) else 200)
            body = b"" if isinstance(found, int) else found
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
