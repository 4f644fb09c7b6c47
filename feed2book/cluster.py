"""An executor whose tasks run on a Dask cluster: what is sent needs nothing that only this machine has."""

from __future__ import annotations

import atexit
import io
import logging
import pickle
import shutil
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from itertools import chain, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from feed2book.errors import ClusterError, Feed2BookError
from feed2book.models import Blob

if TYPE_CHECKING:
    import distributed

T = TypeVar("T")

_ROUNDS = 4  # tasks for each thread of the cluster: enough to keep all busy to the end, and not too small
_CONNECT = 5  # seconds for the scheduler to answer
_START = 30  # seconds for a worker to be there: clusters that grow on demand start one
_LOOK, _LONELY = 5, 60  # seconds: how often workers are looked for, and how long work waits for any
_UNLIKE = "has another feed2book, or other libraries or fonts"


@contextmanager
def cluster(address: str, alike: Callable[[], str]) -> Iterator[Cluster | None]:
    """Connect to a cluster for as long as the context lasts; None without an address.

    Args:
        address: of its scheduler: ``dask://host:port``; ``tls://host:port`` with the certificates that Dask's
            own configuration names; ``""`` for none.
        alike: names all that decides a result besides what is sent; it must say the same on all workers.

    Raises:
        ClusterError: it cannot be used: not there, without workers, or with other programs on them.
    """
    if not address:
        yield None
        return
    found = Cluster(address, alike)
    try:
        found.check()
        yield found
    finally:
        found.shutdown()


