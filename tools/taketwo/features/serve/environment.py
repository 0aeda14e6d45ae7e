"""
The environment variables that point clients at the server, as the services of the project name them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from taketwo.cassette.secrets.redact import secrets_of_environment
from taketwo.config.project import Config
from taketwo.features.serve.addresses import origin_of
from taketwo.features.serve.sessions import Session
from taketwo.services.service import Service


def environment_of(services: Sequence[Service], session: Session) -> dict[str, str]:
    """
    The variables of each service that *session* has recordings from; no secret is among them.
    """
    found: dict[str, str] = {}
    for service in services:
        origin = origin_of(service.config.url)
        if origin not in session.origins:
            continue
        url = session.base(origin)
        if service.config.address:
            found[service.config.address] = url
        hidden = [value for value in service.secrets.values() if value]
        found |= {
            name: value
            for name, value in service.variables(url).items()
            if not any(secret in value for secret in hidden)
        }
    return found


def secrets_played(
    config: Config | None, services: Sequence[Service], *, is_private: bool
) -> Mapping[str, str]:
    """
    The values that are played for secrets: those of the configuration, and those of the environment where
    nobody but this machine can ask for them. Any other is played as a stand-in.
    """
    configured = {name: value for service in services for name, value in service.config.secrets.items()}
    if not is_private:
        return configured
    found = secrets_of_environment(os.environ, config.secrets if config is not None else ())
    for service in services:
        found |= service.secrets
    return found
