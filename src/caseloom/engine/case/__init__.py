"""The case: decide, evolve and settle."""
