"""zstd files as streams that know when they were cut off."""

import io
from pathlib import Path
from typing import Any


class ZstdFile(io.RawIOBase):
    """A zstd file as a stream that knows when it was cut off, which zstandard's own reader does not tell."""

    _CHUNK_BYTES = 1024  # a kilobyte can unfold to 32 MiB at most, so a bomb costs no more memory than that

    def __init__(self, path: Path) -> None:
        import zstandard

        self._file = path.open("rb")
        self._new_frame = zstandard.ZstdDecompressor().decompressobj
        self._frame = self._new_frame()
        self._started = False
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def close(self) -> None:
        """Close the file below too."""
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Read some bytes into a buffer and say how many; raises EOFError where the file is cut off."""
        while not self._ready:
            chunk = self._frame.unused_data if self._frame.eof else b""
            if self._frame.eof:
                self._frame, self._started = self._new_frame(), False
            chunk = chunk or self._file.read(self._CHUNK_BYTES)
            if not chunk:
                if self._started:
                    raise EOFError("the zstd stream is cut off")
                return 0
            self._started = True
            self._ready = memoryview(self._frame.decompress(chunk))
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count
