"""Figures counted from the customer's side."""
