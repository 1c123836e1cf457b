"""The job worker: procrastinate over Django's database.

It picks jobs up by LISTEN and polls every 0.3 s for those that waited on a lock. A job whose worker was
killed is found by the sweep of the timers' service, not here: this process may be the one that dies.
"""

from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

POLL_SECONDS = 0.3
GRACE_SECONDS = 10.0
# The sweeper takes a worker for dead after 15 s without one (streams.effects.STALLED_AFTER).
HEARTBEAT_SECONDS = 4.0


def run_worker(concurrency: int) -> None:
    """Work until SIGTERM or SIGINT; running jobs get ten seconds to end. Django must be set up."""
    with app.replace_connector(PsycopgConnector(kwargs=connector_params())) as working:
        working.run_worker(
            concurrency=concurrency,
            fetch_job_polling_interval=POLL_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            listen_notify=True,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=3 * HEARTBEAT_SECONDS,
            delete_jobs="successful",
        )
