"""Live updates: one LISTEN connection a process, fanned out to the desks that are open."""
