"""The OmegaConf resolver `${end_models:}`: the end model of each application in `applications`.

An application's own section is `APPLICATION.end_model`; one without takes the section `end_model`. DVC's templates
cannot choose between the two, so that the configuration lists what holds by application, and a training depends on that
alone. Hydra finds this module as it finds `watched_files`.
"""

from __future__ import annotations

from omegaconf import DictConfig, OmegaConf


def end_models(*, _root_: DictConfig) -> DictConfig:
    """Return a whole section of hyperparameters by application."""
    sections = {str(name): _root_.get(str(name)) for name in _root_.applications}
    return OmegaConf.create(
        {
            name: OmegaConf.to_container(section.get("end_model") or _root_.end_model, resolve=True)
            for name, section in sections.items()
            if isinstance(section, DictConfig)
        }
    )


OmegaConf.register_new_resolver("end_models", end_models, replace=True)
