"""The scheduler by itself, and what it relies on in xdist and pytest."""

from __future__ import annotations

import inspect

import pytest
from xdist import dsession, newhooks, remote, workermanage

from pytest_aquadata.engine.task import CRASHES
from pytest_aquadata.items import Phase, phase_of
from pytest_aquadata.scheduling import PhaseScheduling
from pytest_aquadata.verify.registry import effort


class Node:
    """What a scheduler sees of a worker."""

    def __init__(self, name: str, broken: bool = False) -> None:
        self.gateway = type("Gateway", (), {"id": name})()
        self.sent: list[int] = []
        self.shutting_down = False
        self.broken = broken

    def send_runtest_some(self, indices: list[int]) -> None:
        if self.broken:
            raise OSError("cannot send to <Channel closed>")
        self.sent += indices

    def shutdown(self) -> None:
        self.shutting_down = True


ITEMS = [f"f.yaml::{n}" for n in range(6)]


def _joined(scheduler: PhaseScheduling, *nodes: Node, items: list[str] | None = None) -> None:
    for node in nodes:
        scheduler.add_node(node)
        scheduler.add_node_collection(node, ITEMS if items is None else items)
        scheduler.schedule()


def test_every_worker_holds_two_items_or_the_mark_that_there_are_no_more() -> None:
    scheduler, a, b = PhaseScheduling(lambda item: 0), Node("a"), Node("b")
    assert not scheduler.collection_is_completed
    _joined(scheduler, a, b)
    assert (a.sent, b.sent) == ([0, 1], [2, 3])
    held = {a: [0, 1], b: [2, 3]}
    while any(held.values()):
        for node in (a, b):
            if held[node]:
                before = len(node.sent)
                scheduler.mark_test_complete(node, held[node].pop(0))
                held[node] += node.sent[before:]
            assert len(held[node]) == 2 or node.shutting_down
    assert sorted(a.sent + b.sent) == list(range(6))
    assert a.sent == sorted(a.sent)
    assert scheduler.tests_finished
    assert not scheduler.has_pending
    assert scheduler.left == []


def test_more_workers_than_items() -> None:
    scheduler, nodes = PhaseScheduling(lambda item: 0), [Node(name) for name in "abcd"]
    _joined(scheduler, *nodes, items=ITEMS[:3])
    assert [node.sent for node in nodes] == [[0, 1], [2], [], []]
    assert [node.shutting_down for node in nodes] == [False, True, True, True]


def test_no_items() -> None:
    scheduler, node = PhaseScheduling(lambda item: 0), Node("a")
    _joined(scheduler, node, items=[])
    assert node.shutting_down
    assert scheduler.tests_finished


def test_what_a_dead_worker_held_goes_to_the_next_in_the_same_order() -> None:
    scheduler, a, b = PhaseScheduling(lambda item: 0), Node("a"), Node("b")
    _joined(scheduler, a, b)
    assert scheduler.remove_node(a) == ITEMS[0]
    assert scheduler.may_run_again(ITEMS[0])
    scheduler.mark_test_pending(ITEMS[0])
    assert scheduler.left == [ITEMS[2], ITEMS[3], ITEMS[0], ITEMS[1], ITEMS[4], ITEMS[5]]
    c = Node("c")
    _joined(scheduler, c)
    assert c.sent == [0, 1]


def test_a_worker_that_dies_before_it_collects_or_runs() -> None:
    scheduler, a = PhaseScheduling(lambda item: 0), Node("a")
    scheduler.add_node(a)
    assert scheduler.remove_node(a) is None
    with pytest.raises(KeyError):
        scheduler.remove_node(a)


def test_the_last_items_are_kept_when_everybody_is_leaving() -> None:
    scheduler, a, b = PhaseScheduling(lambda item: 0), Node("a"), Node("b")
    _joined(scheduler, a, b, items=ITEMS[:2])
    assert scheduler.remove_node(a) == ITEMS[0]
    scheduler.mark_test_pending(ITEMS[0])
    assert b.sent == []
    assert not scheduler.tests_finished
    assert scheduler.has_pending
    c = Node("c")
    _joined(scheduler, c, items=ITEMS[:2])
    assert c.sent == [0, 1]


def test_a_channel_that_closes_while_it_is_written_to() -> None:
    """xdist says so later; until then nothing is lost."""
    scheduler, a, b = PhaseScheduling(lambda item: 0), Node("a", broken=True), Node("b")
    _joined(scheduler, a, b)
    assert a.sent == []
    assert b.sent == [0, 1]
    assert scheduler.remove_node(a) is None


