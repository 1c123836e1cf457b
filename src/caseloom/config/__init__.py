"""Settings, addresses and start-up: joins every room; nobody imports it."""
