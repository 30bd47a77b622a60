"""pytest-aquadata: years of believable salmon-farm data, planned, built and verified by pytest."""

from __future__ import annotations

__version__ = "0.1.0"
