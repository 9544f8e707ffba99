"""A row of small columns as a PNG image: mentions by week, with a line at what is usual.

Pure, and made by hand: no drawing library, no font; words stand beside the picture, not in it. The background is transparent
and the colours are seen on white and on black.
"""

import struct
import zlib
from collections.abc import Sequence

HEIGHT = 56
COLUMN = 20
GAP = 8
EARLIER = (125, 148, 180, 255)
NOW = (217, 119, 6, 255)
LINE = (128, 136, 146, 255)
DASH = 6


def columns(counts: Sequence[int], usual: float | None) -> bytes:
    """The picture, twice as large as it is shown so that it is sharp; the last column is the current week."""
    top = max([*counts, usual or 0, 1])
    width = max(len(counts), 1) * (COLUMN + GAP) - GAP
    canvas = [bytearray(width * 4) for _ in range(HEIGHT)]
    for number, count in enumerate(counts):
        # A week without any is a line on the ground, not a hole.
        height = max(2, round((HEIGHT - 4) * count / top))
        _fill(canvas, number * (COLUMN + GAP), HEIGHT - height, NOW if number == len(counts) - 1 else EARLIER)
    if usual is not None:
        _dash(canvas, min(HEIGHT - 2, round((HEIGHT - 4) * (1 - usual / top)) + 2), width)
    return _png(canvas, width)


def size(counts: Sequence[int]) -> tuple[int, int]:
    """Width and height at which the picture is shown, in pixels."""
    return (max(len(counts), 1) * (COLUMN + GAP) - GAP) // 2, HEIGHT // 2


def _fill(canvas: list[bytearray], left: int, top: int, colour: tuple[int, int, int, int]) -> None:
    for row in canvas[top:]:
        row[left * 4 : (left + COLUMN) * 4] = bytes(colour) * COLUMN


def _dash(canvas: list[bytearray], place: int, width: int) -> None:
    for row in canvas[place : place + 2]:
        for left in range(0, width, DASH * 2):
            length = min(DASH, width - left)
            row[left * 4 : (left + length) * 4] = bytes(LINE) * length


def _png(canvas: Sequence[bytearray], width: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, len(canvas), 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in canvas), 9)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
