"""Pictures for the replay's pages: hills under a sky, drawn from the file's name. They show nothing and claim nothing."""

from hashlib import blake2b
from itertools import pairwise

WIDTH, HEIGHT = 800, 450
RANGES = 4


def picture(path: str) -> bytes:
    """An SVG of 800 x 450, the same for the same path."""
    seed = blake2b(path.encode(), digest_size=32).digest()
    hue = seed[0] * 360 // 256
    sun = f'<circle cx="{100 + 2 * seed[1]}" cy="{60 + seed[2] // 4}" r="34" fill="hsl({(hue + 150) % 360},60%,92%)"/>'
    hills = "".join(_range(seed[4 + 7 * number :][:7], number, hue) for number in range(RANGES))
    sky = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="hsl({hue},32%,84%)"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
    return f"{head}{sky}{sun}{hills}</svg>".encode()


def _range(heights: bytes, number: int, hue: int) -> str:
    """One range of hills, lower and darker the nearer it is."""
    base = 150 + 75 * number
    tops = [base + height // 3 for height in heights]
    step = WIDTH // 5
    slopes = enumerate(pairwise(tops))
    curve = " ".join(f"C{(n - 0.5) * step},{left} {(n - 0.5) * step},{right} {n * step},{right}" for n, (left, right) in slopes)
    colour = f"hsl({(hue + 20 * number) % 360},{26 + 3 * number}%,{68 - 12 * number}%)"
    return f'<path d="M{-step},{HEIGHT} L{-step},{tops[0]} {curve} L{WIDTH},{HEIGHT} Z" fill="{colour}"/>'
