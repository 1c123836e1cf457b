"""`caseloom bench`: measured figures, each beside a yardstick that runs in the same minute on the same machine."""
