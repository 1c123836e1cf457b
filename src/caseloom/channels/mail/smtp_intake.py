"""Mail in by SMTP (RFC 5321): a server that says 250 only after the mail is durable.

Mails that arrive together are handed over together: the gatherer waits a few milliseconds while other
connections are open, so that the door can commit fifty in one transaction. Receivers run in threads; the
event loop never waits for them.
"""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from aiosmtpd.smtp import SMTP, Envelope, Session
from msgspec import Struct

from caseloom.channels.mail.receipt import (
    Failed,
    RawMail,
    Receipt,
    ReceiveMany,
    SmtpSource,
    Stored,
)
from caseloom.foundation.text import mended_line

Clock = Callable[[], datetime]


class SmtpListen(Struct, frozen=True):
    """Where and how the intake listens.

    port: 0 takes a free one (`SmtpIntake.port` tells which). size: bytes of a mail, told by SIZE (RFC 1870).
    batch: mails handed over at once at most. gather: seconds that the first of a batch waits at most.
    receivers: batches at work at the same time. tls_context: offers STARTTLS. idle: seconds until a silent
    client goes.
    """

    host: str = "127.0.0.1"
    port: int = 0
    hostname: str = "localhost"
    size: int = 50_000_000
    batch: int = 50
    gather: float = 0.005
    receivers: int = 2
    idle: float = 300.0
    tls_context: ssl.SSLContext | None = None


class _Waiting(Struct):
    mail: RawMail
    receipt: "asyncio.Future[Receipt]"


class _Server(SMTP):
    # Senders break the bound of 998 characters a line; a customer's mail is not lost for that.
    line_length_limit = 1 << 20


class SmtpIntake:
    """The server. Use it as a context manager, or `start` and `stop` it.

    receive_many: stores mails durably, one receipt each in the same order; if it raises, all of them failed
    for now. clock: tells the aware moment of arrival. accepts: which recipients are served (others get 550);
    None serves all.
    """

    def __init__(
        self,
        listen: SmtpListen,
        receive_many: ReceiveMany,
        clock: Clock,
        accepts: Callable[[str], bool] | None = None,
    ) -> None:
        self._listen = listen
        self._gatherer = _Gatherer(listen, receive_many)
        self._handler = _Handler(self._gatherer, clock, accepts)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._stopped: asyncio.Event | None = None

    @property
    def port(self) -> int:
        """The port that is listened on, once started."""
        return int(self._socket.getsockname()[1]) if self._socket else self._listen.port

    def busy(self) -> bool:
        """Whether mails are being stored at this moment."""
        return self._gatherer.is_busy()

    def start(self) -> None:
        """Listen, and serve in a thread. Raises OSError if the port is taken."""
        family = socket.AF_INET6 if ":" in self._listen.host else socket.AF_INET
        self._socket = socket.create_server((self._listen.host, self._listen.port), family=family, backlog=256)
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(self._socket, ready), name="smtp-intake", daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """Take no more mail, answer what was handed over already, and end."""
        if self._thread is None or self._loop is None or self._stopped is None:
            return
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()
        self._thread = None

    def __enter__(self) -> "SmtpIntake":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, listening: socket.socket, ready: threading.Event) -> None:
        asyncio.run(self._serve(listening, ready))

    async def _serve(self, listening: socket.socket, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        server = await self._loop.create_server(self._protocol, sock=listening)
        gathering = asyncio.create_task(self._gatherer.run())
        ready.set()
        await self._stopped.wait()
        server.close()
        await self._gatherer.drain()
        gathering.cancel()
        await self._close_connections(gathering)

    async def _close_connections(self, gathering: "asyncio.Task[None]") -> None:
        # A turn for the answers to what was drained, before the connections go.
        await asyncio.sleep(0.01)
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, gathering, return_exceptions=True)
        self._handler.close_all()
        await asyncio.sleep(0)

    def _protocol(self) -> asyncio.Protocol:
        listen = self._listen
        server = _Server(
            self._handler,
            data_size_limit=listen.size,
            enable_SMTPUTF8=True,
            hostname=listen.hostname,
            ident="Caseloom",
            tls_context=listen.tls_context,
            timeout=listen.idle,
            loop=self._loop,
        )
        self._handler.opened(server)
        return server


