"""The multi-task end model of section 5: shared encoder, task heads, noise-aware loss."""
