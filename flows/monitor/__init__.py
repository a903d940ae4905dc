"""Watch new data: are votes, accuracies and confidences as they were in training? `python -m flows.monitor`."""
