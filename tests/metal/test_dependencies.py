import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metal.dependencies import DependencyGraph, Factor, JunctionTree


def test_groups_are_the_connected_components_in_column_order() -> None:
    graph = DependencyGraph(["a", "b", "c", "d", "e"], [("d", "b"), ("e", "b"), ("b", "d")])

    assert graph.groups == (("a",), ("b", "d", "e"), ("c",))
    assert graph.columns == ((0,), (1, 3, 4), (2,))
    assert graph.edges == (("b", "d"), ("b", "e"))  # doubled and reversed edges count once


@pytest.mark.parametrize(
    ("edge", "said"),
    [
        (("a", "z"), r"dependency \('a', 'z'\) names unknown source 'z'; the sources are \['a', 'b'\]"),
        (("a", "a"), "source 'a' cannot depend on itself"),
        (("a", "b", "a"), "a dependency is a pair"),
        ("ab", "a dependency is a pair"),
    ],
)
def test_wrong_edges_are_named(edge: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        DependencyGraph(["a", "b"], [edge])


def test_doubled_names_are_refused() -> None:
    with pytest.raises(ValueError, match=r"doubled: \['a'\]"):
        DependencyGraph(["a", "a"])


def test_a_cycle_of_four_is_triangulated_by_one_chord() -> None:
    square = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")]
    graph = DependencyGraph(["a", "b", "c", "d"], square)

    chords = set(graph.triangulation) - set(graph.edges)

    assert chords in ({("a", "c")}, {("b", "d")})
    assert [len(clique) for clique in graph.junction_tree.cliques] == [3, 3]


def test_a_path_s_junction_tree_is_the_path() -> None:
    tree = DependencyGraph(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("c", "d")]).junction_tree

    assert tree.cliques == (("a", "b"), ("b", "c"), ("c", "d"))
    assert [tree.separator(edge) for edge in tree.edges] == [("b",), ("c",)]


def test_the_junction_tree_has_maximum_separators() -> None:
    # Cliques abc, bcd, ce: bcd-abc share two, ce shares one with each. A minimum spanning tree would join
    # abc and bcd through ce and lose b on the way.
    edges = [("a", "b"), ("a", "c"), ("b", "c"), ("b", "d"), ("c", "d"), ("c", "e")]
    tree = DependencyGraph(["a", "b", "c", "d", "e"], edges).junction_tree

    assert tree.cliques == (("a", "b", "c"), ("b", "c", "d"), ("c", "e"))
    assert sorted(len(tree.separator(edge)) for edge in tree.edges) == [1, 2]


def running_intersection_holds(tree: JunctionTree, names: list[str]) -> bool:
    """Check that the cliques that hold a source form a connected part of the tree."""
    graph = nx.Graph(list(tree.edges))
    graph.add_nodes_from(range(len(tree.cliques)))
    holders = [[i for i, clique in enumerate(tree.cliques) if name in clique] for name in names]
    return all(nx.is_connected(graph.subgraph(held)) for held in holders)


@given(st.integers(1, 8), st.data())
def test_every_graph_gets_a_junction_tree(size: int, data: st.DataObject) -> None:
    names = [f"s{i}" for i in range(size)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    edges = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    graph = DependencyGraph(names, edges)

    assert nx.is_chordal(nx.Graph(list(graph.triangulation))) or len(graph.triangulation) < 4
    assert set(graph.edges) <= set(graph.triangulation)
    assert running_intersection_holds(graph.junction_tree, names)
    # A tree a component: as many edges as cliques, less one each.
    assert len(graph.junction_tree.edges) == len(graph.junction_tree.cliques) - len(graph.groups)


def test_factors_go_from_the_root_down_with_the_separator_first() -> None:
    # Cliques abc and bcd share b and c; e hangs on d; f is alone.
    edges = [("a", "b"), ("a", "c"), ("b", "c"), ("b", "d"), ("c", "d"), ("d", "e")]
    graph = DependencyGraph(["a", "b", "c", "d", "e", "f"], edges)

    group = (0, 1, 2, 3, 4)
    assert graph.factors == (
        Factor((0, 1, 2), 0, group),
        Factor((1, 2, 3), 2, group),
        Factor((3, 4), 1, group),
        Factor((5,), 0, (5,)),
    )
    assert DependencyGraph(["a", "b"]).factors == (Factor((0,), 0, (0,)), Factor((1,), 0, (1,)))


@given(st.integers(1, 8), st.data())
def test_every_source_is_emitted_by_one_factor_given_ones_emitted_before(size: int, data: st.DataObject) -> None:
    names = [f"s{i}" for i in range(size)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    graph = DependencyGraph(names, data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [])

    emitted: list[int] = []
    for factor in graph.factors:
        assert set(factor.columns[: factor.given]) <= set(emitted)
        emitted += factor.columns[factor.given :]
    assert sorted(emitted) == list(range(size))


@given(st.integers(2, 9), st.data())
def test_a_chordal_graph_is_not_filled_in(size: int, data: st.DataObject) -> None:
    """Trees are chordal: each source but the first hangs on one before it."""
    edges = [(f"s{data.draw(st.integers(0, i - 1))}", f"s{i}") for i in range(1, size)]
    graph = DependencyGraph([f"s{i}" for i in range(size)], edges)

    assert graph.triangulation == graph.edges