def test_an_item_that_kills_workers_is_given_up() -> None:
    scheduler = PhaseScheduling(lambda item: 0)
    assert [scheduler.may_run_again("x") for _ in range(CRASHES + 1)] == [True] * CRASHES + [False]


def test_workers_that_collected_something_else() -> None:
    scheduler, a, b = PhaseScheduling(lambda item: 0), Node("a"), Node("b")
    _joined(scheduler, a)
    scheduler.add_node(b)
    with pytest.raises(RuntimeError, match="worker b collected other items"):
        scheduler.add_node_collection(b, ITEMS[1:])


def _simulated(sizes: list[int], workers: int) -> tuple[list[tuple[int, int]], float]:
    """Runs builds of these sizes and a `finish`, as xdist would. Returns (start, size) of each build by start, and the time of the last."""
    items = ["f.yaml::prepare", *(f"f.yaml::build[{number}]" for number in range(len(sizes))), "f.yaml::finish"]
    of = {f"f.yaml::build[{number}]": size for number, size in enumerate(sizes)}
    scheduler = PhaseScheduling(lambda item: phase_of(item) or 0, lambda item: of.get(item, 0))
    nodes = [Node(str(number)) for number in range(workers)]
    for node in nodes:  # all have started before the first has collected
        scheduler.add_node(node)
    for node in nodes:
        scheduler.add_node_collection(node, items)
        scheduler.schedule()
    free, done, started, now = dict.fromkeys(nodes, 0), dict.fromkeys(nodes, 0), [], 0
    while True:
        able = [node for node in nodes if done[node] < len(node.sent)]
        # the finish runs when all builds are over
        builds = [node for node in able if items[node.sent[done[node]]] != items[-1]]
        if not builds:
            assert len(started) == len(sizes)
            return started, now
        node = min(builds, key=lambda node: free[node])
        assert done[node] + 1 < len(node.sent) or node.shutting_down, "it would not start"
        index = node.sent[done[node]]
        if items[index] in of:
            started.append((free[node], of[items[index]]))
        free[node] += of.get(items[index], 0)
        now = max(now, free[node])
        done[node] += 1
        scheduler.mark_test_complete(node, index)


@pytest.mark.parametrize("workers", [1, 2, 3, 14])
@pytest.mark.parametrize(
    "sizes",
    [
        [860, 600, 40, 840, 400, 310, 220, 130],
        [900] * 40 + list(range(5, 900, 11)),
        [10] * 30 + [2000],
        [1, 1, 1],
    ],
    ids=["ci", "production", "one giant", "few"],
)
def test_the_longest_first_and_nobody_idle_at_the_end(sizes: list[int], workers: int) -> None:
    """No schedule is shorter than the longest item, or than all work shared out; this one comes near it, though workers hold two items.

    4/3 is Graham's bound for handing out the longest first (SIAM J. Appl. Math. 17, 1969, theorem 2).
    """
    started, end = _simulated(sizes, workers)
    longest_first = sorted(sizes, reverse=True)
    assert sorted((size for _, size in started[:workers]), reverse=True) == longest_first[:workers]
    if workers == 1:
        assert [size for _, size in started] == longest_first
    bound = max(longest_first[0], sum(sizes) / workers, sum(longest_first[workers - 1 : workers + 1]) if len(sizes) > workers else 0)
    assert end <= 4 / 3 * bound


def test_one_that_is_busy_for_long_gets_nothing_to_wait_behind_it() -> None:
    items = ["f.yaml::build[long]", "f.yaml::build[a]", "f.yaml::build[b]", "f.yaml::build[c]", "f.yaml::finish", "f.yaml::verify[rows]"]
    sizes = {items[0]: 100, items[1]: 10, items[2]: 30, items[3]: 20}
    scheduler, a, b = PhaseScheduling(lambda item: phase_of(item) or 0, lambda item: sizes.get(item, 0)), Node("a"), Node("b")
    scheduler.add_node(b)
    _joined(scheduler, a, items=items)
    scheduler.add_node_collection(b, items)
    scheduler.schedule()
    assert (a.sent, b.sent) == ([0, 4], [2, 3])
    # and when the other dies, whoever replaces it is given the builds before all that waits for them
    crashed = scheduler.remove_node(b)
    scheduler.mark_test_pending(crashed)
    c = Node("c")
    _joined(scheduler, c, items=items)
    assert c.sent == [2, 3]
    scheduler.remove_node(a)
    assert [items.index(item) for item in scheduler.left] == [2, 3, 1, 4, 5]


def test_what_is_relied_on_in_xdist() -> None:
    # the hooks that we implement, with the arguments that we take
    assert "node" in inspect.signature(newhooks.pytest_configure_node).parameters
    assert inspect.signature(newhooks.pytest_xdist_make_scheduler).parameters
    assert {"crashitem", "report", "sched"} <= set(inspect.signature(newhooks.pytest_handlecrashitem).parameters)
    # what a scheduler is asked, and what it asks of a worker
    asked = inspect.getsource(dsession)
    for name in ("tests_finished", "has_pending", "collection_is_completed", "add_node", "add_node_collection", "remove_node", "schedule"):
        assert f"sched.{name}" in asked, name
        assert hasattr(PhaseScheduling, name)
    controller = workermanage.WorkerController
    for name in ("send_runtest_some", "shutdown", "shutting_down"):
        assert hasattr(controller, name), name
    assert "workerinput" in inspect.getsource(controller)
    # a worker runs an item only when it knows the next one, or that there is none: why each is given two
    assert "nextitem" in inspect.getsource(remote)


def test_what_is_relied_on_in_pytest(pytester: pytest.Pytester) -> None:
    config = pytester.parseconfig("somewhere")
    assert config.args_source is pytest.Config.ArgsSource.ARGS
    assert isinstance(config.args, list)
    pytester.makeini("[pytest]\ntestpaths = .\n")
    assert pytester.parseconfig().args_source is not pytest.Config.ArgsSource.ARGS
    # False from pytest_ignore_collect ends the question: also a folder of norecursedirs is entered
    pytester.makeconftest("def pytest_ignore_collect(collection_path):\n    return False if collection_path.name == 'build' else None\n")
    pytester.mkdir("build").joinpath("test_it.py").write_text("def test_it():\n    pass\n")
    pytester.inline_run().assertoutcome(passed=1)


def test_nothing_is_put_behind_what_waits_for_it() -> None:
    """A build that lost its worker must not stand behind the `finish` that waits for it: another worker takes it."""
    items = ["f.yaml::build[A]", "f.yaml::build[B]", "f.yaml::build[C]", "f.yaml::finish", "f.yaml::verify[rows]"]
    scheduler, a, b = PhaseScheduling(lambda item: phase_of(item) or 0), Node("a"), Node("b")
    _joined(scheduler, a, b, items=items)
    assert (a.sent, b.sent) == ([0, 1], [2, 3])
    crashed = scheduler.remove_node(a)
    assert crashed == items[0]
    scheduler.mark_test_pending(crashed)
    scheduler.mark_test_complete(b, 2)
    # b holds `finish`: it is given the verification, and neither of the builds that `finish` waits for
    assert b.sent == [2, 3, 4]
    c = Node("c")
    _joined(scheduler, c, items=items)
    assert c.sent == [0, 1]
    scheduler.mark_test_complete(b, 3)
    assert b.shutting_down
    for index in (0, 1):
        scheduler.mark_test_complete(c, index)
    scheduler.mark_test_complete(b, 4)
    assert scheduler.tests_finished
    assert scheduler.left == []


@pytest.mark.parametrize(
    ("nodeid", "phase"),
    [
        ("scenarios/x.yaml::prepare", Phase.PREPARE),
        ("scenarios/x.yaml::build[FAR-2020-001]", Phase.BUILD),
        ("../y.yml::finish", Phase.FINISH),
        ("x.yaml::verify[rows]", Phase.VERIFY),
        ("tests/test_x.py::build", None),
        ("x.yaml::other", None),
    ],
)
def test_the_phase_of_an_item(nodeid: str, phase: Phase | None) -> None:
    assert phase_of(nodeid) is phase


def test_of_criteria_the_longest_comes_first() -> None:
    names = ["world", "feed_stock", "orphans", "readings"]
    items = [f"scenarios/ci.yaml::verify[{name}]" for name in names]
    scheduler, a, b = PhaseScheduling(lambda item: 0, lambda item: effort(item.rpartition("[")[2].removesuffix("]"))), Node("a"), Node("b")
    for node in (a, b):
        scheduler.add_node(node)
    for node in (a, b):
        scheduler.add_node_collection(node, items)
        scheduler.schedule()
    assert [names[index] for index in (a.sent[0], b.sent[0])] == sorted(names, key=effort, reverse=True)[:2]
