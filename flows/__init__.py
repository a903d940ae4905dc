"""Everything that touches the world: configuration, steps, validation, tracking, the pipeline."""
