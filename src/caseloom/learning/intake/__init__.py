"""What a message wants: pure (no clock, no database); begin reading at `reader.py`."""