class _Handler:
    """What aiosmtpd asks: hooks named by the command."""

    def __init__(self, gatherer: "_Gatherer", clock: Clock, accepts: Callable[[str], bool] | None) -> None:
        self._gatherer = gatherer
        self._clock = clock
        self._accepts = accepts
        self._connections: set[SMTP] = set()

    def opened(self, server: SMTP) -> None:
        """Count a new connection in."""
        self._connections = {c for c in self._connections if c.transport is not None and not c.transport.is_closing()}
        self._connections.add(server)
        self._gatherer.connections = self._open

    def _open(self) -> int:
        return sum(1 for c in self._connections if c.transport is not None and not c.transport.is_closing())

    def close_all(self) -> None:
        for connection in self._connections:
            if connection.transport is not None:
                connection.transport.close()

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._accepts is not None and not self._accepts(address):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        peer: object = session.peer
        mail = RawMail(
            raw=envelope.original_content or b"",
            mailbox=mended_line(envelope.rcpt_tos[0]),
            envelope_from=mended_line(envelope.mail_from or "").strip("<>"),  # aiosmtpd leaves "<>"
            envelope_to=tuple(map(mended_line, envelope.rcpt_tos)),
            received_at=self._clock(),
            source=SmtpSource(str(peer[0] if isinstance(peer, tuple) else peer), mended_line(session.host_name or "")),
        )
        return _answer(await self._gatherer.store(mail))


def _answer(receipt: Receipt) -> str:
    if isinstance(receipt, Failed):
        # The reason may name tables or hosts of ours; a stranger need not read it.
        return "451 4.3.0 The mail could not be stored just now; try again later"
    return "250 2.0.0 OK, stored" if isinstance(receipt, Stored) else "250 2.0.0 OK, stored before"


class _Gatherer:
    def __init__(self, listen: SmtpListen, receive_many: ReceiveMany) -> None:
        self._listen = listen
        self._receive_many = receive_many
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._busy = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        self.connections: Callable[[], int] = lambda: 0

    async def store(self, mail: RawMail) -> Receipt:
        """Wait until the mail's batch is durable."""
        if self._closed:
            return Failed("the intake is stopping")
        receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(mail, receipt))
        self._arrived.set()
        return await receipt

    async def run(self) -> None:
        """Hand over batch after batch, at most `receivers` at a time."""
        free = asyncio.Semaphore(self._listen.receivers)
        with ThreadPoolExecutor(self._listen.receivers, thread_name_prefix="mail-receive") as pool:
            while True:
                await self._arrived.wait()
                await free.acquire()
                await self._gather()
                batch, self._waiting = (
                    self._waiting[: self._listen.batch],
                    self._waiting[self._listen.batch :],
                )
                if not self._waiting:
                    self._arrived.clear()
                task = asyncio.create_task(self._hand_over(batch, pool))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                task.add_done_callback(lambda _: free.release())

    def is_busy(self) -> bool:
        """Whether a batch is at work."""
        return self._busy > 0

    async def drain(self) -> None:
        """Refuse what comes now, and wait until what came before is answered."""
        self._closed = True
        while self._waiting or self._tasks:
            await asyncio.sleep(0.005)

    async def _gather(self) -> None:
        """Wait for others, but only while another open connection might bring one."""
        deadline = asyncio.get_running_loop().time() + self._listen.gather
        while asyncio.get_running_loop().time() < deadline:
            if len(self._waiting) >= min(self._listen.batch, self.connections() - self._busy):
                return
            await asyncio.sleep(0.001)

    async def _hand_over(self, batch: list[_Waiting], pool: ThreadPoolExecutor) -> None:
        self._busy += len(batch)
        try:
            mails = [waiting.mail for waiting in batch]
            receipts = await asyncio.get_running_loop().run_in_executor(pool, self._receive, mails)
        finally:
            self._busy -= len(batch)
        for waiting, receipt in zip(batch, receipts, strict=True):
            with contextlib.suppress(asyncio.InvalidStateError):
                waiting.receipt.set_result(receipt)

    def _receive(self, mails: list[RawMail]) -> list[Receipt]:
        try:
            receipts = list(self._receive_many(mails))
        except Exception as error:
            return [Failed(f"{type(error).__name__}: {error}")] * len(mails)
        if len(receipts) != len(mails):
            return [Failed("the receiver did not answer for each mail")] * len(mails)
        return receipts
