"""Blobs: bytes, read and written in parts."""

import io
from typing import Any

from lockflight import _wit
from lockflight.answers import DataError

_PART = 16 * 1024 * 1024  # the most that the host hands over in a call


class Blob:
    """Bytes among the inputs. `Job.blob` opens one."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.size: int = raw.size()
        """How many bytes."""

    def read(self, offset: int = 0, length: int | None = None) -> bytes:
        """`length` bytes from `offset` (to the end for None); fewer only at the end."""
        end = self.size if length is None else min(self.size, offset + length)
        parts = []
        while offset < end:
            part = self._raw.read(offset, min(end - offset, _PART))
            if not part:
                break
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def read_text(self) -> str:
        """All of it as UTF-8 text, without a byte order mark. Raises `DataError`, with the byte, where it is not UTF-8."""
        try:
            return self.read().decode("utf-8").removeprefix("\ufeff")
        except UnicodeDecodeError as error:
            raise DataError(f"the file is not UTF-8: byte {error.start}, counted from 0, has no meaning there") from None

    def open(self, buffer: int = 1024 * 1024) -> io.BufferedReader:
        """A file object that reads `buffer` bytes at a time, for what does not fit into memory."""
        return io.BufferedReader(_Stream(self), buffer)


class _Stream(io.RawIOBase):
    def __init__(self, blob: Blob) -> None:
        self._blob, self._at = blob, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self._blob.size)[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        part = self._blob.read(self._at, len(buffer))
        buffer[: len(part)] = part
        self._at += len(part)
        return len(part)


class BlobWriter:
    """A blob being written; `Output.blob` makes an output of it. One that is not returned is dropped."""

    def __init__(self, content: bytes | str = b"") -> None:
        """Starts a blob with some content; a text becomes UTF-8."""
        self._raw = _wit.blobs.BlobWriter()
        self.size = 0
        """How many bytes were written."""
        if content:
            self.write(content)

    def write(self, content: bytes | str) -> int:
        """Appends bytes, or text as UTF-8. Returns how many bytes."""
        data = content.encode() if isinstance(content, str) else bytes(content)
        for at in range(0, len(data), _PART):
            self._raw.write(data[at : at + _PART])
        self.size += len(data)
        return len(data)
