"""Rules in controlled English (and German): text to a tree and back, checked against a vocabulary."""
