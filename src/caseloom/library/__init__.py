"""Service goals and house rules: draft, check, publish, version."""
