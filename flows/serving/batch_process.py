"""A registered model over a Parquet file, in batches: `python -m flows.serving.batch_process PARENT MODEL ...`.

A process of its own that imports nothing of `metal` by itself: the model brings the library it was made with, and a
module that is imported already would be taken instead. It ends with its parent; what it writes, the parent moves. The
outcome is a line of JSON on stdout, {"documents": n} or {"error": reason}.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from flows.cli import end_with_parent

ARROW = {"string": pa.string(), "double": pa.float64(), "long": pa.int64(), "boolean": pa.bool_()}
"""Arrow's types by the names in MLflow's schemas."""
IDENTIFIER = "id"
MODEL = b"metal.model"
"""Key of the Parquet file's metadata that says which model scored it."""


class FileError(ValueError):
    """A file of documents cannot be scored; the message names file, row and column."""


def score(uri: str, source: Path, target: Path, rows: int) -> int:
    """Score the documents of a Parquet file and write the answers as another; return how many there were.

    rows : documents held in memory at a time. An `id` column is carried over.
    Raises FileError naming file, row and column for documents that the model refuses.
    """
    import mlflow
    from mlflow.exceptions import MlflowException

    try:
        documents = pq.ParquetFile(source)
    except (pa.ArrowInvalid, OSError) as error:
        raise FileError(f"{source} cannot be read as Parquet: {error}") from error
    try:
        model = mlflow.pyfunc.load_model(uri)
    except MlflowException as error:
        raise FileError(f"{uri} cannot be loaded: {error.message}. Register one: python -m flows.register") from error
    needed = [column.name for column in model.metadata.get_input_schema().inputs]
    optional = {column.name for column in model.metadata.get_input_schema().inputs if not column.required}
    known = set(documents.schema_arrow.names)
    if missing := [name for name in needed if name not in known and name not in optional]:
        raise FileError(f"{source} has no column {missing[0]!r}; {uri} reads {needed}, the file has {sorted(known)}")
    for column in model.metadata.get_input_schema().inputs:
        if column.name in known and not holds(documents.schema_arrow.field(column.name).type, column.type.name):
            found = documents.schema_arrow.field(column.name).type
            raise FileError(f"{source}: column {column.name!r} is {found}, {uri} reads {column.type.name}")
    if not documents.metadata.num_rows:
        raise FileError(f"{source} holds no documents")
    schema = arrow_schema(model.metadata.get_output_schema(), with_id=IDENTIFIER in known)
    schema = schema.with_metadata({MODEL: model_name(uri, model).encode()})
    done = 0
    with (
        pq.ParquetWriter(target, schema) as writer,
        tqdm(total=documents.metadata.num_rows, desc=f"score {source.name}", unit="document") as bar,
    ):
        for batch in documents.iter_batches(batch_size=rows, columns=[name for name in needed if name in known]):
            frame = batch.to_pandas(ignore_metadata=True)
            refuse_nulls(batch, optional, source, done)
            try:
                answers = model.predict(frame)
            except MlflowException as error:
                reason = error.message.rpartition("Error: ")[2]  # MLflow's own begins with the documents themselves
                raise FileError(f"{source}, rows {done} to {done + len(frame) - 1}: {reason}") from error
            columns = {name: answers[name].tolist() for name in schema.names if name != IDENTIFIER}
            if IDENTIFIER in known:
                columns[IDENTIFIER] = [None if value is None else str(value) for value in batch[IDENTIFIER].to_pylist()]
            writer.write_table(pa.table({name: columns[name] for name in schema.names}, schema=schema))
            done += len(frame)
            bar.update(len(frame))
    return done


def holds(found: pa.DataType, kind: str) -> bool:
    """Say whether a column of Arrow's type can be read as one of MLflow's."""
    fitting: dict[str, bool] = {
        "string": pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_string_view(found),
        "long": pa.types.is_integer(found),
        "double": pa.types.is_floating(found) or pa.types.is_integer(found),
        "boolean": pa.types.is_boolean(found),
    }
    return fitting[kind]


def refuse_nulls(batch: pa.RecordBatch, optional: set[str], source: Path, start: int) -> None:
    """Raise FileError naming file, row and column of the first value that is null where it must not be."""
    for name in batch.schema.names:
        if name not in optional and batch[name].null_count:
            row = start + batch[name].is_null().to_pylist().index(True)
            raise FileError(f"{source}, row {row}: column {name!r} is null; an absent text is an empty one, ''")


def arrow_schema(outputs: Any, *, with_id: bool) -> pa.Schema:
    """Return MLflow's output schema as Arrow's; the id, if any, comes first."""
    fields = [pa.field(IDENTIFIER, pa.string())] if with_id else []
    fields += [pa.field(column["name"], arrow_type(column)) for column in outputs.to_dict()]
    return pa.schema(fields)


def arrow_type(column: dict[str, Any]) -> pa.DataType:
    """Return the Arrow type of a column, or of a part of one, as MLflow's schemas describe them."""
    if column["type"] == "array":
        return pa.list_(arrow_type(column["items"]))
    if column["type"] == "object":
        return pa.struct([(name, arrow_type(part)) for name, part in column["properties"].items()])
    return ARROW[column["type"]]


def model_name(uri: str, model: Any) -> str:
    """Return which model an address stands for now, as JSON: an alias may move later."""
    return json.dumps({"uri": uri, "model_id": model.metadata.model_id, "run": model.metadata.run_id})


def main() -> None:
    """Score the file that the arguments name."""
    parent, uri, source, target, rows = sys.argv[1:]
    end_with_parent(int(parent))
    try:
        said: dict[str, Any] = {"documents": score(uri, Path(source), Path(target), int(rows))}
    except (FileError, OSError) as error:
        said = {"error": str(error)}
    print(json.dumps(said))
    raise SystemExit("error" in said)


if __name__ == "__main__":
    main()
