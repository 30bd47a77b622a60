"""The documentation as a site: ``sphinx-build -W -n docs OUT`` makes it of the pages that a code host shows as they are."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx

project = "pytest-aquadata"
author = "the authors of pytest-aquadata"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = "pytest-aquadata"
html_copy_source = False
myst_heading_anchors = 3
nitpicky = True

MAY_BE_ABSENT = ("continental", "dask", "parquet", "support")
"""Pages of parts of the package that come one by one: the table of contents names them, and leaves out those that are not there."""


def _present(app: Sphinx, page: str, text: list[str]) -> None:
    """The text of a page without the entries of pages that may be absent and are."""
    absent = {name for name in MAY_BE_ABSENT if not (Path(app.srcdir) / f"{name}.md").exists()}
    if page == "index":
        text[0] = "\n".join(line for line in text[0].splitlines() if line not in absent)


def _links_out(app: Sphinx, tree: nodes.document) -> None:
    """A link to a file of the repository beside docs/ stays text: the site holds the pages alone.

    That the file is there is tested with the other links.
    """
    for link in list(tree.findall(nodes.reference)):
        if str(link.get("refuri", "")).startswith("../"):
            link.replace_self(nodes.inline("", "", *link.children))


def setup(app: Sphinx) -> None:
    """Sphinx's own hook."""
    app.connect("source-read", _present)
    app.connect("doctree-read", _links_out)
