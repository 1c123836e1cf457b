"""The case engine: pure Python, no I/O, no clock, no framework."""
