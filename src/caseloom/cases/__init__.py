"""The shell of the engine: the case as a stream kind, its projections and queries."""
