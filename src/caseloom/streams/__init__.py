"""The one door: store, codec, timers, effects, replay."""
