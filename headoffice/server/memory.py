"""How the C libraries beneath Python keep their memory, where they can be asked."""

import ctypes
from contextlib import suppress

# Of glibc's malloc.h and of sqlite3.h.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8
_SQLITE_CONFIG_MEMSTATUS = 9


def keep_few_heaps() -> None:
    """Have glibc give memory back, in this process and the workers that are forked from it.

    By itself it keeps a heap for each thread, with holes where large buffers were: half of the
    web process in bench/soak.py. Its variables (MALLOC_ARENA_MAX) would be read at the start of a
    program only.
    """
    allocator = ctypes.CDLL(None)
    if hasattr(allocator, "mallopt"):
        allocator.mallopt(_M_ARENA_MAX, 2)
        allocator.mallopt(_M_MMAP_THRESHOLD, 256 * 1024)


def leave_sqlite_uncounted() -> None:
    """Have SQLite not add up what it uses; heard only before Python's sqlite3 is imported.

    Nobody asks for the sum, but for every small piece of memory all threads wait for one lock: a
    sixth of the time of an export on one thread.
    """
    with suppress(OSError):
        # Python's own SQLite, wherever it is a library, as in every Debian.
        ctypes.CDLL("libsqlite3.so.0").sqlite3_config(_SQLITE_CONFIG_MEMSTATUS, 0)
