"""Baselines that the label model is held against."""

from metal.baselines.data_programming import DataProgramming
from metal.baselines.gibbs import GibbsDataProgramming
from metal.baselines.majority_vote import MajorityVote
from metal.baselines.separate_tasks import SeparateTasks
from metal.baselines.weighted_majority import WeightedMajorityVote

__all__ = ["DataProgramming", "GibbsDataProgramming", "MajorityVote", "SeparateTasks", "WeightedMajorityVote"]
