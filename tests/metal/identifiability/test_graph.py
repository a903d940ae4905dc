"""Properties of the graph of groups, and structures of many sources."""

from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metal.identifiability import check_identifiability
from metal.identifiability.check import odd_components
from tests.metal.identifiability.structures import KIND, SPAM, edges, spaces


@pytest.mark.parametrize("evidence", ["moments", "likelihood"])
@pytest.mark.parametrize("last", [2, 3])
def test_many_sources_are_judged_by_some_of_each_kind(evidence: str, last: int) -> None:
    """Sixty sources on two tasks, in pairs, and two or three on the last task; two are not enough (case 16)."""
    many = spaces(KIND, ("kind", 30), ("person", 30), ("organization", last))
    dependencies = [(f"{task}_{i}", f"{task}_{i + 1}") for task in ("kind", "person") for i in range(0, 30, 2)]

    report = check_identifiability(KIND, many, dependencies, parameterisation="proj", evidence=evidence)

    assert report.undetermined == (("organization_0", "organization_1") if last == 2 else ())
    assert (report.rank is not None) is (last == 3)
    assert any("the rank was taken on" in note for note in report.notes) is (last == 3)


@given(st.integers(1, 8), st.data())
def test_odd_components_are_those_that_are_not_bipartite(size: int, data: st.DataObject) -> None:
    pairs = list(combinations(range(size), 2))
    graph = nx.Graph(data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [])
    graph.add_nodes_from(range(size))

    component, odd = odd_components(nx.to_numpy_array(graph, nodelist=range(size)) > 0)

    assert [odd[component[node]] for node in range(size)] == [
        not nx.is_bipartite(graph.subgraph(nx.node_connected_component(graph, node))) for node in range(size)
    ]


def test_adding_an_independent_source_never_harms() -> None:
    random = np.random.default_rng(0)
    for _ in range(30):
        count = int(random.integers(3, 8))
        pairs = [pair for pair in combinations(range(count), 2) if random.random() < 0.3]
        before = check_identifiability(SPAM, spaces(SPAM, ("spam", count)), edges(*pairs))
        after = check_identifiability(SPAM, spaces(SPAM, ("spam", count + 1)), edges(*pairs))
        assert set(after.undetermined) <= set(before.undetermined) | {f"spam_{count}"}
        assert after.identifiable or not before.identifiable
