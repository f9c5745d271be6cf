"""Reading one HTTP/1.1 answer as its bytes arrive (RFC 9112), and refusing one that is framed wrongly."""

from __future__ import annotations

MAXIMUM_HEAD = 64 * 1024
BODYLESS = frozenset((204, 304))


class Malformed(ValueError):
    """What came is not one well-framed HTTP/1.1 answer; the text says why."""


class Reply:
    """One answer. Feed it bytes until :meth:`feed` says that it is complete.

    Args:
        head: whether the request was HEAD, whose answers have no body whatever their length says.
        keep: whether to keep the body; else only its framing is checked.
    """

    __slots__ = (
        "_body_start",
        "_buffer",
        "_chunked",
        "_head_only",
        "_keep",
        "_length",
        "body",
        "head",
        "reusable",
        "status",
    )

    def __init__(self, *, head: bool = False, keep: bool = False) -> None:
        self._head_only = head
        self._keep = keep
        self._buffer = b""
        self._chunked = False
        self._length = -1
        self._body_start = 0
        self.status = 0
        self.head = b""
        self.body = b""
        self.reusable = True
        """Whether the connection takes another request after this answer."""

    @property
    def began(self) -> bool:
        """Whether any byte of the answer has come."""
        return bool(self._buffer) or self.status > 0

    def feed(self, data: bytes) -> bool:
        """Take what arrived; ``True`` when the answer is complete.

        Raises:
            Malformed: the framing is wrong.
        """
        self._buffer = self._buffer + data if self._buffer else data
        if not self.status and not self._read_head():
            return False
        if self._chunked:
            return self._read_chunks()
        if self._length < 0:
            return False
        missing = self._body_start + self._length - len(self._buffer)
        if missing > 0:
            return False
        if missing < 0:
            raise Malformed(f"{-missing} bytes follow the end of the answer")
        if self._keep:
            self.body = self._buffer[self._body_start :]
        return True

    def closed(self) -> bool:
        """Whether the answer is complete now that the connection was closed.

        Raises:
            Malformed: it ended before it was complete.
        """
        if self.status and not self._chunked and self._length < 0:
            if self._keep:
                self.body = self._buffer[self._body_start :]
            return True
        if self.began:
            raise Malformed("the connection was closed in the middle of the answer")
        return False

    def headers(self) -> dict[str, str]:
        """The header fields, names in lower case, repeated ones joined with a comma."""
        fields: dict[str, str] = {}
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        return fields

    def _read_head(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > MAXIMUM_HEAD:
                raise Malformed(f"the header is longer than {MAXIMUM_HEAD} bytes")
            return False
        head = self._buffer[:end]
        if not head.startswith(b"HTTP/1.") or not head[9:12].isdigit():
            raise Malformed(f"not a status line: {head[:40]!r}")
        status = int(head[9:12])
        if status < 200:  # an interim answer (RFC 9110, 15.2): the final one follows
            self._buffer = self._buffer[end + 4 :]
            return self._read_head()
        self.status, self.head, self._body_start = status, head, end + 4
        self._frame(head.lower() + b"\r\n")
        return True

    def _frame(self, head: bytes) -> None:
        """How the body ends (RFC 9112, 6.3)."""
        length = _field(head, b"\r\ncontent-length:")
        coding = _field(head, b"\r\ntransfer-encoding:")
        connection = _field(head, b"\r\nconnection:") or b""
        self.reusable = b"close" not in connection and head[7:8] == b"1"
        if length is not None and not length.isdigit():
            raise Malformed(f"Content-Length is {length!r}")
        if coding is not None and length is not None:
            raise Malformed("both Content-Length and Transfer-Encoding")
        if self._head_only or self.status in BODYLESS:
            self._length = 0
        elif coding is not None:
            if coding != b"chunked":
                raise Malformed(f"Transfer-Encoding is {coding!r}")
            self._chunked = True
        elif length is not None:
            self._length = int(length)
        else:
            self.reusable = False

    def _read_chunks(self) -> bool:
        """Take whole chunks off the buffer (RFC 9112, 7.1); trailers are passed over."""
        position = self._body_start
        while True:
            end = self._buffer.find(b"\r\n", position)
            if end < 0:
                break
            size = _chunk_size(self._buffer[position:end])
            if size == 0:
                return self._read_trailers(end)
            following = end + 2 + size
            if len(self._buffer) < following + 2:
                break
            if self._buffer[following : following + 2] != b"\r\n":
                raise Malformed("a chunk is not as long as it says")
            if self._keep:
                self.body += self._buffer[end + 2 : following]
            position = following + 2
        self._buffer = self._buffer[position:]
        self._body_start = 0
        return False

    def _read_trailers(self, position: int) -> bool:
        end = self._buffer.find(b"\r\n\r\n", position)
        if end < 0:
            self._buffer = b"0" + self._buffer[position:]
            self._body_start = 0
            return False
        if len(self._buffer) > end + 4:
            raise Malformed(f"{len(self._buffer) - end - 4} bytes follow the end of the answer")
        return True


def _field(head: bytes, name: bytes) -> bytes | None:
    start = head.find(name)
    if start < 0:
        return None
    start += len(name)
    return head[start : head.find(b"\r\n", start)].strip()


def _chunk_size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    try:
        size = int(digits, 16)
    except ValueError:
        raise Malformed(f"not the size of a chunk: {line[:40]!r}") from None
    if size < 0 or digits[:1] in b"+-":
        raise Malformed(f"not the size of a chunk: {line[:40]!r}")
    return size
