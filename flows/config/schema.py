"""From a mapping to its dataclass: misspelt keys, missing ones and wrong types are named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import (
    ConfigKeyError,
    InterpolationResolutionError,
    MissingMandatoryValue,
    ReadonlyConfigError,
    ValidationError,
)

from flows.config.checks import ConfigError, nearest

NO_FILE = "flows/conf/none"
"""What params.yaml says where no file is named; nothing reads it, but DVC depends on the files that are named."""

Section = TypeVar("Section")


def without_no_file(content: Mapping[str, Any], keys: Sequence[str], where: str, name: str) -> dict[str, Any]:
    """Return a section with None where its `keys` say that there is no file. Raises ConfigError for null and ''."""
    for key in keys:
        if isinstance(content.get(key), str) and not content[key].strip():
            raise ConfigError(
                f"{where}: {name}.{key}={content[key]!r} is empty and names no file; write {name}.{key}=FILE, or, for "
                f"no file, {name}.{key}={NO_FILE}"
            )
        if key in content and content[key] is None:
            raise ConfigError(f"{where}: {name}.{key} is null, which DVC cannot depend on; for no file: {NO_FILE}")
    return {key: None if key in keys and value == NO_FILE else value for key, value in content.items()}


def section_of(raw: DictConfig, name: str, where: str) -> dict[str, Any]:
    """Return a section with its interpolations resolved. Raises ConfigError where there is none."""
    try:
        section = raw.get(name)
        content = OmegaConf.to_container(section, resolve=True) if isinstance(section, DictConfig) else None
    except InterpolationResolutionError as error:
        raise ConfigError(f"{where}: section {name!r}: {first_line(error)}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"{where}: section {name!r} is missing; write it with: python -m flows.compose")
    return {str(key): value for key, value in content.items()}


def typed_section(schema: type[Section], content: Mapping[str, Any], where: str, name: str = "") -> Section:
    """Turn a mapping into its dataclass. Raises ConfigError naming the key, and the known ones where misspelt."""
    known = [field.name for field in fields(schema)]  # type: ignore[arg-type]
    prefix = f"{name}." if name else ""
    try:
        merged = OmegaConf.merge(OmegaConf.structured(schema), dict(content))
        return OmegaConf.to_object(merged)  # type: ignore[return-value]
    except MissingMandatoryValue as error:
        missing = [key for key in known if key not in content]
        raise ConfigError(
            f"{where}: {prefix}{', '.join(missing)} missing; write it with: python -m flows.compose"
        ) from error
    except (ConfigKeyError, ReadonlyConfigError) as error:
        misspelt = [key for key in content if key not in known]
        raise ConfigError(
            f"{where}: unknown key {prefix}{', '.join(misspelt)}; known are {known}{nearest(misspelt[0], known)}"
        ) from error
    except ValidationError as error:
        raise ConfigError(f"{where}: {prefix}{error.full_key}: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    """Return an error's first line: OmegaConf appends its own bookkeeping below it."""
    return str(error).splitlines()[0]
