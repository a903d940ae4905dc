"""Headless Chromium without network: what a page holds once its scripts have run, and what it looks like."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

BROWSER = shutil.which("chromium")
SCREENSHOTS = "METAL_SCREENSHOTS"
"""Names a folder that keeps the screenshots; without it they stay in the test's own."""
OFFLINE = ["--host-resolver-rules=MAP * 127.0.0.1:9", "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=<-loopback>"]

needs_browser = pytest.mark.skipif(BROWSER is None, reason="needs chromium: apt-get install chromium")


def open_offline(page: Path, profile: Path, *, height: int = 1400) -> str:
    """Return the page's elements after loading, as HTML, and take a screenshot of it.

    profile : a folder of the test's own, for the browser's settings
    """
    assert BROWSER is not None
    folder = Path(os.environ.get(SCREENSHOTS, profile))
    folder.mkdir(parents=True, exist_ok=True)
    shot = folder / f"{page.parent.name}-{page.stem}.png"
    command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *OFFLINE]
    command += [f"--user-data-dir={profile}", "--virtual-time-budget=8000", f"--window-size=1200,{height}"]
    command += [f"--screenshot={shot}", "--dump-dom", page.resolve().as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
