"""Self-made certificates: a CA of one's own, and what it vouches for, on the curve P-256."""

from __future__ import annotations

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cluster.security import files
from cluster.security.errors import SecurityError

CA_DAYS = 1825
"""How long a CA lasts: renewing it means bringing its file to every machine."""
DAYS = 397
"""How long what it vouches for lasts."""

_MOST = 1 << 20
_SKEW = datetime.timedelta(minutes=5)
_PUBLIC = 0o644


@dataclass(frozen=True)
class Pair:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def save(self, folder: Path, name: str) -> None:
        """Write NAME.key for the owner alone, and NAME.pem.

        Raises:
            SecurityError: they cannot be written.
        """
        key = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        files.replace(folder / f"{name}.key", key)
        pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        files.replace(folder / f"{name}.pem", pem, _PUBLIC)


def load(folder: Path, name: str) -> Pair:
    """Return the pair of NAME.pem and NAME.key.

    Raises:
        SecurityError: they cannot be read, do not belong together, or have expired.
    """
    pem, secret = folder / f"{name}.pem", folder / f"{name}.key"
    chain, key = files.read(pem, _MOST), files.read(secret, _MOST, private=True)
    check_pair(pem, chain, secret, key)
    loaded = serialization.load_pem_private_key(key, None)
    if not isinstance(loaded, ec.EllipticCurvePrivateKey):
        raise SecurityError(f"{secret} is not on an elliptic curve, as keys made here are")
    return Pair(x509.load_pem_x509_certificate(chain), loaded)


def make_ca(now: datetime.datetime, days: float = CA_DAYS) -> Pair:
    """Return a new CA, which can vouch for servers and clients, not for other CAs."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"funsearch CA {x509.random_serial_number() >> 128:08x}")
    builder = _builder(name, name, key, now, now + datetime.timedelta(days=days))
    certificate = (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Pair(certificate, key)


def make_server(ca: Pair, hosts: Sequence[str], now: datetime.datetime, days: float = DAYS) -> Pair:
    """Return a server's certificate, for those names and addresses.

    Raises:
        SecurityError: one of them is neither.
    """
    names = [_host(host) for host in hosts]
    return _leaf(ca, hosts[0][:64], names, ExtendedKeyUsageOID.SERVER_AUTH, now, days)


def make_client(ca: Pair, name: str, now: datetime.datetime, days: float = DAYS) -> Pair:
    """Return a client's certificate; what its owner may do, the token store says."""
    return _leaf(ca, name, [], ExtendedKeyUsageOID.CLIENT_AUTH, now, days)


def der(pem: bytes) -> bytes:
    """Return a certificate in DER.

    Raises:
        ValueError: it is none.
    """
    return x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)


def expiry(encoded: bytes) -> int:
    """Return when a certificate in DER expires, in seconds since 1970.

    Raises:
        ValueError: it is none.
    """
    return int(x509.load_der_x509_certificate(encoded).not_valid_after_utc.timestamp())


def check_pair(certificate: Path, chain: bytes, key: Path, secret: bytes) -> None:
    """Refuse what a handshake would stumble over, while it can still be said in words.

    Raises:
        SecurityError: one file is not what it should be, or they do not belong together.
    """
    try:
        first = x509.load_pem_x509_certificate(chain)
    except ValueError:
        raise SecurityError(f"{certificate} holds no certificate in PEM") from None
    try:
        public = serialization.load_pem_private_key(secret, None).public_key()
    except (ValueError, TypeError):
        raise SecurityError(f"{key} holds no private key in PEM without a password") from None
    if public != first.public_key():
        raise SecurityError(f"{key} is not the key of {certificate}")
    if first.not_valid_after_utc <= datetime.datetime.now(datetime.UTC):
        raise SecurityError(
            f"{certificate} has expired on {first.not_valid_after_utc:%Y-%m-%d}: "
            "`funsearch cluster certs` makes another"
        )


def _leaf(
    ca: Pair,
    common_name: str,
    alternatives: list[x509.GeneralName],
    purpose: x509.ObjectIdentifier,
    now: datetime.datetime,
    days: float,
) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(now + datetime.timedelta(days=days), ca.certificate.not_valid_after_utc)
    builder = _builder(_name(common_name), ca.certificate.subject, key, now, end)
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False
        )
    )
    if alternatives:
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
    return Pair(builder.sign(ca.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime.datetime,
    end: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # The other machine's clock may be a little behind.
        .not_valid_before(min(now, end) - _SKEW)
        .not_valid_after(end)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    allowed = host.isascii() and host.replace("-", "").replace(".", "").isalnum()
    if not allowed or not 0 < len(host) < 254:
        raise SecurityError(f"{host[:100]!a} is neither the name of a host nor an address")
    return x509.DNSName(host)
