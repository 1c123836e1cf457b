"""The board: the process owner reads end-to-end figures; each leads to the cases behind it."""
