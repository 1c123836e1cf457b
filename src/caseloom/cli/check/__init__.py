"""`caseloom check`: the running product, proved from outside as its users meet it."""
