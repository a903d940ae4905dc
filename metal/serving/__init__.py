"""Models that take raw documents: an application's sources and label model, or its end model, as one function.

Each is a folder of weights (npz, safetensors), vocabulary and JSON, never a pickle. `folders.load_scorer` reads it, and
its `score` turns a table with the columns of the application's corpus into labels, probabilities and reasons:
`label.LabelScorer` and `end.EndScorer`.
"""
