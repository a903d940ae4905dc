"""Latency of a scoring server under many clients: `python -m tests.benchmarks.serving --documents FILE.parquet`.

Each client is a thread with one connection kept open, sending one document after another as fast as they are answered.
Client and server share the machine's cores, so that figures are upper bounds.
"""

from __future__ import annotations

import argparse
import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Load:
    """What clients saw: seconds of each answer, statuses other than 200 with what was said, and seconds in all."""

    seconds: list[float]
    refused: list[tuple[int, str]]
    wall: float

    def summary(self) -> str:
        """Return median, 99th percentile and throughput in a line."""
        median, high = np.percentile(self.seconds, [50, 99])
        return (
            f"{len(self.seconds)} answers, {len(self.refused)} refused: median {1000 * median:.0f} ms, "
            f"99th percentile {1000 * high:.0f} ms, {len(self.seconds) / self.wall:.0f} documents/s"
        )


def load(port: int, documents: Sequence[dict[str, Any]], *, clients: int, requests: int) -> Load:
    """Have `clients` send `requests` documents each to the server on a port of this machine."""
    seconds: list[float] = []
    refused: list[tuple[int, str]] = []
    start = threading.Barrier(clients + 1)

    def client(number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        start.wait()
        for request in range(requests):
            document = documents[(number * requests + request) % len(documents)]
            body = json.dumps({"dataframe_records": [document]})
            began = time.perf_counter()
            connection.request("POST", "/invocations", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            said = answer.read().decode()
            seconds.append(time.perf_counter() - began)
            if answer.status != 200:
                refused.append((answer.status, said))
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return Load(seconds, refused, time.perf_counter() - began)


def main() -> None:
    """Measure a server that runs, e.g. `mlflow models serve -m models:/report-end@champion --env-manager local`."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.serving", description=__doc__)
    parser.add_argument("--documents", required=True, help="Parquet file with the columns of the corpus")
    parser.add_argument("--port", type=int, default=5001, help="of the server (default: %(default)s)")
    parser.add_argument("--clients", type=int, default=50, help="at a time (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=20, help="documents by each client (default: %(default)s)")
    arguments = parser.parse_args()
    documents = pd.read_parquet(arguments.documents).to_dict("records")
    rows = [{str(name): value for name, value in row.items()} for row in documents]
    load(arguments.port, rows, clients=1, requests=20)  # the first requests warm up
    for clients in (1, arguments.clients):
        found = load(arguments.port, rows, clients=clients, requests=arguments.requests)
        print(f"{clients} clients: {found.summary()}")


if __name__ == "__main__":
    main()
