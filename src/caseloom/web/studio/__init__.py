"""The studio: the process owner reads the rules in plain sentences, writes them, tries them and publishes."""
