"""The engine that the configuration chooses: where the steps label and fit work on partitions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flows.config import EngineParams
from metal.engine import Engine, Local


@contextmanager
def chosen_engine(params: EngineParams) -> Iterator[Engine]:
    """Give the engine; a cluster of Dask that is started for it ends with it. Raises DaskError where there is none."""
    if params.name == "local":
        yield Local()
        return
    from metal.dask_engine import dask_at, dask_here  # Dask is imported only where it is asked for

    if params.address is not None:
        with dask_at(params.address) as engine:
            yield engine
    else:
        with dask_here(workers=params.workers, memory_limit=params.memory_limit) as engine:
            yield engine
