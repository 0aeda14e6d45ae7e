"""
The authority that signs the certificates of recorded hosts, for the child processes of one run.

It is made for the run, and nobody else trusts it. Its certificate, which is no secret, is in a folder that
goes with the run; a key of a host is on the disk for as long as OpenSSL takes to read it.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12Certificate,
    serialize_java_truststore,
)

_BUNDLES = (
    "SSL_CERT_FILE",  # OpenSSL, and so Python, Ruby, PHP, Go
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "AWS_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "CARGO_HTTP_CAINFO",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
)
"""Each names a file in the place of the authorities that are trusted else, so that file has those too."""
_ADDED = ("NODE_EXTRA_CA_CERTS", "DENO_CERT")
"""Each names a file beside those."""

_PEM = re.compile(b"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class Authority:
    def __init__(self) -> None:
        self._authority = trustme.CA(organization_name="taketwo", organization_unit_name="this run alone")
        self._lock = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._folder = TemporaryDirectory(prefix="taketwo-", ignore_cleanup_errors=True)
        own, bundle = Path(self._folder.name, "ca.pem"), Path(self._folder.name, "bundle.pem")
        self._authority.cert_pem.write_to_path(str(own))
        bundle.write_bytes(_usual() + self._authority.cert_pem.bytes())
        self.variables: Mapping[str, str] = {
            **dict.fromkeys(_BUNDLES, str(bundle)),
            **dict.fromkeys(_ADDED, str(own)),
        }
        self._bundle = bundle

    @cached_property
    def java_trust_store(self) -> Path:
        """
        The same authorities as those of the variables, in a file for Java: PKCS #12 without a password.
        """
        certificates = enumerate(_certificates(self._bundle.read_bytes()))
        named = [PKCS12Certificate(one, str(number).encode()) for number, one in certificates]
        store = serialize_java_truststore(named, NoEncryption())
        path = self._bundle.with_name("java.p12")
        path.write_bytes(store)
        return path

    def context(self, host: str) -> ssl.SSLContext:
        """
        What proves to a client that this is *host*, or whatever other host it asks for.
        """
        with self._lock:
            if host not in self._contexts:
                self._contexts[host] = self._new_context(host)
            return self._contexts[host]

    def close(self) -> None:
        self._folder.cleanup()

    def _new_context(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        context.set_alpn_protocols(["http/1.1"])

        def named(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
            if name and name != host:
                connection.context = self.context(name)

        context.sni_callback = named
        return context


def _certificates(bundle: bytes) -> list[x509.Certificate]:
    """
    Those of *bundle* that follow the rules: of what a machine trusts, some have been there longer than these.
    """
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what will not follow them in another version
        for one in _PEM.findall(bundle):
            with suppress(ValueError):
                found.append(x509.load_pem_x509_certificate(one))
    return found


def _usual() -> bytes:
    """
    The authorities that are trusted without this one, those that the environment names first.
    """
    paths = ssl.get_default_verify_paths()
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        named = os.environ.get(name, "")
        if named and Path(named).is_file():
            return Path(named).read_bytes() + b"\n"
    file = Path(paths.openssl_cafile)
    return file.read_bytes() + b"\n" if file.is_file() else b""
