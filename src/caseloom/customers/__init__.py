"""The parties that are served: identities, aliases, facts."""
