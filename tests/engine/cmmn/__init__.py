"""The CMMN 1.1 conformance kit: the standard's tables as data, and a test for each of their cells."""
