"""
What starts the proxy through which other processes, such as children and browsers, record into a cassette.
"""

from __future__ import annotations

from collections.abc import Callable

from taketwo.config.extras import needed_for
from taketwo.errors import ConfigError
from taketwo.network.children import RecordingProxy
from taketwo.network.proxy import Judge
from taketwo.playback.active import current
from taketwo.plugin.session import Session
from taketwo.plugin.testcase.state import RunningTest


def recording_proxy(
    running: RunningTest, session: Session, *, what: str = "children=True", for_browser: bool = False
) -> Callable[[Judge], RecordingProxy]:
    """
    What starts the proxy through which other processes record into a test's cassette; *what* asks for it.
    """
    active = current()
    if active is None:
        raise ConfigError(f"{what} needs a cassette, and this test has none")
    with needed_for(what):
        from taketwo.features.serve.proxy import ChildProxy  # noqa: PLC0415 - its libraries are an extra

    return lambda judge: ChildProxy(
        active, running.ws_conversations(), judge=judge, hide=session.without_secrets, for_browser=for_browser
    )
