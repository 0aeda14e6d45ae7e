"""
What child processes inherit, so that what they ask for comes to the proxy that records it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from taketwo.features.serve.authority import Authority
from taketwo.network.children import Children
from taketwo.network.guard import Closed


class FakeProxy:
    port = 8123
    variables: Mapping[str, str] = {"SSL_CERT_FILE": "ca.pem"}
    java_options = "-Dhttps.proxyPort=8123"

    def close(self) -> None:
        """
        There is nothing to be closed.
        """


def closed() -> Closed:
    raise AssertionError("nobody asks what is closed")


def test_java_is_led_to_the_proxy_behind_the_options_that_it_has() -> None:
    children = Children(closed, refuses=True)
    children.record_with(lambda _: FakeProxy())

    made = children.environment({"JAVA_TOOL_OPTIONS": "-Xmx1g", "HTTPS_PROXY": "http://elsewhere.test"})
    again = children.environment(made)

    assert made["JAVA_TOOL_OPTIONS"] == again["JAVA_TOOL_OPTIONS"] == "-Xmx1g -Dhttps.proxyPort=8123"
    assert (made["HTTPS_PROXY"], made["SSL_CERT_FILE"]) == ("http://127.0.0.1:8123", "ca.pem")


# Of an authority that this machine has trusted for longer than the rule exists.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_java_trusts_what_the_other_programs_of_the_run_trust() -> None:
    authority = Authority()
    try:
        store = load_pkcs12(authority.java_trust_store.read_bytes(), None)
        own = Path(authority.variables["NODE_EXTRA_CA_CERTS"]).read_bytes()
        names = {one.certificate.subject.rfc4514_string() for one in store.additional_certs}
    finally:
        authority.close()

    assert own.startswith(b"-----BEGIN CERTIFICATE-----")
    assert [name for name in names if "OU=this run alone" in name] == ["OU=this run alone,O=taketwo"]
    assert not authority.java_trust_store.exists()
