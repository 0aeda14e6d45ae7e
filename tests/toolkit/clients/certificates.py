"""
A certificate that nobody but the matrix trusts, for the server's secure port.
"""

from __future__ import annotations

from pathlib import Path

from tests.toolkit.clients.table import is_installed


def write_certificates(folder: Path) -> Path | None:
    """
    The folder with the files, or None where nothing is installed that makes or serves them.
    """
    if not (is_installed("trustme") and is_installed("hypercorn")):
        return None
    import trustme  # noqa: PLC0415 - of the extra `clients`

    folder.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    issued.private_key_pem.write_to_path(str(folder / "server.key"))
    issued.cert_chain_pems[0].write_to_path(str(folder / "server.pem"))
    return folder
