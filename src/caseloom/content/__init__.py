"""Documents and correspondence: letters, templates, previews."""
