"""All that a plugin may touch, and the types that rooms hand each other."""
