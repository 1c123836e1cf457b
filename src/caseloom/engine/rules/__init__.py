"""Rules of a case: what they read, when they fire, what they refuse."""
