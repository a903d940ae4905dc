"""The steps of the pipeline, one module a step; each reads artifacts, calls the library, writes artifacts."""
