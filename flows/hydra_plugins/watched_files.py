"""The OmegaConf resolver `${watched_files:}`: the files that each application's corpus section names.

DVC watches these files for changes. Its templates cannot look a section up by an application's name, so that the
configuration lists them once more by application, for the ones in `applications` only. Hydra finds this module as a
plugin where DVC composes by itself (`dvc exp run -S`); it imports nothing of ours, which is not in the path then.
"""

from __future__ import annotations

from omegaconf import DictConfig, OmegaConf

KEYS = ("path", "labels", "patches")
NO_FILE = "flows/conf/none"
"""The keys of a corpus section that name files, and what stands for none where a section lacks one."""


def watched_files(*, _root_: DictConfig) -> DictConfig:
    """Return the files by application and key; nothing for an application without a section, which is refused later."""
    sections = {str(name): _root_.get(str(name)) for name in _root_.applications}
    return OmegaConf.create(
        {
            name: {key: section.get(key, NO_FILE) for key in KEYS}
            for name, section in sections.items()
            if isinstance(section, DictConfig)
        }
    )


OmegaConf.register_new_resolver("watched_files", watched_files, replace=True)