class Cluster(Executor):
    """Runs tasks on the workers of a cluster, which are trusted as this process is.

    Dask gives the work of a worker that died to another one. Where that is of no use (it killed several, or
    scheduler or workers are gone, or a new one is not like this program) the task fails with
    ``BrokenExecutor``, and ``problem`` says why.
    """

    def __init__(self, address: str, alike: Callable[[], str]) -> None:
        self.problem = ""
        self._address = address
        self._alike = alike
        self._stamp = alike()
        self._client = _connected(address)
        self._tasks = self._client.get_executor(pure=False)
        self._waiting: dict[Future[Any], Future[bytes]] = {}  # ours, and Dask's
        self._closed = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def check(self) -> None:
        """Find out whether all workers can do our work.

        Raises:
            ClusterError: there is none, or one is not like this program.
        """
        try:
            self._client.submit(bool, True, pure=False).result(_START)
        except (TimeoutError, CancelledError) as error:
            message, remedy = "the cluster has no workers", "start some with 'dask worker'"
            raise ClusterError(message, where=self._address, remedy=remedy) from error
        for worker, found in self._client.run(self._alike, on_error="return").items():
            if found != self._stamp:
                problem = f"cannot do our work ({found})" if isinstance(found, Exception) else _UNLIKE
                message, remedy = f"the worker {worker} {problem}", "install there what is installed here"
                raise ClusterError(message, where=self._address, remedy=remedy)

    def submit(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Schedule ``function(*args, **kwargs)``; see :class:`concurrent.futures.Executor`.

        A function that several tasks share may be on the cluster already, packed.
        """
        packed = _pack(function) if callable(function) else function
        call = _pack((args, kwargs))
        with self._reached():
            task = self._tasks.submit(_perform, self._alike, self._stamp, packed, call)
        future: Future[T] = Future()
        self._waiting[future] = task
        task.add_done_callback(partial(self._settle, future))
        future.add_done_callback(lambda done: done.cancelled() and task.cancel())
        return future

    def map(
        self,
        function: Callable[..., T],
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,  # noqa: ARG002 (the size of the cluster counts)
    ) -> Iterator[T]:
        """See :class:`concurrent.futures.Executor`."""
        calls = list(zip(*iterables, strict=False))
        packed = _pack(partial(_each, function))
        with self._reached():
            size = max(1, len(calls) // (_ROUNDS * max(1, self._threads())))
            # As a task of its own it goes to each worker once, and is made again where it dies with one.
            shared: Any = self._client.submit(bytes, packed, pure=False)
        chunks = [calls[start : start + size] for start in range(0, len(calls), size)]
        return chain.from_iterable(super().map(shared, chunks, timeout=timeout))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = True) -> None:  # noqa: ARG002
        """Leave the cluster; what is not done by now is cancelled."""
        self._closed.set()
        for future in list(self._waiting):
            future.cancel()
        self._client.close()

    def _threads(self) -> int:
        """How many tasks can be worked on at once, as things stand."""
        counts: dict[str, int] = self._client.nthreads()
        return sum(counts.values())

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Turn what goes wrong with the connection into what users of executors know."""
        try:
            yield
        except Exception as error:
            self.problem = f"the scheduler has gone ({error})"
            raise BrokenExecutor(self.problem) from error

    def _settle(self, future: Future[Any], task: Future[bytes]) -> None:
        self._waiting.pop(future, None)
        if not future.set_running_or_notify_cancel():
            return
        try:
            good, outcome = pickle.loads(task.result())  # noqa: S301 (from a worker that we trust)
        except Exception as error:  # noqa: BLE001 (also one that cannot be unpacked: somebody waits for it)
            self.problem = str(error) or "the connection to the scheduler, or all workers, were lost"
            future.set_exception(BrokenExecutor(self.problem))
            return
        (future.set_result if good else future.set_exception)(outcome)

    def _watch(self) -> None:
        """Give work up that waits for workers when there have been none for a while."""
        lonely = 0
        while not self._closed.wait(_LOOK):
            lonely = 0 if not self._waiting or self._manned() else lonely + _LOOK
            if lonely >= _LONELY:
                for task in list(self._waiting.values()):
                    task.cancel()

    def _manned(self) -> bool:
        try:
            return self._threads() > 0
        except Exception:  # noqa: BLE001 (whatever it is, nobody is known to be there)
            return False


def _connected(address: str) -> distributed.Client:
    try:
        import distributed
    except ImportError as error:
        remedy = "pip install 'feed2book[dask]'"
        raise ClusterError("Dask is not installed", where=address, remedy=remedy) from error
    # What goes wrong is told in one line of ours.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="distributed")
    try:
        return distributed.Client(
            address.replace("dask://", "tcp://", 1), timeout=_CONNECT, set_as_default=False
        )
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        remedy = "check its address, and that 'dask scheduler' runs there"
        raise ClusterError(
            f"the scheduler does not answer ({error})", where=address, remedy=remedy
        ) from error


class _Packer(pickle.Pickler):
    """Pickles work for another machine: files go along as what is in them."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, Blob):
            return Blob, (value.read(),)
        if isinstance(value, Path):  # a folder of templates
            files = sorted(path for path in value.rglob("*") if path.is_file())
            said = tuple((str(path.relative_to(value)), path.read_bytes()) for path in files)
            return _folder, (str(value), said)
        return NotImplemented


def _pack(work: object) -> bytes:
    stream = io.BytesIO()
    _Packer(stream, protocol=5).dump(work)
    return stream.getvalue()


# What runs on a worker.


def _perform(alike: Callable[[], str], stamp: str, function: bytes, call: bytes) -> bytes:
    """Do one task and pack the answer, also where that is an error of the work's own."""
    if alike() != stamp:  # a worker that came later
        raise RuntimeError(f"a worker {_UNLIKE}")
    args, kwargs = pickle.loads(call)  # noqa: S301 (from who may run anything here)
    try:
        return _pack((True, _unpacked(function)(*args, **kwargs)))
    except Exception as error:  # noqa: BLE001 (it is raised where the task came from)
        if isinstance(error, Feed2BookError):
            for place, name in list(_names.items()):
                error.where = error.where.replace(place, name)
        return _pack((False, error))


@lru_cache(maxsize=8)
def _unpacked(function: bytes) -> Callable[..., Any]:
    """Return a function, which many tasks may share: an edition's cleaner knows all its posts."""
    found: Callable[..., Any] = pickle.loads(function)  # noqa: S301 (see above)
    return found


def _each(function: Callable[..., T], calls: Sequence[tuple[Any, ...]]) -> list[T]:
    return list(starmap(function, calls))


_names: dict[str, str] = {}  # of the folders here, as their user calls them


@cache
def _folder(name: str, files: tuple[tuple[str, bytes], ...]) -> Path:
    """Write the files of the user's folder ``name`` into one that lasts as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="feed2book-"))
    _names[str(folder)] = name
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for file, data in files:
        place = folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder
