"""The desk: where agents work on cases."""
