"""Great Expectations' Data Docs made to open without network: what they load from it goes, an index takes its place.

As rendered, every page loads styles and scripts from six hosts, and the index draws its tables by these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

INDEX = Path(__file__).with_name("pages") / "data_docs.html"
REMOTE = re.compile(
    r"""<script\b[^>]*\bsrc="https?:[^>]*>\s*</script>|<(?:link|img)\b[^>]*\b(?:href|src)="https?:[^>]*>""",
    re.IGNORECASE,
)
"""What a page loads from elsewhere. Links for people stay."""
STYLE = """\
<style>
body { font: 14px/1.5 system-ui, sans-serif; margin: 24px; } .navbar { height: auto !important; }
footer, .navbar-brand, .btn { display: none !important; } ol, ul { list-style: none; padding: 0; }
table { border-collapse: collapse; } th, td { border: 1px solid #ccc; padding: 4px 10px; text-align: left; }
.text-success { color: #18794e; } .text-danger { color: #b42318; } .text-warning { color: #93560a; }
.fa-check-circle::before { content: "✔"; font-style: normal; } .fa-times::before { content: "✘"; font-style: normal; }
.fa-exclamation-triangle::before { content: "⚠"; font-style: normal; }
</style>
</head>"""


def without_network(docs: Path, results: Sequence[tuple[str, Sequence[Any]]]) -> None:
    """Rewrite the pages of a folder, and its index as a table of suites.

    results : by suite, in the order of the table, Great Expectations' result of each expectation
    """
    import jinja2

    for page in docs.rglob("*.html"):
        text = REMOTE.sub("", page.read_text(encoding="utf-8"))
        page.write_text(text.replace("</head>", STYLE, 1), encoding="utf-8")
    rows = [
        {
            "suite": suite,
            "met": sum(bool(result.success) for result in found),
            "of": len(found),
            "results": [str(path.relative_to(docs)) for path in sorted((docs / "validations" / suite).rglob("*.html"))],
        }
        for suite, found in results
    ]
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    index = environment.from_string(INDEX.read_text(encoding="utf-8")).render(rows=rows)
    (docs / "index.html").write_text(index, encoding="utf-8")
