"""A folder of files, here or in an object store, as fsspec opens it: a file is there whole or not at all.

An object store shows an object when all of it has arrived, and knows no renaming; there a file is put under its name at once. Anywhere
else it is written under a name that nobody looks for and then renamed.
"""

from __future__ import annotations

import errno
import json
import uuid
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import fsspec
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from pytest_aquadata.errors import AquadataError, EnvironmentFault
from pytest_aquadata.lake import layout
from pytest_aquadata.scenario.suggest import closest

_AT_ONCE = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "adl", "oci", "oss", "memory"})
"""Protocols of stores that show an object only when all of it is there."""

_PACKAGES = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs"}
"""What fsspec needs for a protocol, for the message that it is not installed."""


class Store:
    """The folder at `url`. Paths are relative to it, with ``/`` between their parts.

    Raises:
        AquadataError: fsspec knows no such protocol, or needs a package for it. All methods: EnvironmentFault where the store refuses.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        protocol = fsspec.utils.get_protocol(url)
        try:
            fs, root = url_to_fs(self.url)
        except ImportError:
            package = _PACKAGES.get(protocol, "a package of its own")
            raise EnvironmentFault(f"{url}: {protocol}:// needs {package}\n    pip install {package}") from None
        except ValueError:
            hint = closest(protocol, fsspec.available_protocols())
            raise AquadataError(f"{url}: nothing opens {protocol}://" + (f"\n    {hint}" if hint else "")) from None
        except Exception as error:  # a backend may raise anything
            raise _fault(self.url, "be opened", error) from error
        self.fs: Any = fs
        self.root = str(root).rstrip("/")
        self.is_local = isinstance(fs, LocalFileSystem)
        # a listing that is remembered would not show what another process has written
        fs.use_listings_cache = False
        if hasattr(fs, "dircache"):
            fs.dircache.use_listings_cache = False

    def path(self, name: str) -> str:
        """The path of a file as the file system has it."""
        return f"{self.root}/{name}"

    def put(self, name: str, data: bytes) -> None:
        """Write a file whole; one of this name is replaced."""
        self.put_all({name: data})

    def put_all(self, files: Mapping[str, bytes]) -> None:
        """Write files by name, each whole; an object store gets many at once."""
        with self._asked("be written to"):
            if _AT_ONCE.intersection(_protocols(self.fs)):
                self.fs.pipe({self.path(name): data for name, data in files.items()})
                return
            for name, data in files.items():
                self._rename_into_place(name, data)

    def _rename_into_place(self, name: str, data: bytes) -> None:
        staged = self.path(f"{layout.STAGING}/{uuid.uuid4().hex}")
        for path in (staged, self.path(name)):
            self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        try:
            self.fs.pipe_file(staged, data)
            self.fs.mv(staged, self.path(name))
        except BaseException:
            with suppress(Exception):
                self.fs.rm_file(staged)
            raise

    def put_json(self, name: str, value: object) -> None:
        """Write a document whole."""
        self.put(name, (json.dumps(value, indent=1, sort_keys=True) + "\n").encode())

    def get_json(self, name: str) -> Any:
        """A document; None where it is not there."""
        with self._asked("be read"):
            try:
                return json.loads(self.fs.cat_file(self.path(name)))
            except FileNotFoundError:
                return None

    def get_all_json(self, names: Collection[str]) -> list[Any]:
        """Documents that are there, in order of `names`; object stores are asked for many at once."""
        if not names:
            return []
        paths = [self.path(name) for name in names]
        with self._asked("be read"):
            found = self.fs.cat(paths)
            return [json.loads(found[path]) for path in paths]

    def names(self, folder: str) -> set[str]:
        """Names, without folder and suffix, of the documents in a folder."""
        with self._asked("be read"):
            try:
                found = self.fs.ls(self.path(folder), detail=False)
            except FileNotFoundError:
                return set()
        return {str(path).rpartition("/")[2].removesuffix(".json") for path in found if str(path).endswith(".json")}

    def files(self) -> dict[str, int]:
        """All files by name, with their bytes."""
        with self._asked("be read"):
            try:
                found = self.fs.find(self.root, detail=True)
            except FileNotFoundError:
                return {}
        return {str(path)[len(self.root) + 1 :]: int(entry["size"]) for path, entry in found.items()}

    def is_empty(self) -> bool:
        """Whether nothing is there."""
        with self._asked("be read"):
            try:
                return not self.fs.ls(self.root, detail=False)
            except FileNotFoundError:
                return True

    def remove(self, names: Collection[str]) -> None:
        """Remove files; one that is not there is no matter."""
        with self._asked("be written to"):
            for name in names:
                with suppress(FileNotFoundError):
                    self.fs.rm_file(self.path(name))

    @contextmanager
    def _asked(self, what: str) -> Iterator[None]:
        try:
            yield
        except AquadataError:
            raise
        except Exception as error:  # a backend may raise anything
            raise _fault(self.url, what, error) from error


def _protocols(fs: Any) -> set[str]:
    return {fs.protocol} if isinstance(fs.protocol, str) else set(fs.protocol)


def _fault(url: str, what: str, error: Exception) -> EnvironmentFault:
    """What a store refused, why, and what to do, in one message."""
    said = " ".join(str(error).split()) or type(error).__name__
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return EnvironmentFault(
            f"{url} is full\n    make room and run the same command again: batches that are written stay and are not written again"
        )
    if isinstance(error, PermissionError):
        do = "see to the rights of the folder, or the credentials and the bucket's policy"
    elif isinstance(error, FileNotFoundError):
        do = "make the bucket or the folder above it first"
    else:
        do = "see that the address is right, that the store can be reached and that there are credentials for it"
    return EnvironmentFault(f"{url} cannot {what}: {said}\n    {do}; then run the same command again, which goes on where this one stopped")
