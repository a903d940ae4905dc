"""Fetch what draws the pages of `dvc plots`, once in a checkout, so that they open without network.

    python -m flows.plots       then: dvc plots show, dvc plots diff REVISION REVISION

The pages are filled into flows/pages/plots.html (`plots.html_template` in .dvc/config), which loads Vega, Vega-Lite and
Vega-Embed (BSD-3-Clause) from the folder that it lies in. They come out of a published wheel that carries them as their
authors built them, checksums verified; the package itself is not installed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from flows.cli import plain_errors
from flows.fetch import fetch_from_wheel, sha256_of

FOLDER = Path("dvc_plots")
"""Where DVC writes the pages."""
WHEEL = "panel==1.9.4"
BUNDLED = "panel/dist/bundled/vegaplot"
SCRIPTS = {
    "vega.js": ("vega@6.1.2", "08f796b6a571b0b46d819f07fb7581ca16565af86985e1766bb180638576b3f8"),
    "vega-lite.js": ("vega-lite@6.3.0", "8adcfe6639b05208977cbfc325cba5e92f8b33fc15789e731328949b500bb97b"),
    "vega-embed.js": ("vega-embed@7.0.2", "c7111a41190080938b14c1de00074d9bda16ef2199e2919dd038cddf97d87354"),
}
"""The page's names of the scripts; member and SHA-256 of each."""


def fetch_scripts(folder: Path) -> None:
    """Bring the scripts into a folder where they are not, or not whole. Raises FetchError for what cannot be had."""
    for name, (member, sha256) in SCRIPTS.items():
        path = folder / name
        if not path.is_file() or sha256_of(path) != sha256:
            fetch_from_wheel(WHEEL, f"{BUNDLED}/{member}", path, sha256)


def main() -> None:
    """Fetch the scripts, and say what to do next."""
    parser = argparse.ArgumentParser(
        prog="python -m flows.plots", description="Fetch what draws the pages of `dvc plots`, to open them offline."
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pages lie (default: %(default)s)")
    arguments = parser.parse_args()
    with plain_errors():
        fetch_scripts(arguments.folder)
    print(f"Ready in {arguments.folder}; now: dvc plots show, or dvc plots diff REVISION REVISION")


if __name__ == "__main__":
    main()
