"""What a disk may hold after a power cut: the writes that strace saw, replayed up to a point, those not yet synced kept or not.

As on a journalling file system: a sync makes a file's writes last, and with them every creation, rename and deletion before it;
what comes after the last sync may have reached the disk whole, in part, torn, or not at all.
"""

import random
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

CALLS = "openat,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,lseek"
MODES = ("all", "none", "some", "torn", "names only")
SECTOR = 512
_BY_NAME = {"openat", "rename", "renameat", "renameat2", "unlink", "unlinkat"}
_LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
_BEGUN = re.compile(r"^(\d+ +)(\w+\(.*?),? *<unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+ +)<\.\.\. \w+ resumed>(.*)$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_HANDLE = re.compile(r"^(\d+)<((?:\\x[0-9a-f]{2})*)>")


@dataclass(frozen=True)
class Op:
    """One change: what, of which file, and with what; names are relative to the folder."""

    what: str
    name: str
    offset: int = 0
    data: bytes = b""
    target: str = ""


def record(folder, *command):
    """Run a command under strace; what it changed in `folder`, in order."""
    log = folder.with_suffix(".trace")
    subprocess.run(
        ["strace", "-f", "-qq", "-y", "-xx", "-s", "16777216", "-e", f"trace={CALLS}", "-e", "signal=none", "-o", log, *command], check=True
    )
    return list(_ops(log, folder))


def _ops(log, folder):
    places = {}
    for line in _joined(log.read_text(encoding="ascii").splitlines()):
        found = _LINE.match(line)
        if not found or found[3].startswith("-"):
            continue
        call, text, result = found[1], found[2], int(found[3])
        texts = [_plain(one) for one in _TEXT.findall(text)]
        if call in _BY_NAME:
            names = [_inside(one.decode(), folder) for one in texts]
            if names[0]:
                yield from _named(call, text, names, result, places)
            continue
        handle = _HANDLE.match(text)
        if name := handle and _inside(_plain(handle[2]).decode(), folder):
            yield from _written(call, text, (name, int(handle[1])), texts, result, places)


def _joined(lines):
    """The calls in the order in which they ended: one that another thread's interrupts stands in two lines."""
    begun = {}
    for line in lines:
        if half := _BEGUN.match(line):
            begun[half[1]] = half[0].removesuffix("<unfinished ...>").rstrip()
        elif rest := _RESUMED.match(line):
            yield begun.pop(rest[1], rest[1]) + rest[2]
        else:
            yield line


def _named(call, text, names, result, places):
    """Calls that name a file; `places` is where each open handle writes next, None for the end."""
    if call == "openat":
        places[result] = None if "O_APPEND" in text else 0
        if "O_CREAT" in text or "O_TRUNC" in text:
            yield Op("open", names[0], data=b"t" if "O_TRUNC" in text else b"")
    elif call.startswith("rename"):
        yield Op("rename", names[0], target=names[-1])
    else:
        yield Op("unlink", names[0])


def _written(call, text, file, texts, result, places):
    """Calls on an open file."""
    name, handle = file
    number = text.rpartition(", ")[2]
    if call == "lseek":
        places[handle] = result
    elif call == "write":
        yield Op("write", name, -1 if places.get(handle) is None else places[handle], texts[0][:result])
        if places.get(handle) is not None:
            places[handle] += result
    elif call == "pwrite64":
        yield Op("write", name, int(number), texts[0][:result])
    else:
        yield Op("truncate", name, int(number)) if call == "ftruncate" else Op("sync", name)


def _plain(text):
    return bytes.fromhex(text.replace("\\x", ""))


def _inside(name, folder):
    path = Path(name)
    return str(path.relative_to(folder)) if path.is_absolute() and path.is_relative_to(folder) and path != folder else None


def after_cut(before, ops, mode, seed=0):
    """Files by name, as they may lie there after the power failed when these operations were done.

    Args:
        before: content by name, all of it on the disk.
        ops: what was done since, all of it.
        mode: of what was not synced: all, none, some of it by chance, all but the end of the last write, or names without content.
        seed: of the chance.
    """
    chance = random.Random(seed)
    names, contents = {name: number for number, name in enumerate(before)}, [bytearray(data) for data in before.values()]
    steps = _with_files(before, ops)
    reached = chance.randrange(len(ops) + 1)
    torn = max((place for place, (op, _, lasts) in enumerate(steps) if op.what == "write" and not lasts), default=None)
    for place, (op, file, lasts) in enumerate(steps):
        contents += [bytearray() for _ in range(file + 1 - len(contents))] if file is not None else []
        if op.what in {"write", "truncate"}:
            if file is not None and (lasts or mode in {"all", "torn"} or (mode == "some" and chance.choice((True, False)))):
                _apply(contents[file], op, chance.randrange(0, len(op.data), SECTOR) if mode == "torn" and place == torn else len(op.data))
        elif lasts or mode in {"all", "torn", "names only"} or (mode == "some" and place < reached):
            _name(names, contents, op, file)
    return {name: bytes(contents[file]) for name, file in names.items()}


def _with_files(before, ops):
    """Each operation with the number of its file, which a rename does not change, and whether a sync has made it last."""
    names = {name: number for number, name in enumerate(before)}
    count, found = len(names), []
    for op in ops:
        if op.what == "open" and op.name not in names:
            names[op.name], count = count, count + 1
        found.append((op, names.get(op.name)))
        if op.what == "rename":
            names[op.target] = names.pop(op.name)
        elif op.what == "unlink":
            names.pop(op.name, None)
    synced = {file: place for place, (op, file) in enumerate(found) if op.what == "sync"}
    last = max(synced.values(), default=-1)
    of_data = {"write", "truncate"}
    return [(op, file, place < (synced.get(file, -1) if op.what in of_data else last)) for place, (op, file) in enumerate(found)]


def _apply(content, op, length):
    if op.what == "truncate":
        content[op.offset :] = bytes(max(0, op.offset - len(content)))
        return
    start = len(content) if op.offset < 0 else op.offset
    content.extend(bytes(max(0, start - len(content))))
    content[start : start + length] = op.data[:length]


def _name(names, contents, op, file):
    if op.what == "open":
        names[op.name] = file
        if op.data:
            contents[file].clear()
    elif op.what == "rename":
        names.pop(op.name, None)
        names[op.target] = file
    elif op.what == "unlink":
        names.pop(op.name, None)
