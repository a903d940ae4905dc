"""The table of cases for binary sources that vote on one task: what the structure determines, by either evidence.

"Completed" means that dependence is taken by group, the only sound reading of moments.
"""

import pytest

from metal.identifiability import check_identifiability, likelihood_rank
from metal.label_matrix import LabelSpace
from tests.metal.identifiability.structures import SPAM, Edges, clique, edges, spaces

BINARY = [
    # sources, dependencies, determined by moments between groups, rank of the likelihood (sources that never abstain)
    pytest.param(1, [], False, (1, 2), id="1: one source"),
    pytest.param(2, [], False, (3, 4), id="1: two independent"),
    pytest.param(3, [], True, (6, 6), id="2: three independent"),
    pytest.param(4, edges((0, 1)), True, (10, 10), id="3: four, one dependency"),
    pytest.param(4, edges((0, 1), (2, 3)), False, (11, 12), id="4: two pairs"),
    pytest.param(4, edges((0, 1)), True, (10, 10), id="5: two pairs, one dropped"),
    pytest.param(5, edges((0, 1), (2, 3)), True, (14, 14), id="6: two pairs and one"),
    pytest.param(5, clique(0, 1, 2), True, (18, 18), id="7: triangle and two"),
    pytest.param(10, clique(0, 1, 2, 3, 4) + clique(5, 6, 7, 8, 9), False, (123, 124), id="8: two 5-cliques"),
    pytest.param(11, clique(0, 1, 2, 3, 4) + clique(5, 6, 7, 8, 9), True, (126, 126), id="8: two 5-cliques and one"),
    pytest.param(6, clique(0, 1, 2, 3, 4, 5), False, (63, 126), id="9: 6-clique"),
    pytest.param(7, clique(0, 1, 2, 3, 4, 5), False, (127, 128), id="9: 6-clique and one"),
    pytest.param(8, clique(0, 1, 2, 3, 4, 5), True, (130, 130), id="9: 6-clique and two"),
    pytest.param(5, edges((0, 1), (1, 2), (2, 3), (3, 4)), False, (18, 18), id="10: path of five"),
    pytest.param(6, edges(*((i, j) for i in (0, 1, 2) for j in (3, 4, 5))), False, (62, 62), id="11: K3,3"),
    pytest.param(5, edges((0, 1), (0, 2), (0, 3)), False, (16, 16), id="12: star and one"),
    pytest.param(5, edges((0, 1), (1, 2)), True, (14, 14), id="13: path of three and two"),
]


@pytest.mark.parametrize("abstains", [True, False])
@pytest.mark.parametrize(("count", "dependencies", "determined", "likelihood"), BINARY)
def test_binary_cases(
    count: int, dependencies: Edges, determined: bool, likelihood: tuple[int, int], abstains: bool
) -> None:
    sources = spaces(SPAM, ("spam", count))
    always = () if abstains else [space.name for space in sources]

    for parameterisation in ("tied", "proj", "full"):
        report = check_identifiability(
            SPAM, sources, dependencies, parameterisation=parameterisation, always_votes=always
        )
        assert report.identifiable is determined
        assert bool(report.undetermined) is not determined


@pytest.mark.parametrize(("count", "dependencies", "determined", "likelihood"), BINARY)
def test_binary_cases_by_the_likelihood(
    count: int, dependencies: Edges, determined: bool, likelihood: tuple[int, int]
) -> None:
    """The completed column is about moments; a path, K3,3 and a star, single groups, are determined by the likelihood.

    Parameters without abstains, by hand: two a source, 2 x (2^s - 1) a clique of s, and of a path of five
    2 + 4 x 4 = 18.
    """
    sources = spaces(SPAM, ("spam", count))
    always = [space.name for space in sources]

    found = likelihood_rank(SPAM, sources, dependencies, always_votes=always)
    free = likelihood_rank(SPAM, sources, dependencies, always_votes=always, balance_known=False)
    report = check_identifiability(SPAM, sources, dependencies, evidence="likelihood", always_votes=always)

    assert found is not None
    assert free is not None
    assert found[:2] == likelihood
    # A balance that is not known is determined exactly where the sources are.
    assert (free[0] == free[1]) is (found[0] == found[1])
    assert report.identifiable is (found[0] == found[1])
    assert report.rank == likelihood
    moments = [note for note in report.notes if note.startswith("moments between groups")]
    assert ("do not determine" in moments[0]) is not determined


def test_case_24_three_unipolar_sources() -> None:
    sources = [LabelSpace.checked(f"s{i}", ["spam"], [(label,)], SPAM) for i, label in enumerate(("no", "no", "yes"))]

    assert check_identifiability(SPAM, sources).identifiable
