"""Figures as SVG inside the page: text in the page's own font and colour, so that they are light or dark as the page is."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

_INK, _GRID = "#010203", "#040506"
"""Colours that stand for the page's own until the figure is put into it."""

COLOURS = ("#2f7fd0", "#e0803a", "#2fa37a", "#c25b9c", "#8a7be0", "#b59a2a")
"""Lines and areas that can be told apart on white and on black."""

STAGES = ("#7f8fa6", "#5aa9e6", "#3c7fd6", "#2fa37a", "#d9a441", "#d9683c")
"""One colour for each lifecycle stage, in their order."""

INKS = ("#ffffff", "#10202c", "#ffffff", "#ffffff", "#10202c", "#ffffff")
"""Small print on each of these colours."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "text.color": _INK,
    "axes.edgecolor": _GRID,
    "axes.labelcolor": _INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": _GRID,
    "grid.linewidth": 0.5,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "path.simplify_threshold": 0.5,
}


def figure(
    name: str, title: str, draw: Callable[..., None], *, rows: int = 1, height: float = 2.6, width: float = 9.0, wide: bool = False
) -> str:
    """An SVG with a caption.

    name: makes ids in it unique on the page. draw: gets an `Axes` for each of `rows`. height: of each, inches. wide: keeps its size on a
    small page, which is then moved sideways.
    """
    with mpl.rc_context({**_STYLE, "svg.hashsalt": name}):
        canvas = Figure(figsize=(width, height * rows), layout="constrained")
        axes = [canvas.add_subplot(rows, 1, row + 1) for row in range(rows)]
        draw(*axes)
        stream = io.StringIO()
        canvas.savefig(stream, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1), count=1)
    svg = re.sub(r"font: ([0-9.]+)px [^;\"]*", r"font-size: \1px", svg)
    # the matter of a path needs no more than a hundredth of a point
    svg = re.sub(r"(-?\d+\.\d{2})\d+", r"\1", svg)
    svg = svg.replace(_INK, "currentColor").replace(_GRID, "var(--line)")
    image = f'<div class=wide role=img aria-label="{title}">{svg}</div>'
    return f"<figure{' class=big' if wide else ''}>{image}<figcaption>{title}</figcaption></figure>"


def thousands(axes: Axes, *, percent: bool = False) -> None:
    """Numbers of the y axis with separators, or in per cent; from zero."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}" if percent else f"{value:,.10g}"))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.set_ylim(bottom=0)


def legend(axes: Axes, columns: int = 6) -> list[Artist]:
    """A legend above the axes, where it covers nothing; the lines and areas in it, to be changed."""
    if not axes.get_legend_handles_labels()[1]:
        return []
    made = axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.2)
    return [handle for handle in made.legend_handles if handle is not None]


def days(values: Sequence[date]) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    """Days as Matplotlib draws them."""
    return np.array(values, dtype="datetime64[D]")
