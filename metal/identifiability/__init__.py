"""Do the votes determine the accuracies? `check` before any vote is seen, `data` on the votes, `rank` generically."""

from metal.identifiability.check import check_identifiability
from metal.identifiability.data import weak_sources
from metal.identifiability.likelihood_rank import likelihood_rank
from metal.identifiability.rank import generic_rank
from metal.identifiability.report import IdentifiabilityReport

__all__ = ["IdentifiabilityReport", "check_identifiability", "generic_rank", "likelihood_rank", "weak_sources"]
