"""Engines differ in where work is done: results come in the order of the jobs, merged by one tree."""

import sys
from collections.abc import Iterator
from operator import concat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metal.dask_engine import Dask, DaskError, dask_at, dask_here
from metal.engine import HERE, Engine, Local


@pytest.fixture(scope="module")
def dask() -> Iterator[Dask]:
    with dask_here(workers=2, processes=False) as engine:
        yield engine


def bracketed(left: str, right: str) -> str:
    return f"({left} {right})"


def tree(leaves: list[str]) -> str:
    """The tree by its definition: neighbours are merged, what is left over waits, and so on with the results."""
    while len(leaves) > 1:
        odd = leaves[len(leaves) // 2 * 2 :]
        leaves = [bracketed(*leaves[i : i + 2]) for i in range(0, len(leaves) - 1, 2)] + odd
    return leaves[0]


@settings(deadline=None)
@given(st.integers(1, 70))
def test_results_are_merged_by_one_tree(count: int) -> None:
    assert HERE.reduce(str, bracketed, range(count), "numbers") == tree([str(i) for i in range(count)])


def test_dask_gives_what_this_process_gives(dask: Dask) -> None:
    for count in (1, 2, 7, 12):
        assert dask.map(str, range(count), "numbers") == HERE.map(str, range(count), "numbers")
        assert dask.reduce(str, bracketed, range(count), "numbers") == tree([str(i) for i in range(count)])
    assert dask.map(str, [], "numbers") == []


def test_a_job_s_error_comes_as_it_is(dask: Dask) -> None:
    engines: tuple[Engine, ...] = (HERE, dask)
    for engine in engines:
        with pytest.raises(ValueError, match="invalid literal for int"):
            engine.map(int, ["1", "x", "2"], "numbers")
        with pytest.raises(ValueError, match="invalid literal for int"):
            engine.reduce(int, max, ["1", "x", "2"], "numbers")
        with pytest.raises(ValueError, match="numbers: there is nothing to merge"):
            engine.reduce(str, concat, [], "numbers")


def test_a_bar_counts_partitions_where_there_are_several(capsys: pytest.CaptureFixture[str], dask: Dask) -> None:
    for engine in (Local(), dask):
        engine.map(str, [1], "alone")
        engine.map(str, [1, 2, 3], "several")
        shown = capsys.readouterr().err
        assert "alone" not in shown
        assert "several: 100%" in shown
        assert "3/3" in shown


def test_where_dask_is_not_installed_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)

    with pytest.raises(DaskError, match=r"the engine dask needs its extra .*pip install 'metal\[dask\]'"), dask_here():
        pass


def test_where_no_scheduler_answers_the_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metal.dask_engine.PATIENCE", 1)

    with (
        pytest.raises(DaskError, match=r"no Dask scheduler answers at 'tcp://127.0.0.1:9'"),
        dask_at("tcp://127.0.0.1:9"),
    ):
        pass
