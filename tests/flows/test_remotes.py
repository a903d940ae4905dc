"""Sharing artifacts: what one checkout pushes, another pulls, and runs nothing again; a folder, and S3's protocol."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.flows.mail import git, lasting_checkout, succeed
from tests.flows.servers import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout in which the pipeline has run, all committed."""
    folder = tmp_path_factory.mktemp("finished")
    lasting_checkout(folder)
    succeed(folder, "dvc", "repro")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Start")
    return folder


@pytest.fixture
def s3() -> Iterator[str]:
    """Address of an S3-compatible server on loopback that holds an empty bucket, `artifacts`."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **CREDENTIALS}
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while True:
            try:
                urlopen(address, timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, "the server ended"
                assert time.monotonic() < end, "the server does not answer"
                time.sleep(0.2)
        import boto3

        client = boto3.client("s3", endpoint_url=address, aws_access_key_id="testing", aws_secret_access_key="testing")
        client.create_bucket(Bucket="artifacts")
        yield address
    finally:
        server.terminate()
        server.wait()


def clone(origin: Path, folder: Path) -> Path:
    git(origin.parent, "clone", "--quiet", str(origin), str(folder))
    git(folder, "config", "user.name", "Test")
    git(folder, "config", "user.email", "test@example.org")
    return folder


def executed(output: str) -> list[str]:
    """Return the stages that a run of DVC executed."""
    return [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage")]


@pytest.mark.parametrize("kind", ["folder", "s3"])
def test_after_a_pull_nothing_runs_again(
    kind: str, finished: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    sender = clone(finished, tmp_path / "sender")
    succeed(sender, "dvc", "cache", "dir", str(finished / ".dvc" / "cache"), "--local")
    if kind == "s3":
        address = str(request.getfixturevalue("s3"))
        succeed(sender, "dvc", "remote", "add", "--default", "storage", "s3://artifacts/mail")
        succeed(sender, "dvc", "remote", "modify", "storage", "endpointurl", address)
    else:
        succeed(sender, "dvc", "remote", "add", "--default", "storage", str(tmp_path / "storage"))
    git(sender, "commit", "--quiet", "--all", "--message", "Name the remote")
    assert "files pushed" in succeed(sender, "dvc", "push", **CREDENTIALS)

    receiver = clone(sender, tmp_path / "receiver")
    # All that dvc.yaml's stages read and write: the figures' and the studies' own pipelines nobody has run.
    succeed(receiver, "dvc", "pull", "--with-deps", "dvc.yaml", **CREDENTIALS)

    assert executed(succeed(receiver, "dvc", "repro")) == []
    for name in ("mail.csv", "data/results/report.html", "data/models/mail/metal/predictions.parquet"):
        assert (receiver / name).read_bytes() == (finished / name).read_bytes()


def test_an_experiment_on_a_fresh_clone_runs_with_an_empty_cache(finished: Path, tmp_path: Path) -> None:
    fresh = clone(finished, tmp_path / "fresh")
    (fresh / "mail.csv").write_bytes((finished / "mail.csv").read_bytes())

    done = executed(succeed(fresh, "dvc", "exp", "run", "-S", "end_model.steps=12"))

    assert done[0] == "acquire@mail"
    assert done[-1] == "summarize"
    assert len(done) == 13  # all of them: there is nothing to take from a cache
    assert (fresh / "data" / "results" / "table1.md").is_file()


def test_an_experiment_on_a_fresh_clone_takes_from_the_remote_what_did_not_change(
    finished: Path, tmp_path: Path
) -> None:
    sender = clone(finished, tmp_path / "sender")
    succeed(sender, "dvc", "cache", "dir", str(finished / ".dvc" / "cache"), "--local")
    succeed(sender, "dvc", "remote", "add", "--default", "storage", str(tmp_path / "storage"))
    git(sender, "commit", "--quiet", "--all", "--message", "Name the remote")
    succeed(sender, "dvc", "push")
    fresh = clone(sender, tmp_path / "fresh")

    done = executed(succeed(fresh, "dvc", "exp", "run", "--pull", "-S", "end_model.steps=12"))

    assert sorted(done[:2]) == ["train@mail-gold_dev", "train@mail-metal"]
    assert done[2:] == ["evaluate@mail", "summarize"]
