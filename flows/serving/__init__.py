"""Models in MLflow's registry: what they run, what they need, which one is the champion, how files are scored."""
