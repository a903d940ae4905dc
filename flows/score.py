"""Score a file of documents with a registered model: `python -m flows.score --model NAME --input IN --output OUT`.

A Prefect flow, so that a batch shows in Prefect's pages and can be deployed and scheduled like the pipeline.
Parquet in, Parquet out, some documents at a time: the memory needed does not grow with the file.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact

from flows.cli import plain_errors
from flows.serving.batch import ROWS, score_file


@task(name="score", task_run_name="score {source.name}")
def score_one(model: str, source: Path, target: Path, rows: int, root: Path) -> int:
    """Score one file; returns the number of documents."""
    scored = score_file(model, source, target, root, rows)
    get_run_logger().info("%d documents of %s scored by %s into %s", scored, source, model, target)
    return scored


@flow(name="score", flow_run_name="score {source.name}")
def score(model: str, source: Path, target: Path, rows: int = ROWS, root: Path = Path()) -> int:
    """Score the documents of a Parquet file and write labels, probabilities and, of a label model, who voted what.

    model : as MLflow names models, e.g. "models:/report-end@champion"
    source, target : the Parquet files; the target is there whole or as it was before
    rows : documents in memory at a time
    root : the checkout, whose database is asked unless MLFLOW_TRACKING_URI names another place
    Returns the number of documents. Raises BatchError naming file, row and column of what the model refuses.
    """
    scored = score_one(model, source, target, rows, root)
    create_table_artifact([{"model": model, "documents": scored, "answers": str(target)}], key="scored")
    return scored


def main() -> None:
    """Run the flow here; nothing but this machine is needed."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.score",
        description="Score a Parquet file of documents with a registered model, as a Prefect flow.",
        epilog="Example: python -m flows.score --model models:/report-label@champion --input new.parquet "
        "--output labeled.parquet",
    )
    parser.add_argument("--model", required=True, help="models:/NAME@champion, or models:/NAME/VERSION")
    parser.add_argument("--input", type=Path, required=True, help="Parquet file with the columns of the corpus")
    parser.add_argument("--output", type=Path, required=True, help="Parquet file for the answers")
    parser.add_argument("--rows", type=int, default=ROWS, help="documents in memory at a time (default: %(default)s)")
    arguments = parser.parse_args()
    with plain_errors():
        scored = score(arguments.model, arguments.input, arguments.output, arguments.rows)
        print(f"{scored} documents scored: {arguments.output}")


if __name__ == "__main__":
    main()
