"""Learning from what people do: proposals, never acts."""
