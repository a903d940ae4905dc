"""Compose params.yaml from the groups in flows/conf: `python -m flows.compose [overrides]`.

Overrides are Hydra's: `end_model.epochs=3`, `corpus.labels=PATH`, `embeddings=glove`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from flows.artifacts import write_text
from flows.config import PARAMS, ConfigError, typed_config

CONF = Path(__file__).parent / "conf"
HEADER = "# Composed from flows/conf by `python -m flows.compose`; change it there, or by overrides, not here.\n"


def compose(overrides: Sequence[str] = ()) -> DictConfig:
    """Compose the configuration from its groups, interpolations resolved as DVC resolves them.

    Raises ConfigError for overrides that name unknown keys or groups, and for values of the wrong type.
    """
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.errors import HydraException

    try:
        with initialize_config_dir(config_dir=str(CONF.resolve()), version_base=None):
            config = hydra_compose(config_name="config", overrides=list(overrides))
    except HydraException as error:
        raise ConfigError(f"overrides {list(overrides)}: {error}") from error
    OmegaConf.resolve(config)
    typed_config(config, where="flows/conf")
    return config


def params_text(overrides: Sequence[str] = ()) -> str:
    """Return the content of params.yaml. Raises ConfigError as `compose` does."""
    return HEADER + OmegaConf.to_yaml(compose(overrides))


def main() -> None:
    """Write params.yaml, or the file named by --out."""
    parser = argparse.ArgumentParser(prog="python -m flows.compose", description="Compose params.yaml from flows/conf.")
    parser.add_argument("overrides", nargs="*", help="Hydra overrides, e.g. end_model.epochs=3")
    parser.add_argument("--out", type=Path, default=PARAMS, help="where to write (default: %(default)s)")
    arguments = parser.parse_args()
    try:
        write_text(arguments.out, params_text(arguments.overrides))
    except (ConfigError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        raise SystemExit(1) from error


if __name__ == "__main__":
    main()
