"""Clock, ids, bytes and the embedded database: what every room may stand on."""
