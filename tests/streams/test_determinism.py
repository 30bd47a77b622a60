"""One scenario, one farm, to the bit: on another processor, day, time zone and hash seed, and in another order."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from golden import FILE, SCENARIOS, digests

import pytest_aquadata
from pytest_aquadata.load.digest import TableDigest, combine
from pytest_aquadata.streams import columns
from pytest_aquadata.streams.columns import Rows

RENEW = "if the farm is meant to change: python tests/streams/golden.py"
GOLDEN: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))


def found() -> list[str]:
    """The processor features that NumPy chose to use here beyond its baseline."""
    features: list[str] = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return features


def elsewhere(**environment: str) -> dict[str, Any]:
    """What another process with these settings makes of the scenarios, batches and streams in another order."""
    script = Path(__file__).with_name("golden.py")
    done = subprocess.run(
        [sys.executable, str(script), "--shuffled"], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("name", SCENARIOS)
def test_rows_are_those_of_ever_before(name: str) -> None:
    assert digests(name) == GOLDEN[name], RENEW


@pytest.fixture(scope="module")
def plain_processor() -> dict[str, Any]:
    return elsewhere(NPY_DISABLE_CPU_FEATURES=" ".join(found()), TZ="Pacific/Kiritimati", PYTHONHASHSEED="1")


def test_the_other_process_runs_without_the_processors_extras(plain_processor: dict[str, Any]) -> None:
    if not found():
        pytest.skip("NumPy uses no processor feature beyond its baseline here")
    assert plain_processor["simd"] == []


def test_a_plain_processor_in_another_time_zone_on_another_day_makes_the_same_rows(plain_processor: dict[str, Any]) -> None:
    assert plain_processor["digests"] == GOLDEN, RENEW


def test_another_hash_seed_and_time_zone_make_the_same_rows() -> None:
    assert elsewhere(TZ="America/Anchorage", PYTHONHASHSEED="77")["digests"] == GOLDEN, RENEW


def test_plan_and_streams_load_neither_django_nor_pytest_nor_psycopg(plain_processor: dict[str, Any]) -> None:
    assert plain_processor["foreign"] == []


def sources() -> list[Path]:
    root = Path(pytest_aquadata.__file__).parent
    return sorted([*(root / "plan").glob("*.py"), *(root / "streams").glob("*.py")])


CLOCKS = {"now", "today", "utcnow", "localtime", "gmtime", "monotonic", "perf_counter", "time_ns"}
INEXACT = {"exp", "expm1", "log", "log1p", "log2", "log10", "power", "float_power", "cbrt", "sin", "cos", "tan", "tanh", "hypot", "arctan2"}
SUMS_BY_BLAS = {"dot", "matmul", "einsum", "inner", "tensordot", "vdot"}
DISTRIBUTIONS = {"default_rng", "Generator", "RandomState", "standard_normal"}
FORBIDDEN = CLOCKS | INEXACT | SUMS_BY_BLAS | DISTRIBUTIONS


@pytest.mark.parametrize("path", sources(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_plan_and_streams_use_no_clock_and_no_inexact_arithmetic(path: Path) -> None:
    """NumPy promises neither exp, log, sin, power nor its distributions to the bit, nor the order in which BLAS adds."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute):
            assert node.attr not in FORBIDDEN, f"line {node.lineno}: {node.attr}"
        if isinstance(node, ast.BinOp):
            assert not isinstance(node.op, ast.MatMult), f"line {node.lineno}: @"
            assert not isinstance(node.op, ast.Pow) or isinstance(node.left, ast.Constant), f"line {node.lineno}: ** of what is no constant"


def rows_of(values: list[int], **other: columns.Column) -> Rows:
    return Rows("t", len(values), {"id": columns.numbers("t", values), **other})


def digest(*parts: Rows, left_out: tuple[str, ...] = ()) -> str:
    total = TableDigest(left_out)
    for part in parts:
        total.add(part)
    return total.hexdigest()


def test_a_digest_sees_every_value_kind_name_word_and_null() -> None:
    two = [1, 2]
    different = [
        digest(rows_of(two)),
        digest(rows_of([2, 1])),
        digest(rows_of([1, 2, 3])),
        digest(rows_of(two, a=columns.ints(1))),
        digest(rows_of(two, b=columns.ints(1))),
        digest(rows_of(two, a=columns.ints([1, 1]))),
        digest(rows_of(two, a=columns.fixed(1, 2))),
        digest(rows_of(two, a=columns.fixed(1, 3))),
        digest(rows_of(two, a=columns.text("x"))),
        digest(rows_of(two, a=columns.text("y"))),
        digest(rows_of(two, a=columns.ints([1, 1], null=np.array([True, False])))),
        digest(rows_of(two, a=columns.ints([1, 1], null=np.array([False, True])))),
        digest(rows_of(two, a=columns.nulls())),
    ]
    assert len(set(different)) == len(different)
    assert digest(rows_of(two, a=columns.ints(5)), left_out=("a",)) == digest(rows_of(two))


def test_the_digest_of_a_scenario_does_not_depend_on_the_order_of_its_batches() -> None:
    batches = [(1, {"a": "01", "b": "02"}), (2, {"a": "03"})]
    assert combine({"x": "1", "y": "2"}, batches) == combine({"y": "2", "x": "1"}, reversed(batches))
    assert combine({"x": "1"}, batches) != combine({"x": "1"}, [(1, batches[0][1]), (3, batches[1][1])])
