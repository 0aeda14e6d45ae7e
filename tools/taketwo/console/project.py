"""
Where the project is, and what a path that was typed means in it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from taketwo.cassette.model import Cassette
from taketwo.cassette.secrets.mask import mask
from taketwo.cassette.secrets.redact import Redactor, secrets_of_environment
from taketwo.cassette.store.names import PENDING, SUFFIX, SUFFIXES, find_cassettes, find_pending
from taketwo.cassette.store.outside import NAME as STORE_LOCK
from taketwo.cassette.store.outside import missing_files
from taketwo.cassette.store.read import read_cassette
from taketwo.config.dotenv import read_dotenv
from taketwo.config.project import Config, load_config
from taketwo.errors import CassetteError, ConfigError, StoreError, TakeTwoError

_SUFFIXES = (*SUFFIXES, PENDING)


def find_config() -> Config | None:
    """
    The configuration of the project that one is in, or None in none.

    What the project's ``.env`` says is set in the environment from then on.
    """
    for folder in (Path.cwd(), *Path.cwd().parents):
        config = load_config(folder)
        if config is not None:
            if config.dotenv is not None and config.dotenv.is_file():
                read_dotenv(config.dotenv, os.environ)
            return config
    return None


def need_config() -> Config:
    """
    :raises ConfigError: where there is no project.
    :raises StoreError: where cassettes are missing that are kept in a store.
    """
    config = need_project()
    missing = missing_files(config.cassettes) if config.store is not None else []
    if missing:
        raise StoreError(
            f"of the files in {shown(config.cassettes / STORE_LOCK)}, {len(missing)} are not here, such as "
            f"{missing[0]}\nfetch them first: taketwo pull"
        )
    return config


def need_project() -> Config:
    """
    The same where it does not matter which cassettes are here.
    """
    config = find_config()
    if config is None:
        raise ConfigError(
            f"no pyproject.toml with a [tool.taketwo] in {Path.cwd()} or above it; "
            "run this in the project, or write the table: taketwo init"
        )
    return config


def redactor_of(config: Config) -> Redactor:
    return Redactor(secrets_of(config), config.redact, config.keep)


def redactor_here() -> Redactor:
    """
    The redactor of the project that one is in; in none, of what the environment holds.
    """
    config = find_config()
    return _redactor_of_environment() if config is None else redactor_of(config)


def redactor_anywhere() -> Redactor:
    """
    The same also where the configuration cannot be read.
    """
    try:
        return redactor_here()
    except TakeTwoError:
        return _redactor_of_environment()


def _redactor_of_environment() -> Redactor:
    return Redactor(secrets_of_environment(os.environ, ()))


def secrets_of(config: Config) -> list[tuple[str, str]]:
    """
    The secrets in force, those of the services both as configured and as the environment has them.
    """
    own = [pair for service in config.services.values() for pair in service.secrets.items()]
    listed = [*config.secrets, *(name for name, _ in own)]
    return [*own, *secrets_of_environment(os.environ, listed).items()]


def shown(path: Path) -> str:
    """
    *path* as one would type it here.
    """
    return os.path.relpath(path, Path.cwd())


def from_root(path: str, root: Path) -> str:
    """
    *path*, as it was typed here, as it is called in the folder of the project.
    """
    file, colons, test = path.partition("::")
    here = Path.cwd() / file
    return f"{os.path.relpath(here, root)}{colons}{test}" if here.exists() else path


def cassettes_at(paths: Sequence[str]) -> list[Path]:
    """
    The cassettes that *paths* name or hold, each once; without paths, those of the project.

    One of which nothing but a pending recording is left is among them.
    """
    if not paths:
        return list(_below(need_config().cassettes))
    config = find_config()
    found = (path for name in paths for path in _at(name, config))
    return list(dict.fromkeys(found))


def load(name: str) -> Cassette:
    """
    The one cassette at the path *name*, as it may be shown.

    :raises TakeTwoError: saying what to type instead.
    """
    path = Path(name)
    if path.is_dir():
        raise TakeTwoError(f"{name} is a folder; name a cassette in it, as they are in: taketwo list {name}")
    cassette = read_cassette(path) if path.name.endswith(_SUFFIXES) or not path.exists() else None
    if cassette is not None:
        return mask(cassette, redactor_here())
    if path.exists():
        raise TakeTwoError(
            f"{name} is no cassette: those end in {', '.join(SUFFIXES)}; they are in: taketwo list"
        )
    raise _nothing_at(path)


def _at(name: str, config: Config | None) -> Iterator[Path]:
    path = Path(name)
    if path.is_file():
        yield path
    elif not path.is_dir():
        raise _nothing_at(path)
    elif config is not None and config.cassettes.is_relative_to(path.resolve()):
        yield from _below(config.cassettes)
    else:
        yield from _below(path)


def _below(folder: Path) -> Iterator[Path]:
    waiting = (accepted_name(path) for path in find_pending(folder) if path.name.endswith(PENDING))
    yield from sorted({*find_cassettes(folder), *waiting})


def accepted_name(path: Path) -> Path:
    """
    The cassette that *path*, which may be its pending recording, belongs to.
    """
    return path.with_name(path.name.removesuffix(PENDING) + SUFFIX) if path.name.endswith(PENDING) else path


def _nothing_at(path: Path) -> CassetteError:
    near = _nearest(path)
    question = f"; did you mean {near}?" if near else ""
    return CassetteError(f"there is no cassette {path}{question}\nto see what there is: taketwo list")


def _nearest(path: Path) -> str | None:
    config = find_config()
    folder = config.cassettes if config is not None else path.parent
    names = [shown(file) for file in _below(folder)] if folder.is_dir() else []
    begun = [name for name in names if name.startswith(str(path))]
    near = begun or get_close_matches(str(path), names, n=1) or list(_same_name(path, names))
    return near[0] if near else None


def _same_name(path: Path, names: Iterable[str]) -> Iterator[str]:
    """
    What is called like it, in whichever folder, with a suffix or without.
    """
    wanted = path.name.removesuffix(SUFFIX)
    return (name for name in names if Path(name).name.removesuffix(SUFFIX) == wanted)
