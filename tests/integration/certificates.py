"""Certificates of an authority of our own, for peers that ask for them."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_END = _START + datetime.timedelta(days=36500)


@dataclass(frozen=True)
class Authority:
    """Who signs; its certificate is `<name>.pem` in the folder."""

    folder: Path
    name: str
    key: rsa.RSAPrivateKey

    def issue(self, owner: str) -> None:
        """Write `<owner>.pem`, good for 127.0.0.1, and `<owner>_key.pem`."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        made = _unsigned(owner, self.name, key).add_extension(here, critical=False).sign(self.key, hashes.SHA256())
        (self.folder / f"{owner}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        plain, form = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
        (self.folder / f"{owner}_key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))


def authority(folder: Path, name: str) -> Authority:
    """Make an authority and write its certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    is_authority = x509.BasicConstraints(ca=True, path_length=0)
    made = _unsigned(name, name, key).add_extension(is_authority, critical=True).sign(key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return Authority(folder, name, key)


def _unsigned(owner: str, issuer: str, key: rsa.RSAPrivateKey) -> x509.CertificateBuilder:
    owned, issued = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (owner, issuer))
    builder = x509.CertificateBuilder().subject_name(owned).issuer_name(issued).public_key(key.public_key())
    return builder.serial_number(x509.random_serial_number()).not_valid_before(_START).not_valid_after(_END)
