"""Realism profiles: every published figure has its source, and `standard` stands for the figures of the scenario's own profile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pytest_aquadata.scenario.figures import Figure
from pytest_aquadata.scenario.load import load_scenario
from pytest_aquadata.scenario.models import Scenario
from pytest_aquadata.scenario.names import FIGURES, STANDARD
from pytest_aquadata.scenario.profile import Profile, figures_of, load_profile, profile_names
