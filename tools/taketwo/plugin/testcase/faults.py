"""
The faults that a test asks for, by its options or by the fixture ``taketwo_fault``.
"""

from __future__ import annotations

from collections.abc import Mapping

from taketwo.config.faults import faults_of_test, read_fault
from taketwo.config.playback import Unplayed
from taketwo.playback.fault_places import check_faults
from taketwo.playback.faults import Faults
from taketwo.plugin.testcase.state import RunningTest


def faults_of(options: Mapping[str, object], *, may_be_added: bool) -> Faults | None:
    """
    The faults of a test with *options*; None where it has none, and none *may be added*.

    :raises ConfigError: listing every mistake.
    """
    asked = faults_of_test(options)
    return Faults(asked) if asked or may_be_added else None


def meet(running: RunningTest, faults: Faults) -> None:
    """
    Have the requests of a test meet *faults* from now on.

    :raises ConfigError: when one names what its cassette does not have.
    """
    player = running.player
    check_faults(faults.unmet, player.cassette, player.name)
    player.meet(faults)


def add(running: RunningTest, asked: object, further: Mapping[str, object]) -> None:
    """
    Have them meet one more, which leaves the test free to need no more of what was recorded.

    :raises ConfigError: when it is no fault, or names what its cassette does not have.
    """
    player = running.player
    fault = read_fault(asked, **further)
    check_faults([fault], player.cassette, player.name)
    if player.faults is not None:
        player.faults.add(fault)
    player.playback = player.playback.with_changed(unplayed=Unplayed.ALLOW)
