"""
The server in a process of its own: ``python -m tests.toolkit.clients.server PORT [SECURE_PORT FOLDER]``.

The second port speaks TLS, HTTP/1.1 and HTTP/2, with the certificate that lies in FOLDER. The server ends
with its standard input, so that it never outlives who started it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path

import uvicorn

from tests.toolkit.clients.server.app import app


def plain(port: int) -> asyncio.Task[None]:
    config = uvicorn.Config(app, port=port, lifespan="off", log_level="critical", timeout_graceful_shutdown=1)
    return asyncio.create_task(uvicorn.Server(config).serve())


def secure(port: int, folder: Path) -> asyncio.Task[None]:
    from hypercorn.asyncio import serve  # noqa: PLC0415 - of the extra `clients`
    from hypercorn.config import Config  # noqa: PLC0415

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.certfile, config.keyfile = str(folder / "server.pem"), str(folder / "server.key")
    config.alpn_protocols = ["h2", "http/1.1"]
    config.errorlog = None
    return asyncio.create_task(serve(app, config, shutdown_trigger=asyncio.Event().wait))


def end_with_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


async def main(port: int, secure_port: str = "", folder: str = "") -> None:
    served = [plain(port)]
    if secure_port:
        served.append(secure(int(secure_port), Path(folder)))
    await asyncio.gather(*served)


if __name__ == "__main__":
    threading.Thread(target=end_with_input, daemon=True).start()
    asyncio.run(main(int(sys.argv[1]), *sys.argv[2:]))
