"""To be told to stop: Ctrl-C and SIGTERM."""

import queue
import signal
import threading


def stop_on_signal() -> threading.Event:
    """An event that Ctrl-C and SIGTERM set, however often they come. To be called in the main thread.

    A thread sets it. A handler runs in the midst of whatever the main thread does, also of the handler before it; if it
    set the event itself, it could wait for ever for the lock of the event that it has interrupted.
    `SimpleQueue.put` may be interrupted by itself.
    """
    stop = threading.Event()
    told: queue.SimpleQueue[None] = queue.SimpleQueue()

    def listen() -> None:
        told.get()
        stop.set()

    threading.Thread(target=listen, name="signals", daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: told.put(None))
    return stop
