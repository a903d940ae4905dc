"""A small DAG in a checkout of its own, for tests of what runs it."""

import subprocess
import sys
from pathlib import Path

# Two applications; each has a first and a second stage, and one stage reads what all of them wrote. A first stage
# fails where a file of that name says so. Every run of a stage adds a line to ran.txt, outside of DVC's sight.
DAG = """
stages:
  first:
    matrix:
      application: [cats, dogs]
    cmd: python step.py first ${item.application} out/first/${item.application}
    deps: [step.py]
    outs: ["out/first/${item.application}"]
  second:
    matrix:
      application: [cats, dogs]
    cmd: python step.py second ${item.application} out/second/${item.application}
    deps: [step.py, "out/first/${item.application}"]
    outs: ["out/second/${item.application}"]
  last:
    cmd: python step.py last all out/last
    deps: [step.py, out/second]
    outs: [out/last]
"""

STEP = """
import sys
import time
from pathlib import Path
from flows.cli import end_with_parent, report
end_with_parent()
stage, application, out = sys.argv[1:]
with Path("ran.txt").open("a") as file:
    file.write(f"{stage} {application}\\n")
if stage == "first" and Path(f"{application}.fails").exists():
    report(f"error: the {application} are out\\nof the house")
    sys.exit(1)
Path(out).parent.mkdir(parents=True, exist_ok=True)
if stage == "second" and Path(f"{application}.stalls").exists():
    Path(out).write_text("half")
    Path("stalled").touch()
    time.sleep(60)
Path(out).write_text(f"{stage} {application}")
"""


def small_checkout(tmp_path: Path) -> Path:
    """A git and DVC repository with the DAG above."""
    (tmp_path / "dvc.yaml").write_text(DAG)
    (tmp_path / "step.py").write_text(STEP)
    (tmp_path / ".gitignore").write_text("/out/\n/ran.txt\n*.fails\n*.stalls\n/stalled\n")
    for command in (["git", "init", "--quiet"], [sys.executable, "-m", "dvc", "init", "--quiet"]):
        subprocess.run(command, cwd=tmp_path, check=True)
    return tmp_path


def ran(checkout: Path) -> list[str]:
    file = checkout / "ran.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return lines
