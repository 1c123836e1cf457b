"""DMN 1.5: models of decisions, compiled to closures (clauses 6 to 8 and 10.2)."""
