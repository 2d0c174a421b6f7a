"""Work ahead: an iterator that runs in a thread of its own, a few items in front of its reader.

Belongs here: the one thread of the reader, and its ending. Not here: what the items are.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True)
class _End:
    error: BaseException | None


def ahead(items: Iterable[T], depth: int) -> Generator[T, None, None]:
    """Yield `items` in order while a thread prepares up to `depth` further ones.

    Decompression releases the GIL, so it overlaps with parsing. An exception in the thread is
    raised here, in its place in the order. Closing the generator ends the thread.
    """
    ready: queue.SimpleQueue[_Item[T] | _End] = queue.SimpleQueue()
    room = threading.Semaphore(depth)
    closed = threading.Event()

    def work() -> None:
        error: BaseException | None = None
        try:
            for item in items:
                room.acquire()
                if closed.is_set():
                    break
                ready.put(_Item(item))
            if isinstance(items, Generator):
                # What the generator holds, perhaps a thread of its own, ends before this one.
                items.close()
        except BaseException as caught:  # noqa: BLE001 - handed to the reader, who raises it
            error = caught
        ready.put(_End(error))

    thread = threading.Thread(target=work, name="landing-read-ahead", daemon=True)
    thread.start()
    try:
        while isinstance(outcome := ready.get(), _Item):
            room.release()
            yield outcome.value
        if outcome.error is not None:
            raise outcome.error
    finally:
        closed.set()
        room.release()
        thread.join()
