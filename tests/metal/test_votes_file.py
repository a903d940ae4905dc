"""Votes in Parquet come back as they were written, batch by batch, or an error names file and column."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy import sparse

from metal import votes_file
from metal.label_matrix import LabelMatrix, LabelSpace
from metal.tasks import Task, TaskGraph
from metal.votes_file import VotesFileError, partitions, read_batches, read_votes, write_votes

PETS = TaskGraph.hierarchy(Task("kind", ("Dog", "Cat")), Task("size", ("Big", "Small"), parent=("kind", "Dog")))
SPACES = [LabelSpace("barks", ("kind",), (("Dog",),)), LabelSpace("kind", ("kind",), (("Dog",), ("Cat",)))]
CODES = np.array([[1, 1], [0, 2], [1, 0], [0, 0]], dtype=np.int8)
SPAM = TaskGraph.single("spam", ("no", "yes"))


@pytest.fixture
def votes() -> LabelMatrix:
    return LabelMatrix(CODES, SPACES, PETS)


def test_votes_come_back_with_or_without_ids(tmp_path: Path, votes: LabelMatrix) -> None:
    file = tmp_path / "folder" / "votes.parquet"
    for ids in (["a", "b", "c", "d"], None):
        write_votes(file, votes, ids)
        found, read = read_votes(file)

        assert found == ids
        assert (read.spaces, read.tasks) == (votes.spaces, PETS)
        np.testing.assert_array_equal(read.codes, CODES)


def test_sparse_votes_are_written_like_dense_ones(tmp_path: Path, votes: LabelMatrix) -> None:
    write_votes(tmp_path / "dense.parquet", votes)
    write_votes(tmp_path / "sparse.parquet", LabelMatrix(sparse.csr_array(CODES), SPACES, PETS))

    assert (tmp_path / "dense.parquet").read_bytes() == (tmp_path / "sparse.parquet").read_bytes()


def test_batches_are_the_rows_in_order(tmp_path: Path, votes: LabelMatrix, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(votes_file, "_rows", lambda sources: 3)
    write_votes(tmp_path / "votes.parquet", votes, list("abcd"))

    read = list(read_batches(tmp_path / "votes.parquet"))

    assert [ids for ids, _ in read] == [["a", "b", "c"], ["d"]]
    np.testing.assert_array_equal(np.concatenate([batch.codes for _, batch in read]), CODES)


def test_anybodys_parquet_is_codes_over_the_whole_of_f(tmp_path: Path) -> None:
    file = tmp_path / "votes.parquet"
    pq.write_table(pa.table({"a": pa.array([0, 1], pa.uint64()), "id": ["x", "y"], "b": pa.array([2, 0])}), file)

    ids, read = read_votes(file, SPAM)

    assert ids == ["x", "y"]
    assert read.names == ("a", "b")
    assert read.codes.tolist() == [[0, 2], [1, 0]]
    with pytest.raises(VotesFileError, match=r"votes.parquet holds no label spaces"):
        read_votes(file)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"a": [1, None]}, "votes.parquet: column 'a' holds no vote in row 1"),
        ({"a": [1.0, 0.0]}, "votes.parquet: column 'a' holds double"),
        ({"a": ["no", "yes"]}, "votes.parquet: column 'a' holds string"),
        ({"a": [1, 3]}, r"votes.parquet, in the rows from 0 on: source 'a' voted 3 .* \(row 1\)"),
    ],
)
def test_wrong_votes_are_named_by_file_and_column(tmp_path: Path, columns: dict[str, list[object]], said: str) -> None:
    pq.write_table(pa.table(columns), tmp_path / "votes.parquet")

    with pytest.raises(VotesFileError, match=said):
        read_votes(tmp_path / "votes.parquet", SPAM)


def test_wrong_files_are_named(tmp_path: Path, votes: LabelMatrix) -> None:
    file = tmp_path / "votes.parquet"
    with pytest.raises(VotesFileError, match=r"there is no file or folder .*missing"):
        partitions(tmp_path / "missing")
    with pytest.raises(VotesFileError, match=r"holds no \*.parquet file"):
        partitions(tmp_path)
    with pytest.raises(VotesFileError, match=r"there is no file .*votes.parquet"):
        read_votes(file)
    file.write_text("no Parquet")
    with pytest.raises(VotesFileError, match=r"votes.parquet cannot be read"):
        read_votes(file)
    write_votes(file, votes)
    pq.write_table(pq.read_table(file).drop_columns(["kind"]), file)
    with pytest.raises(VotesFileError, match=r"votes.parquet has no column 'kind'; it has \['barks'\]"):
        read_votes(file)


@pytest.mark.parametrize(
    "metadata",
    [b"no JSON", b"\xff\xfe", b"{}", b"[]", b'{"spaces": [], "task_graph": {}}', b'{"spaces": 5, "task_graph": 5}'],
)
def test_damaged_metadata_are_named(tmp_path: Path, votes: LabelMatrix, metadata: bytes) -> None:
    file = tmp_path / "votes.parquet"
    write_votes(file, votes)
    pq.write_table(pq.read_table(file).replace_schema_metadata({b"metal": metadata}), file)

    with pytest.raises(VotesFileError, match=r"votes.parquet holds no label spaces: its metadata 'metal' are damaged"):
        read_votes(file)


def test_a_doubled_column_is_named(tmp_path: Path) -> None:
    file = tmp_path / "votes.parquet"
    pq.write_table(pa.Table.from_arrays([pa.array([1, 2])] * 3, names=["a", "b", "b"]), file)

    with pytest.raises(VotesFileError, match=r"votes.parquet has more than one column 'b'"):
        read_votes(file, SPAM)


def test_what_cannot_be_written_is_refused(tmp_path: Path, votes: LabelMatrix) -> None:
    with pytest.raises(VotesFileError, match="1 ids for 4 rows"):
        write_votes(tmp_path / "votes.parquet", votes, ["a"])
    with pytest.raises(VotesFileError, match="no source may be called 'id'"):
        write_votes(tmp_path / "votes.parquet", LabelMatrix.from_array(CODES[:, :1], SPAM, names=["id"]))


def test_partitions_of_files_folders_and_lists(tmp_path: Path, votes: LabelMatrix) -> None:
    for name in ("b", "a"):
        write_votes(tmp_path / "parts" / f"{name}.parquet", votes)
    write_votes(tmp_path / "single.parquet", votes)

    found = partitions([tmp_path / "single.parquet", str(tmp_path / "parts")])

    assert [file.name for file in found] == ["single.parquet", "a.parquet", "b.parquet"]
