"""The configuration: what params.yaml may hold, typed, with misspelt keys and wrong types refused.

The values live in `flows/conf` (Hydra groups), are composed into params.yaml by `python -m flows.compose`
and checked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from flows.config.checks import ConfigError, at_least, nearest, one_of
from flows.config.corpora import CORPORA, CorpusSource, LocalCorpus
from flows.config.figure4 import PANELS, Figure4Params
from flows.config.models import EmbeddingParams, EndModelParams, LabelModelParams
from flows.config.schema import NO_FILE, section_of, typed_section, without_no_file
from flows.config.steps import EngineParams, GateParams, LabelParams, PaperParams, ValidationParams

METHODS = ("majority_vote", "weighted_majority", "data_programming", "separate_tasks", "metal")
GOLD_DEV = "gold_dev"
"""The supervision that trains the end model on the gold labels of the development split."""

PARAMS = Path("params.yaml")

FILES: Mapping[str, tuple[str, ...]] = {"corpus": ("path", "labels", "patches"), "embeddings": ("path",)}
"""Keys of the sections that name such a file; those of `corpus` are those of the corpus sections."""


@dataclass(frozen=True)
class Config:
    """The whole of params.yaml.

    corpora : the corpus section of each application, by its name
    end_models : what each of `applications` trains with: its own section, or else `end_model`
    """

    applications: tuple[str, ...]
    methods: tuple[str, ...]
    supervisions: tuple[str, ...]
    trials: int
    corpus: CorpusSource
    corpora: Mapping[str, LocalCorpus]
    engine: EngineParams
    label: LabelParams
    validation: ValidationParams
    gate: GateParams
    label_model: LabelModelParams
    embeddings: EmbeddingParams
    end_model: EndModelParams
    end_models: Mapping[str, EndModelParams]
    paper: PaperParams
    figure4: Figure4Params

    def __post_init__(self) -> None:
        for name in ("applications", "methods", "supervisions"):
            values = getattr(self, name)
            doubled = sorted({value for value in values if values.count(value) > 1})
            if not values or doubled:
                raise ConfigError(f"{name}={list(values)} must list at least one name, none of them twice")
        for method in self.methods:
            one_of("methods", method, METHODS)
        for supervision in self.supervisions:
            one_of("supervisions", supervision, (GOLD_DEV, *METHODS))
            if supervision != GOLD_DEV and supervision not in self.methods:
                raise ConfigError(
                    f"supervision {supervision!r} needs the label model of that name; add it to methods={self.methods}"
                )
        at_least("trials", self.trials, 1)
        for application, params in self.end_models.items():
            if (params.encoder == "transformer") != (self.embeddings.name == "transformer"):
                raise ConfigError(
                    f"end_models.{application}.encoder={params.encoder} does not read embeddings.name="
                    f"{self.embeddings.name}; a transformer needs both: end_model=transformer embeddings=transformer, "
                    f"and no section of its own for the application: {application}.end_model=null"
                )


SECTIONS: Mapping[str, type] = {
    "corpus": CorpusSource,
    "engine": EngineParams,
    "label": LabelParams,
    "validation": ValidationParams,
    "gate": GateParams,
    "label_model": LabelModelParams,
    "embeddings": EmbeddingParams,
    "end_model": EndModelParams,
    "paper": PaperParams,
}


@dataclass(frozen=True)
class TopLevel:
    """The keys of params.yaml that are not sections."""

    applications: list[str]
    methods: list[str]
    supervisions: list[str]
    trials: int


def load_config(path: Path = PARAMS) -> Config:
    """Read and check params.yaml.

    Raises ConfigError for a missing or unreadable file, misspelt or missing keys, wrong types and values
    that make no sense; the message names the key and the remedy, and how to restore the file.
    """
    try:
        raw = OmegaConf.load(path)
    except FileNotFoundError:
        raise ConfigError(f"no configuration at {path}; write it with: python -m flows.compose") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, OmegaConfBaseException) as error:
        raise ConfigError(f"{path} cannot be read: {error}") from error
    if not isinstance(raw, DictConfig):
        raise ConfigError(f"{path} must hold keys and values; write it with: python -m flows.compose")
    try:
        return typed_config(raw, where=str(path))
    except ConfigError as error:
        if "python -m flows.compose" in str(error):
            raise
        # `dvc exp run -S` leaves what was refused in params.yaml, to be refused by everything that comes after.
        raise ConfigError(f"{error}. To restore {path}: git checkout {path}, or python -m flows.compose") from error


def typed_config(raw: DictConfig, *, where: str) -> Config:
    """Check a composed configuration against the schema. Raises ConfigError (see `load_config`)."""
    from metal.applications import application_names  # brings pandas, which importing this module must not

    known = application_names()
    plain = [field.name for field in fields(TopLevel)]
    fixed = [*plain, *SECTIONS, "end_models", "files", "figure4"]
    for key in raw:
        if key not in (*fixed, *known):
            raise ConfigError(
                f"{where}: unknown key {key!r}; known are {fixed} and a corpus section "
                f"for each of the applications {known}{nearest(str(key), [*fixed, *known])}"
            )
    top = typed_section(TopLevel, {key: raw.get(key) for key in plain if key in raw}, where)
    for application in top.applications:
        if application not in known:
            raise ConfigError(
                f"{where}: unknown application {application!r}; known are {known}{nearest(application, known)}"
            )
        if application not in raw:
            raise ConfigError(
                f"{where}: application {application!r} has no corpus section; add `- corpus@{application}: NAME` "
                "to the defaults in flows/conf/config.yaml and run python -m flows.compose"
            )
    sections: dict[str, Any] = {}
    for name, kind in SECTIONS.items():
        content = without_no_file(section_of(raw, name, where), FILES.get(name, ()), where, name)
        sections[name] = typed_section(kind, content, where, name)
    corpora = {name: corpus_section(raw, name, where) for name in known if name in raw}
    # All are checked, also of applications that are not run now: params.yaml is committed, for another day.
    end_models = {name: end_model_of(raw, name, where) for name in corpora}
    config = Config(
        tuple(top.applications),
        tuple(top.methods),
        tuple(top.supervisions),
        top.trials,
        corpora=corpora,
        end_models={name: end_models[name] for name in top.applications},
        figure4=figure4_section(raw, where),
        **sections,
    )
    refuse_unseen(config, section_of(raw, "files", where), where)
    listed = section_of(raw, "end_models", where)
    for application in top.applications:
        if listed.get(application) != asdict(end_models[application]):
            raise ConfigError(
                f"{where}: end_models.{application}, which DVC watches for changes, is not the application's own "
                f"section {application}.end_model, or else end_model; write all of them with: python -m flows.compose"
            )
    return config


def figure4_section(raw: DictConfig, where: str) -> Figure4Params:
    """Check the section of the experiments, each against its own schema. Raises ConfigError (see `load_config`)."""
    content = section_of(raw, "figure4", where)
    for key in content:
        if key not in PANELS:
            raise ConfigError(
                f"{where}: unknown key figure4.{key}; known are {list(PANELS)}{nearest(str(key), PANELS)}"
            )
    parts: dict[str, Any] = {}
    for name, kind in PANELS.items():
        parts[name] = typed_section(kind, section_of(raw["figure4"], name, where), where, f"figure4.{name}")
    return Figure4Params(**parts)


def end_model_of(raw: DictConfig, application: str, where: str) -> EndModelParams:
    """Check what an application trains with: its own section, or else the one of all. Raises ConfigError."""
    own = section_of(raw, application, where).get("end_model")
    name = "end_model" if own is None else f"{application}.end_model"
    return typed_section(EndModelParams, own or section_of(raw, "end_model", where), where, name)


def corpus_section(raw: DictConfig, application: str, where: str) -> LocalCorpus:
    """Check an application's corpus section against the schema that its `name` selects."""
    content = without_no_file(section_of(raw, application, where), FILES["corpus"], where, application)
    content.pop("end_model", None)  # no matter of the corpus: see `end_model_of`
    name = str(content.get("name"))
    one_of(f"{where}: {application}.name", name, sorted(CORPORA))
    return typed_section(CORPORA[name], content, where, application)


def refuse_unseen(config: Config, files: Mapping[str, Any], where: str) -> None:
    """Refuse files whose content DVC would not see: a change in them would leave stale results.

    DVC depends on what `files` lists by application, and makes stages for these; and on the applications' packages.
    """
    if set(files) != set(config.applications):
        raise ConfigError(
            f"{where}: files lists {sorted(files)}, but applications={list(config.applications)}; "
            "write both with: python -m flows.compose"
        )
    for application in config.applications:
        section = config.corpora[application]
        for key in FILES["corpus"]:
            named, listed = getattr(section, key, None) or NO_FILE, files[application].get(key, NO_FILE)
            if listed != named:
                raise ConfigError(
                    f"{where}: {application}.{key}={named!r} is not files.{application}.{key}={listed!r}, the file "
                    "that DVC watches for changes; write both with: python -m flows.compose"
                )
        package = PurePosixPath("metal/applications") / application
        if section.test_from is not None:
            file = PurePosixPath(section.test_from)
            if not file.is_relative_to(package) or ".." in file.parts:
                raise ConfigError(
                    f"{where}: {application}.test_from={section.test_from!r} is not in {package}, which DVC watches "
                    "for changes; put the file there"
                )
