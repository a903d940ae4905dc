"""Compose params.yaml from the groups in flows/conf: `python -m flows.compose [overrides]`.

Overrides are Hydra's: `end_model.steps=410`, `corpus.labels=PATH`, `embeddings=glove`.

`dvc exp run -S` composes by itself and checks nothing: a stage then refuses what is wrong, but where `applications`
names one that there is not, DVC fails before any stage. Here it is named: `python -m flows.compose 'applications=[x]'`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from flows.artifacts import write_text
from flows.cli import plain_errors
from flows.config import PARAMS, ConfigError, first_line, nearest, typed_config
from flows.hydra_plugins import end_models, watched_files  # noqa: F401 (they register the configuration's resolvers)

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

CONF = Path(__file__).parent / "conf"
HEADER = "# Composed from flows/conf by `python -m flows.compose`; change it there, or by overrides, not here.\n"
EXAMPLE = "end_model.steps=410"
"""An override, for help texts."""


def compose(overrides: Sequence[str] = ()) -> DictConfig:
    """Compose the configuration from its groups, interpolations resolved as DVC resolves them.

    Raises ConfigError for overrides that name unknown keys or groups, and for values of the wrong type.
    """
    from hydra.errors import HydraException

    parsed = [parse(override) for override in overrides]
    groups = [found for found in parsed if is_group(found)]
    for group in groups:
        check_group(group)
    try:
        known = raw_config([str(group.input_line) for group in groups])
        for override in parsed:
            if override not in groups:
                check_key(override, known)
        config = raw_config(overrides)
        OmegaConf.resolve(config)
    except (HydraException, OmegaConfBaseException) as error:
        raise ConfigError(f"overrides {list(overrides)}: {first_line(error)}") from error
    typed_config(config, where="flows/conf")
    return config


def raw_config(overrides: Sequence[str]) -> DictConfig:
    """Let Hydra compose, nothing checked or resolved yet."""
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir

    with initialize_config_dir(config_dir=str(CONF.resolve()), version_base=None):
        return hydra_compose(config_name="config", overrides=list(overrides))


def parse(override: str) -> Override:
    """Read an override. Raises ConfigError where it does not have Hydra's form."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        return OverridesParser.create().parse_override(override)
    except HydraException as error:
        raise ConfigError(f"override {override!r} cannot be read; write KEY=VALUE, such as {EXAMPLE}") from error


def is_group(override: Override) -> bool:
    """Say whether an override selects a file of a group: `embeddings=glove`, `corpus@report=local`."""
    name = override.key_or_group
    return override.package is not None or ((CONF / name).is_dir() and isinstance(override.value(), str | None))


def check_group(override: Override) -> None:
    """Raise ConfigError where an override names a group, or a file of it, that there is not."""
    known = sorted(path.name for path in CONF.iterdir() if path.is_dir())
    name, value = override.key_or_group, override.value()
    if name not in known:
        raise ConfigError(f"unknown group {name!r}; known are {known}{nearest(name, known)}")
    files = sorted(path.stem for path in (CONF / name).glob("*.yaml"))
    if not override.is_delete() and value not in files:
        raise ConfigError(f"group {name!r} has no {value!r}; it has {files}{nearest(str(value), files)}")


def check_key(override: Override, known: DictConfig) -> None:
    """Raise ConfigError where an override changes a key that the configuration does not have."""
    key = override.key_or_group
    missing = object()
    if not override.is_add() and OmegaConf.select(known, key, default=missing) is missing:
        names = list(dotted(known))
        section = key.rpartition(".")[0]
        beside = [name for name in names if name.rpartition(".")[0] == section] or [str(name) for name in known]
        raise ConfigError(f"unknown key {key!r}; known are {beside}{nearest(key, names)}")


def dotted(config: DictConfig, prefix: str = "") -> Iterator[str]:
    """Yield the names of all keys of a configuration, those of sections and those in them."""
    for key in map(str, config):
        yield prefix + key
        if not OmegaConf.is_interpolation(config, key) and isinstance(config.get(key), DictConfig):
            yield from dotted(config[key], f"{prefix}{key}.")


def params_text(overrides: Sequence[str] = ()) -> str:
    """Return the content of params.yaml. Raises ConfigError as `compose` does."""
    return HEADER + OmegaConf.to_yaml(compose(overrides))


def main() -> None:
    """Write params.yaml, or the file named by --out."""
    parser = argparse.ArgumentParser(prog="python -m flows.compose", description="Compose params.yaml from flows/conf.")
    parser.add_argument("overrides", nargs="*", help=f"Hydra overrides, e.g. {EXAMPLE}")
    parser.add_argument("--out", type=Path, default=PARAMS, help="where to write (default: %(default)s)")
    arguments = parser.parse_args()
    with plain_errors():
        write_text(arguments.out, params_text(arguments.overrides))


if __name__ == "__main__":
    main()
