"""
The texts that ``taketwo init`` writes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from taketwo.features.init.findings import ComposeService, Found

PRE_COMMIT = """\
repos:
  - repo: local
    hooks:
      - id: taketwo-scan
        name: no secrets in cassettes
        entry: taketwo scan
        language: system
        files: ^{cassettes}/
        pass_filenames: false
"""

GIT_ATTRIBUTES = """\
{cassettes}/** linguist-generated
"""

_ASKS = {
    "httpx": 'httpx.get("{url}").raise_for_status()',
    "httpx2": 'httpx2.get("{url}").raise_for_status()',
    "requests": 'requests.get("{url}", timeout=10).raise_for_status()',
    "urllib3": 'assert urllib3.request("GET", "{url}").status == 200',
    "aiohttp": "async with aiohttp.ClientSession() as session, "
    'session.get("{url}") as answer:\n        answer.raise_for_status()',
}


def table(found: Found, *, cassettes: str = "cassettes") -> str:
    """
    The commented ``[tool.taketwo]`` of a project.
    """
    return "\n".join([*_head(found, cassettes), *_secrets(found), *_services(found), ""])


def example(found: Found) -> str:
    """
    A first test, with the client that the project has.
    """
    client = next((name for name in found.clients if name in _ASKS), "")
    if not client:
        return "@pytest.mark.vcr\ndef test_example(): ...  # send a request with your client"
    define = "async def" if client == "aiohttp" else "def"
    ask = _ASKS[client].replace("{url}", "https://example.com/")
    return f"import pytest\nimport {client}\n\n@pytest.mark.vcr\n{define} test_example():\n    {ask}"


def _head(found: Found, cassettes: str) -> Iterator[str]:
    yield "# Recorded HTTP. Record: pytest --record-mode=once   Replay: pytest   All keys: taketwo schema"
    if found.clients:
        yield f"# Recorded are the requests of: {', '.join(found.clients)}"
    yield "[tool.taketwo]"
    yield f"cassettes = {json.dumps(cassettes)} # recordings, to be committed"
    yield f"tests = {json.dumps(found.tests)}"


def _secrets(found: Found) -> Iterator[str]:
    if found.secrets:
        yield f"# Variables of {found.dotenv} whose values are never written:"
        yield f"secrets = {json.dumps(list(found.secrets))}"
    else:
        yield '# secrets = ["API_KEY"] # environment variables whose values are never written'


def _services(found: Found) -> Iterator[str]:
    yield ""
    if found.services:
        yield f"# From {found.compose_file}: uncomment what your tests talk to; a recording starts it."
    else:
        yield "# A server of your own, which is started when something is recorded:"
    services = found.services or (ComposeService(name="api", port=8000),)
    for service in services:
        command = (
            ["docker", "compose", "up", service.name] if found.services else ["python", "-m", "your_server"]
        )
        yield f"# [tool.taketwo.services.{_key(service.name)}]"
        yield f"# command = {json.dumps(command)}"
        yield f"# port = {service.port}"
        yield f"# health = {json.dumps(service.health or '/')}"
        variable = _address_of(service, found.addresses)
        yield f'# environment = {{ {variable} = "{{url}}" }} # where your code reads its address'


def _address_of(service: ComposeService, addresses: tuple[str, ...]) -> str:
    """
    The variable that looks as if it named the address of *service*.
    """
    wanted = service.name.upper().replace("-", "_")
    return next((name for name in addresses if wanted in name.upper()), f"{wanted}_URL")


def _key(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else json.dumps(name)
