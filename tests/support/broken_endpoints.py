"""Endpoints that misbehave, on 127.0.0.1, for tests of faults and endings."""

import socket
import struct
import threading
from collections.abc import Callable
from typing import Self

STS_BODY = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:x</Arn>"
    b"<UserId>U</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>"
)

Behaviour = Callable[[socket.socket, bytes], None]


def answer(status: str, body: bytes = b"", headers: str = "") -> Behaviour:
    """Answer with a status line, headers and a body."""

    def behave(connection: socket.socket, _request: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)

    return behave


def reset(connection: socket.socket, _request: bytes) -> None:
    """Break the connection with a TCP reset after the request was read."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang_up(_connection: socket.socket, _request: bytes) -> None:
    """Close the connection without an answer."""


class BrokenEndpoint:
    """Answers STS properly and everything else as told; counts the other requests."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.requests: list[bytes] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                request = _read_request(connection)
                if b"Action=GetCallerIdentity" in request:
                    answer("200 OK", STS_BODY, "Content-Type: text/xml\r\n")(connection, request)
                elif request:
                    self.requests.append(request)
                    self._behaviour(connection, request)


def _read_request(connection: socket.socket) -> bytes:
    connection.settimeout(5)
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
