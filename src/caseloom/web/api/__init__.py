"""The API, `/api/v1`: everything that the screens do, for integrators."""
