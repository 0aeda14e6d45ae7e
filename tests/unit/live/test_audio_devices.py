"""
What the tools of each sound system print, and what follows from it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence

import pytest

from tests.live.audio_devices import (
    Device,
    RunTool,
    inspect_audio_devices,
    read_alsa_cards,
    read_pactl_sources,
    read_pw_dump,
    read_switch_audio_source,
    read_system_profiler,
    run_tool,
)

# PulseAudio 16.1 with a null sink, a pipe source and a virtual source.
PACTL = (
    "0\tpipecat_test.monitor\tmodule-null-sink.c\ts16le 2ch 44100Hz\tRUNNING\n"
    "1\tmic\tmodule-pipe-source.c\ts16le 2ch 44100Hz\tIDLE\n"
)
# The same command where PipeWire answers in PulseAudio's place.
PACTL_OF_PIPEWIRE = (
    "49\talsa_output.pci-0000_00_1f.3.analog-stereo.monitor\tPipeWire\ts32le 2ch 48000Hz\tSUSPENDED\n"
    "50\talsa_input.pci-0000_00_1f.3.analog-stereo\tPipeWire\ts32le 2ch 48000Hz\tSUSPENDED\n"
)
# alsa-utils 1.2 with the module snd-aloop, beside a card of the machine.
ARECORD = """\
**** List of CAPTURE Hardware Devices ****
card 0: PCH [HDA Intel PCH], device 0: ALC257 Analog [ALC257 Analog]
  Subdevices: 1/1
  Subdevice #0: subdevice #0
card 1: Loopback [Loopback], device 0: Loopback PCM [Loopback PCM]
  Subdevices: 8/8
  Subdevice #0: subdevice #0
"""
SYSTEM_PROFILER = """\
Audio:

    Devices:

        BlackHole 2ch:

          Input Channels: 2
          Manufacturer: Existential Audio Inc.
          Output Channels: 2
          Current SampleRate: 48000
          Transport: Virtual
          Input Source: Default
          Output Source: Default

        MacBook Pro Microphone:

          Default Input Device: Yes
          Input Channels: 1
          Manufacturer: Apple Inc.
          Current SampleRate: 48000
          Transport: Built-in
          Input Source: MacBook Pro Microphone

