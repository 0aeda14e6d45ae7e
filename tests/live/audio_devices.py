"""
Whether this machine has an audio device that loops back: what is played into it can be recorded from it.

Parsers of what the tools of CoreAudio, PulseAudio, PipeWire and ALSA print, and one function that runs them.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

GUIDE = "tests/live/README.audio-devices.md"
HINT = "PIPECAT_AUDIO_DEVICE_HINT"
SKIP_CHECK = "PIPECAT_SKIP_AUDIO_DEVICE_CHECK"

# The output of a command, None where it is not installed or says nothing.
RunTool: TypeAlias = Callable[[Sequence[str]], str | None]

_PATIENCE = 5.0
_MAC_WORDS = ("blackhole", "black hole", "loopback", "soundflower", "vb-cable")
_LINUX_WORDS = ("loopback", "null sink", "virtual")
_LOOPING = frozenset({"Audio/Sink", "Audio/Duplex", "Audio/Source/Virtual"})
_CARD = re.compile(
    r"^card \d+: (?P<id>\S+) \[(?P<name>[^\]]*)\], device \d+: (?P<device>.*?) \[", flags=re.MULTILINE
)
_SECTIONS = frozenset({"Audio:", "Devices:"})


@dataclass(frozen=True, slots=True)
class Device:
    """
    An audio device; ``loops`` when what is played into it can be recorded.
    """

    system: str
    name: str
    loops: bool


@dataclass(frozen=True, slots=True)
class Inspection:
    """
    What was found; ``asked`` are the commands that printed something.
    """

    devices: tuple[Device, ...]
    asked: tuple[str, ...]
    platform: str

    @property
    def usable(self) -> tuple[Device, ...]:
        return tuple(device for device in self.devices if device.loops)

    @property
    def problem(self) -> str | None:
        """
        Why no live test can run, with what to do; None when there is a device that loops back.
        """
        if self.usable:
            return None
        return "\n".join((self._found(), *_ADVICE.get(self.platform, ()), *_ALWAYS))

    def _found(self) -> str:
        if self.platform not in _ADVICE:
            return f"audio devices of {self.platform} cannot be inspected"
        if not self.asked:
            names = ", ".join(_names(_TOOLS[self.platform]))
            return f"no audio device was found: none of {names} is installed, or none found a server"
        if not self.devices:
            return f"no audio device was found ({', '.join(self.asked)})"
        names = ", ".join(device.name for device in self.devices)
        return f"no audio device loops back; found {names} ({', '.join(self.asked)})"


def inspect_audio_devices(platform: str, run: RunTool, *, hint: str = "") -> Inspection:
    """
    Every device that the tools of *platform* (``sys.platform``) show.

    *hint* is a part of the name of a device that is known to loop back.
    """
    printed = [(tool, text) for tool in _TOOLS.get(platform, ()) if (text := run(tool.command))]
    devices = [device for tool, text in printed for device in tool.read(text)]
    return Inspection(
        devices=tuple(_hinted(device, hint) for device in dict.fromkeys(devices)),
        asked=tuple(_names(tool for tool, _ in printed)),
        platform=platform,
    )


def run_tool(command: Sequence[str]) -> str | None:
    """
    What *command* prints on its standard output, where it is installed and succeeds within seconds.
    """
    if shutil.which(command[0]) is None:
        return None
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout.strip() else None


def read_pactl_sources(text: str) -> Iterator[Device]:
    """
    ``pactl list short sources``, of PulseAudio or of PipeWire in its place: monitors record what is played.
    """
    for line in text.splitlines():
        fields = line.split("\t")
        if len(fields) > 1:
            name = fields[1]
            yield Device("PulseAudio", name, name.endswith(".monitor") or _has(name, _LINUX_WORDS))


def read_pw_dump(text: str) -> Iterator[Device]:
    """
    ``pw-dump``: each sink has a monitor, a duplex null node is one, and a loopback is a virtual source.
    """
    for properties in _nodes(text):
        media = properties.get("media.class", "")
        if media.startswith("Audio/"):
            loops = media in _LOOPING or properties.get("node.virtual") == "True"
            yield Device("PipeWire", properties.get("node.name", "?"), loops)


def read_alsa_cards(text: str) -> Iterator[Device]:
    """
    ``aplay -l`` or ``arecord -l``: the module snd-aloop makes a card named Loopback.
    """
    for found in _CARD.finditer(text):
        name = f"{found['name']}, {found['device']}"
        yield Device("ALSA", name, _has(f"{found['id']} {name}", _LINUX_WORDS))


def read_system_profiler(text: str) -> Iterator[Device]:
    """
    ``system_profiler SPAudioDataType``: names are headings, of which only the sections are none.
    """
    for line in map(str.strip, text.splitlines()):
        if line.endswith(":") and line not in _SECTIONS:
            yield Device("CoreAudio", line[:-1], _has(line, _MAC_WORDS))


def read_switch_audio_source(text: str) -> Iterator[Device]:
    """
    ``SwitchAudioSource -a``: a device a line.
    """
    for name in filter(None, map(str.strip, text.splitlines())):
        yield Device("CoreAudio", name, _has(name, _MAC_WORDS))


@dataclass(frozen=True, slots=True)
class _Tool:
    command: tuple[str, ...]
    read: Callable[[str], Iterator[Device]]


_TOOLS: Mapping[str, tuple[_Tool, ...]] = {
    "darwin": (
        _Tool(("system_profiler", "SPAudioDataType"), read_system_profiler),
        _Tool(("SwitchAudioSource", "-a"), read_switch_audio_source),
    ),
    "linux": (
        _Tool(("pactl", "list", "short", "sources"), read_pactl_sources),
        _Tool(("pw-dump",), read_pw_dump),
        _Tool(("arecord", "-l"), read_alsa_cards),
    ),
}
_ADVICE: Mapping[str, tuple[str, ...]] = {
    "darwin": ("make one: brew install blackhole-2ch, then restart",),
    "linux": (
        "make one: pactl load-module module-null-sink sink_name=pipecat_test",
        "without a sound server: pulseaudio --start --exit-idle-time=-1, or for ALSA: modprobe snd-aloop",
    ),
}
_ALWAYS = (f"{GUIDE} says more; {SKIP_CHECK}=1 skips this check, {HINT}=NAME names a device of yours",)


def _names(tools: Iterable[_Tool]) -> list[str]:
    return [tool.command[0] for tool in tools]


def _hinted(device: Device, hint: str) -> Device:
    if hint and hint.lower() in device.name.lower():
        return Device(device.system, device.name, loops=True)
    return device


def _has(name: str, words: Iterable[str]) -> bool:
    return any(word in name.lower() for word in words)


def _nodes(text: str) -> Iterator[Mapping[str, str]]:
    try:
        objects = json.loads(text)
    except ValueError:
        return
    for each in objects if isinstance(objects, list) else ():
        info = each.get("info") if isinstance(each, dict) else None
        properties = info.get("props") if isinstance(info, dict) else None
        if isinstance(properties, dict) and str(each.get("type", "")).endswith(":Node"):
            yield {str(name): str(value) for name, value in properties.items()}
