"""DVC as a process that ends with the one that started it: `python -m flows.dvc_process PARENT ARGUMENTS`.

Started plainly, DVC outlives a run that is killed: it goes on writing, and holds its locks against the next run.
"""

from __future__ import annotations

import os
import sys

from flows.cli import end_with_parent


def command(*arguments: str) -> list[str]:
    """Return the command that runs DVC with these arguments as a child of this process."""
    return [sys.executable, "-m", "flows.dvc_process", str(os.getpid()), *arguments]


def main() -> None:
    """Run DVC's own command line."""
    end_with_parent(int(sys.argv[1]))
    from dvc.cli import main as dvc_main

    raise SystemExit(dvc_main(sys.argv[2:]))


if __name__ == "__main__":
    main()
