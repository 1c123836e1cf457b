"""What a service goal says: the definitions that cases follow."""
