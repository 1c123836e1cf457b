"""The demo company: a bank that also sells internet access, with its rules, its people and a year of its past."""
