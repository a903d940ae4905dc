"""Baselines that the label model is held against."""