"""
SWITCH_AUDIO_SOURCE = "MacBook Pro Speakers\nLoopback Audio\n"


def pw_dump(*nodes: Mapping[str, object]) -> str:
    """
    The output of pw-dump of PipeWire 0.3 with these nodes, and the driver that is always there.
    """
    driver = {"factory.name": "support.node.driver", "node.driver": True, "node.name": "Dummy-Driver"}
    core = {"id": 0, "type": "PipeWire:Interface:Core", "info": {"props": {"media.class": "Audio/Sink"}}}
    return json.dumps(
        [core, *({"type": "PipeWire:Interface:Node", "info": {"props": node}} for node in (driver, *nodes))]
    )


def tools(**printed: str) -> RunTool:
    def run(command: Sequence[str]) -> str | None:
        return printed.get(command[0].replace("-", "_"))

    return run


def test_monitors_of_pulseaudio() -> None:
    assert list(read_pactl_sources(PACTL)) == [
        Device("PulseAudio", "pipecat_test.monitor", loops=True),
        Device("PulseAudio", "mic", loops=False),
    ]


def test_monitors_of_pipewire_in_pulseaudio_s_place() -> None:
    assert [device.loops for device in read_pactl_sources(PACTL_OF_PIPEWIRE)] == [True, False]


def test_nodes_of_pipewire() -> None:
    null_sink = {
        "factory.name": "support.null-audio-sink",
        "media.class": "Audio/Sink",
        "node.name": "pipecat_test",
    }
    microphone = {"media.class": "Audio/Source", "node.name": "alsa_input.usb"}
    virtual = {"media.class": "Audio/Source", "node.name": "loopback", "node.virtual": True}
    camera = {"media.class": "Video/Source", "node.name": "v4l2_input"}

    assert list(read_pw_dump(pw_dump(null_sink, microphone, virtual, camera))) == [
        Device("PipeWire", "pipecat_test", loops=True),
        Device("PipeWire", "alsa_input.usb", loops=False),
        Device("PipeWire", "loopback", loops=True),
    ]


@pytest.mark.parametrize("text", ["", "can't connect: Host is down", "{}", '[1, {}, {"info": null}]'])
def test_a_pipewire_that_does_not_run_has_no_nodes(text: str) -> None:
    assert list(read_pw_dump(text)) == []


def test_cards_of_alsa() -> None:
    assert list(read_alsa_cards(ARECORD)) == [
        Device("ALSA", "HDA Intel PCH, ALC257 Analog", loops=False),
        Device("ALSA", "Loopback, Loopback PCM", loops=True),
    ]


def test_devices_of_coreaudio() -> None:
    assert list(read_system_profiler(SYSTEM_PROFILER)) == [
        Device("CoreAudio", "BlackHole 2ch", loops=True),
        Device("CoreAudio", "MacBook Pro Microphone", loops=False),
    ]
    assert list(read_switch_audio_source(SWITCH_AUDIO_SOURCE)) == [
        Device("CoreAudio", "MacBook Pro Speakers", loops=False),
        Device("CoreAudio", "Loopback Audio", loops=True),
    ]


@pytest.mark.parametrize(
    ("platform", "run", "usable"),
    [
        ("linux", tools(pactl=PACTL, arecord=ARECORD), ["pipecat_test.monitor", "Loopback, Loopback PCM"]),
        ("linux", tools(arecord=ARECORD), ["Loopback, Loopback PCM"]),
        ("darwin", tools(system_profiler=SYSTEM_PROFILER), ["BlackHole 2ch"]),
        ("darwin", tools(SwitchAudioSource=SWITCH_AUDIO_SOURCE), ["Loopback Audio"]),
    ],
)
def test_any_tool_may_find_a_device(platform: str, run: RunTool, usable: list[str]) -> None:
    found = inspect_audio_devices(platform, run)

    assert [device.name for device in found.usable] == usable
    assert found.problem is None


def test_a_device_of_one_s_own_is_named() -> None:
    run = tools(pactl="1\tmic_of_the_lab\tmodule-pipe-source.c\ts16le 2ch 44100Hz\tIDLE\n")

    assert inspect_audio_devices("linux", run).problem is not None
    assert inspect_audio_devices("linux", run, hint="Of_The_Lab").problem is None


LINUX_ADVICE = """\
make one: pactl load-module module-null-sink sink_name=pipecat_test
without a sound server: pulseaudio --start --exit-idle-time=-1, or for ALSA: modprobe snd-aloop
tests/live/README.audio-devices.md says more; PIPECAT_SKIP_AUDIO_DEVICE_CHECK=1 skips this check, \
PIPECAT_AUDIO_DEVICE_HINT=NAME names a device of yours"""


@pytest.mark.parametrize(
    ("run", "found"),
    [
        (
            tools(),
            "no audio device was found: none of pactl, pw-dump, arecord is installed, or none found a server",
        ),
        (
            tools(arecord="**** List of CAPTURE Hardware Devices ****\n"),
            "no audio device was found (arecord)",
        ),
        (
            tools(pactl="1\tmic\tmodule-pipe-source.c\ts16le\tIDLE\n"),
            "no audio device loops back; found mic (pactl)",
        ),
    ],
)
def test_without_a_device_one_reads_how_to_make_one(run: RunTool, found: str) -> None:
    assert inspect_audio_devices("linux", run).problem == f"{found}\n{LINUX_ADVICE}"


def test_macos_and_other_systems_have_advice_of_their_own() -> None:
    assert "brew install blackhole-2ch" in str(inspect_audio_devices("darwin", tools()).problem)
    assert str(inspect_audio_devices("win32", tools()).problem).startswith(
        "audio devices of win32 cannot be inspected\ntests/live/README.audio-devices.md says more"
    )


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ((sys.executable, "-c", "print('a sink')"), "a sink\n"),
        ((sys.executable, "-c", "print('no server'); raise SystemExit(1)"), None),
        ((sys.executable, "-c", "print()"), None),
        (("no-such-tool-of-sound",), None),
    ],
)
def test_a_tool_counts_when_it_succeeds_and_prints_something(
    command: tuple[str, ...], printed: str | None
) -> None:
    assert run_tool(command) == printed
