"""The state of a step as bytes, in a frame that tells what is cut off, damaged, of another version or of another plugin.

`lfstate1`, the version (4 bytes, little-endian as all that follows), the length of the kind (1), the kind, the length of the payload (8),
the payload, and the CRC-32 (IEEE) of all bytes before (4): the frame of the Rust SDK.
"""

from binascii import crc32
from struct import pack, unpack_from

_MAGIC = b"lfstate1"


def frame(payload: bytes, version: int, kind: str) -> bytes:
    """A payload in its frame. A kind of more than 255 bytes raises `ValueError`."""
    name = kind.encode()
    if len(name) > 255:
        raise ValueError("a kind has at most 255 bytes")
    framed = _MAGIC + pack("<IB", version, len(name)) + name + pack("<Q", len(payload)) + payload
    return framed + pack("<I", crc32(framed))


def unframe(state: bytes, version: int, kind: str) -> bytes:
    """The payload of a frame. Raises `ValueError`, in words, when it is not a whole one of that version and kind."""
    if not state:
        raise ValueError("the state is empty")
    if not state.startswith(_MAGIC):
        raise ValueError("this is not the state of a step: it does not begin like one")
    head = len(_MAGIC) + 5
    if len(state) < head:
        raise ValueError("the state is cut off")
    found, size = unpack_from("<IB", state, len(_MAGIC))
    name, start = state[head : head + size], head + size + 8
    if len(state) < start:
        raise ValueError("the state is cut off")
    if name != kind.encode():
        raise ValueError(f'this is a state of "{name.decode(errors="replace")}", not of "{kind}"')
    if found != version:
        raise ValueError(f"the state has version {found} of its format and this scorer reads version {version}: fit the step again, "
                         "or score with the plugin that fitted it")
    (length,) = unpack_from("<Q", state, start - 8)
    missing = start + length + 4 - len(state)
    if missing > 0:
        raise ValueError(f"the state is cut off: {missing} bytes are missing")
    if missing < 0:
        raise ValueError(f"{-missing} bytes stand behind the end of the state")
    if unpack_from("<I", state, start + length)[0] != crc32(state[:-4]):
        raise ValueError("the state is damaged: its checksum is not that of its content")
    return state[start : start + length]
