"""The configuration, params.yaml: typed sections, and what is refused.

Importing it is light (omegaconf only): every step does.
"""

from flows.config.checks import ConfigError, nearest, one_of
from flows.config.corpora import LocalCorpus, OpenICorpus, PublishedCorpus, SampleCorpus
from flows.config.figure4 import PANELS
from flows.config.loading import GOLD_DEV, PARAMS, Config, load_config, typed_config
from flows.config.models import EmbeddingParams, EndModelParams, LabelModelParams
from flows.config.schema import NO_FILE, first_line
from flows.config.steps import EngineParams, GateParams, LabelParams, ValidationParams

__all__ = [
    "GOLD_DEV",
    "NO_FILE",
    "PANELS",
    "PARAMS",
    "Config",
    "ConfigError",
    "EmbeddingParams",
    "EndModelParams",
    "EngineParams",
    "GateParams",
    "LabelModelParams",
    "LabelParams",
    "LocalCorpus",
    "OpenICorpus",
    "PublishedCorpus",
    "SampleCorpus",
    "ValidationParams",
    "first_line",
    "load_config",
    "nearest",
    "one_of",
    "typed_config",
]
