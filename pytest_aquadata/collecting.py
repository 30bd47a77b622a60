"""What of a session is collected, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_aquadata.context import Farm
from pytest_aquadata.items import BuildItem, FarmItem, ScenarioFile, size_of
from pytest_aquadata.whereabouts import shown_id


class Collecting:
    """The hooks of collection: the scenario file becomes items, with the phases in order."""

    def __init__(self, config: pytest.Config, farm: Farm) -> None:
        self.config, self.farm = config, farm

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Never ignore the scenario or a folder above it, also when it lies in a virtual environment."""
        path = self.farm.path
        return False if collection_path == path or collection_path in path.parents else None

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
        """The scenario file is a collector; no other YAML file is."""
        if file_path != self.farm.path:
            return None
        file: ScenarioFile = ScenarioFile.from_parent(parent, path=file_path, nodeid=shown_id(self.config, file_path))
        file.farm = self.farm
        return file

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Iterator[None]:
        """Keep the phases in order, whoever shuffled or filtered the items."""
        yield
        # a file that is named twice, by itself and by its folder, is collected twice by some versions of pytest
        once = {item.nodeid: item for item in items if isinstance(item, FarmItem)}
        items[:] = [item for item in items if not isinstance(item, FarmItem) or once[item.nodeid] is item]
        items.sort(key=self._place)
        self.farm.selected[:] = [item.batch.number for item in items if isinstance(item, BuildItem)]

    def _place(self, item: pytest.Item) -> tuple[bool, int, int]:
        """Where an item stands. Batches that are tasks elsewhere are handed out in the order of their items: the longest first."""
        if not isinstance(item, FarmItem):
            return False, 0, 0
        longest = self.farm.options.engine == "dask" and isinstance(item, BuildItem)
        return True, item.phase, -size_of(self.farm, item.nodeid) if longest else 0
