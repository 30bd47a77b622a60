"""factory_boy under strict type checking: its declarations carry no types, so they are `Any`, decided here once."""

from __future__ import annotations

from typing import Any

import factory as _factory
import factory.random as _random

factory: Any = _factory
random: Any = _random
