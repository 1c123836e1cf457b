"""The screens and the API: desk, portal, studio, board, api."""
