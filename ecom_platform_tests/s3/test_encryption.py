"""Encryption: every client speaks with a store whose certificate is good, and with no other."""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ecom_platform.places import S3Location
from ecom_platform.s3 import client
from ecom_platform.s3.client import S3Connection
from ecom_platform.s3.faults import explain
from ecom_platform.settings import prepare_native_s3_clients
from ecom_platform_tests.s3_proxy import proxy_before

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from ecom_platform_tests.s3_in_small import Bucket
    from ecom_platform_tests.s3_proxy import Proxy

pytestmark = pytest.mark.s3

Meetings = list[Callable[[], Any]]
_PEM = serialization.Encoding.PEM
_number = x509.random_serial_number
# What makes a certificate one that may vouch for others: it signs certificates, and no more.
_SIGNS = dict.fromkeys(
    (
        *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
        *("key_agreement", "encipher_only", "decipher_only", "crl_sign"),
    ),
    False,
)
_AUTHORITY = (
    x509.BasicConstraints(ca=True, path_length=None),
    x509.KeyUsage(key_cert_sign=True, **_SIGNS),
)


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The certificate of an authority that nobody knows, which vouches for `store.pem`."""
    own, store = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _name("authority of a test")
    now, day = dt.datetime.now(tz=dt.UTC), dt.timedelta(days=1)

    def certificate(
        subject: x509.Name, key: ec.EllipticCurvePrivateKey, *others: x509.ExtensionType
    ) -> bytes:
        made = x509.CertificateBuilder(issuer, subject, key.public_key(), _number())
        made = made.not_valid_before(now - day).not_valid_after(now + day)
        known = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(own.public_key())
        for extension in (known, signer, *others):
            critical = isinstance(extension, x509.BasicConstraints | x509.KeyUsage)
            made = made.add_extension(extension, critical=critical)
        return made.sign(own, hashes.SHA256()).public_bytes(_PEM)

    place = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "store.pem").write_bytes(
        store.private_bytes(_PEM, *plain) + certificate(_name("127.0.0.1"), store, place)
    )
    found = tmp_path / "authority.pem"
    found.write_bytes(certificate(issuer, own, *_AUTHORITY))
    return found


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


@pytest.fixture
def encrypted(bucket: Bucket, authority: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The server as one that speaks TLS, and the environment that leads there."""
    for variable in ("AWS_ALLOW_HTTP", "AWS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, "")  # put back as it was, afterwards
        monkeypatch.delenv(variable)
    monkeypatch.setattr(client, "ATTEMPTS", 1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.with_name("store.pem"))
    with proxy_before(bucket.server.endpoint, context) as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.endpoint)
        yield running


def meetings(bucket: Bucket, spark: SparkSession, endpoint: str) -> Meetings:
    """The same object by each client: boto3's, pyarrow's and the engine's."""
    key = f"{bucket.prefix}/a.csv"
    connection = S3Connection(S3Location(bucket.name, bucket.prefix, endpoint))
    return [
        lambda: connection.client.get_object(Bucket=bucket.name, Key=key)["Body"].read().decode(),
        lambda: connection.filesystem.open_input_file(f"{bucket.name}/{key}").read().decode(),
        lambda: "\n".join(row[0] for row in spark.read.text(f"{bucket.lake}/a.csv").collect()),
    ]


def test_every_client_trusts_the_authority_that_aws_ca_bundle_names(
    bucket: Bucket,
    encrypted: Proxy,
    authority: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket.put("a.csv", b"one\ntwo")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(authority))
    met = [meeting() for meeting in meetings(bucket, spark, encrypted.endpoint)]
    assert met == ["one\ntwo"] * 3
    assert encrypted.counted.total() >= 3


def test_no_client_asks_anything_of_a_store_whose_authority_nobody_knows(
    bucket: Bucket, encrypted: Proxy, spark: SparkSession
) -> None:
    for meeting in meetings(bucket, spark, encrypted.endpoint):
        with pytest.raises(Exception, match=r"(?i)certificate") as refused:
            meeting()
        assert "certificate is not trusted" in str(explain(refused.value, "S3"))
    assert encrypted.counted.total() == 0


@pytest.mark.parametrize("endpoint", [None, "https://store.example.com", "https://localhost:9000"])
def test_the_engine_may_speak_in_the_clear_with_nobody_but_this_machine(
    monkeypatch: pytest.MonkeyPatch, endpoint: str | None
) -> None:
    for variable in ("AWS_ALLOW_HTTP", "AWS_REGION", "AWS_EC2_METADATA_DISABLED"):
        monkeypatch.setenv(variable, "")  # put back as it was, afterwards
        monkeypatch.delenv(variable)
    prepare_native_s3_clients(S3Location("shop", "lake", endpoint), "us-east-1")
    assert "AWS_ALLOW_HTTP" not in os.environ
    prepare_native_s3_clients(S3Location("shop", "lake", "http://localhost:9000"), "us-east-1")
    assert os.environ["AWS_ALLOW_HTTP"] == "true"
