"""Caseloom: customer process management."""
