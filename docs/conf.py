"""The documentation as a site: ``sphinx-build -W -n docs OUT`` makes it of the pages that a code host shows as they are."""

from __future__ import annotations

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


def _links_out(app: Sphinx, tree: nodes.document) -> None:
    """A link to a file of the repository beside docs/ stays text: the site holds the pages alone.

    That the file is there is tested with the other links.
    """
    for link in list(tree.findall(nodes.reference)):
        if str(link.get("refuri", "")).startswith("../"):
            link.replace_self(nodes.inline("", "", *link.children))


def setup(app: Sphinx) -> None:
    """Sphinx's own hook."""
    app.connect("doctree-read", _links_out)
