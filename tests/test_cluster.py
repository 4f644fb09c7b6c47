"""On a real Dask cluster, whose workers have folders of their own, all comes out as it does here."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dask
import distributed
import pytest
from factories import picture
from runner import Done, feed2book

from feed2book import cluster
from feed2book.article import Cleaner
from feed2book.cluster import Cluster
from feed2book.errors import ClusterError, RenderError
from feed2book.models import Blob, BookOptions, Delivery, Edition, FetchOptions, Job, RenderOptions, Source
from feed2book.pipeline import EditionReport, connected, make_epub, run_editions
from feed2book.render.epub_typeset import Manuscript
from feed2book.workers import Workers

SAMPLES = Path(__file__).parents[1] / "samples"
LOOPBACK = {"host": "127.0.0.1", "protocol": "tcp://", "dashboard_address": ":0"}
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[distributed.LocalCluster]:
    """Two workers that find nothing where this process has it by chance: no folder is the same."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with (
        pytest.MonkeyPatch.context() as patch,
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
    ):
        patch.chdir(elsewhere)
        for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME"):
            patch.setenv(name, str(elsewhere))
        found = distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=":0",
            local_directory=elsewhere,
        )
    with found:
        yield found


@pytest.fixture
def address(workers: distributed.LocalCluster) -> str:
    return str(workers.scheduler_address).replace("tcp://", "dask://")


def killed_worker(address: str) -> None:
    """End a worker as the kernel does when memory runs out."""
    with distributed.Client(address.replace("dask:", "tcp:")) as client:
        os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)


# Fifty editions, one worker killed.

PICTURE = f"data:image/png;base64,{b64encode(picture().data).decode()}"
ITEM = """<item><title>{title}</title><link>https://{name}.example/{title}</link>
<pubDate>Mon, 23 Nov 2026 07:00:00 GMT</pubDate><description>&lt;h2&gt;On {title}&lt;/h2&gt;
&lt;p&gt;All of {title}. &lt;img alt="a dot" src="{picture}"&gt;&lt;/p&gt;</description></item>"""


def edition(feeds: Path, folder: Path, number: int) -> Edition:
    """Return an edition of two posts; every tenth is a letter, and one is on paper as well."""
    name = f"e{number:02}"
    items = "".join(ITEM.format(name=name, title=title, picture=PICTURE) for title in ("ebb", "flood"))
    feed = feeds / f"{name}.xml"
    feed.write_text(f"<rss><channel><title>{name}</title>{items}</channel></rss>", encoding="utf-8")
    outputs = ("email",) if number % 10 == 0 else ("epub", "pdf") if number == 7 else ("epub",)
    return Edition(
        name,
        (Source(str(feed)),),
        FetchOptions(cache_dir=folder / "cache"),
        BookOptions(title=name, language="en", cover=False),
        RenderOptions(),
        outputs,
        (Delivery("folder", "shelf", path=folder / "shelf", outputs=outputs),),
        period=timedelta(days=7),
    )


def made(folder: Path, **options: Any) -> tuple[list[EditionReport], dict[str, bytes]]:
    """Run fifty editions; return their reports, and all that was delivered."""
    (folder / "shelf").mkdir(parents=True)
    editions = [edition(folder.parent, folder, number) for number in range(50)]
    reports = list(run_editions(editions, folder / "data", lambda: NOW, reveal=str, **options))
    return reports, {path.name: path.read_bytes() for path in (folder / "shelf").iterdir()}


def test_fifty_editions_are_the_same_from_a_cluster_where_a_worker_dies(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []

    def progress(stage: str, done: int, total: int) -> None:
        told.append(done)
        if (stage, done) == ("editions", 10):
            killed_worker(address)

    reports, here = made(tmp_path / "here")
    assert [report.exit_code for report in reports] == [0] * 50
    monkeypatch.setattr(Cleaner, "__call__", None)  # nothing is cleaned in this process any more
    with connected(address, prints=True) as executor:
        reports, there = made(tmp_path / "there", executor=executor, progress=progress)
    assert [(report.edition, report.exit_code) for report in reports] == [(f"e{n:02}", 0) for n in range(50)]
    assert told == list(range(51))
    assert there == here
    assert len(here) == 51
    assert executor is not None
    assert executor.problem == ""


# What is sent needs nothing of this machine.


def test_templates_go_along(tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "epub").mkdir()
    page = (SAMPLES.parent / "templates" / "epub" / "article.xhtml").read_text(encoding="utf-8")
    (tmp_path / "epub" / "article.xhtml").write_text(
        page.replace("<body", '<body class="mine"'), encoding="utf-8"
    )
    job = Job((str(SAMPLES / "blog" / "feed.xml"),), render=RenderOptions(templates=tmp_path))
    _, here = make_epub(job, NOW)
    monkeypatch.setattr(Manuscript, "_document", None)  # no chapter is made in this process any more
    with connected(address, prints=False) as executor:
        _, there = make_epub(job, NOW, executor=executor)
    assert there.artifacts[0].data == here.artifacts[0].data


def test_a_fault_in_a_template_is_told_with_the_file_of_its_user(tmp_path: Path, address: str) -> None:
    (tmp_path / "epub").mkdir()
    (tmp_path / "epub" / "article.xhtml").write_text("{% if %}", encoding="utf-8")
    job = Job((str(SAMPLES / "blog" / "feed.xml"),), render=RenderOptions(templates=tmp_path))
    with connected(address, prints=False) as executor, pytest.raises(RenderError) as error:
        make_epub(job, NOW, executor=executor)
    assert error.value.where == f"{tmp_path}/epub/article.xhtml:1"


def test_files_and_folders_are_sent_as_what_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.toml").write_text("a", encoding="utf-8")
    (tmp_path / "picture").write_bytes(b"dots")
    packed = cluster._pack((Blob(path=tmp_path / "picture"), tmp_path / "words"))
    assert bytes(tmp_path / "picture") not in packed
    shutil.rmtree(tmp_path)
    blob, folder = pickle.loads(packed)
    assert blob == Blob(b"dots")
    assert [(path.name, path.read_text()) for path in folder.iterdir()] == [("en.toml", "a")]


class Bulky:
    """Counts how often it was pickled."""

    count = 0

    def __getstate__(self) -> object:
        Bulky.count += 1
        return {"data": "x"}

    def __call__(self, number: int) -> int:
        return 2 * number


def test_what_tasks_share_is_sent_once(address: str) -> None:
    with connected(address, prints=False) as executor, Workers(1, executor) as workers:
        assert list(workers.map(Bulky(), range(100))) == [2 * number for number in range(100)]
    assert Bulky.count == 1


# What goes wrong.


def test_what_the_work_raises_comes_through(address: str) -> None:
    with connected(address, prints=False) as executor, Workers(1, executor) as workers:
        with pytest.raises(ZeroDivisionError):
            list(workers.map(partial(divmod, 1), [1, 0]))
        assert executor is not None
        assert executor.problem == ""


class ShyError(Exception):
    """Can be pickled, but not unpickled."""

    def __init__(self, *, number: int) -> None:
        super().__init__(f"not {number}")


def _elsewhere(here: int, number: int) -> int:
    if os.getpid() != here:
        raise ShyError(number=number)
    return number


def test_work_whose_answer_cannot_be_unpacked_is_done_here(address: str) -> None:
    with connected(address, prints=False) as executor, Workers(1, executor) as workers:
        assert list(workers.map(partial(_elsewhere, os.getpid()), [1, 2])) == [1, 2]
        assert executor is not None
        assert "ShyError" in executor.problem


def test_work_that_kills_its_workers_is_given_up(address: str) -> None:
    with connected(address, prints=False) as executor:
        assert executor is not None
        with pytest.raises(BrokenExecutor):
            executor.submit(os._exit, 9).result(60)
        assert "on 2 different workers" in executor.problem


def _unique() -> str:
    return str(os.getpid())


def test_a_worker_that_is_not_like_us_gets_no_work(address: str) -> None:
    with (
        pytest.raises(ClusterError, match=r"the worker tcp://.* has another feed2book"),
        cluster.cluster(address, _unique),
    ):
        pass
    late = Cluster(address, _unique)
    with pytest.raises(BrokenExecutor, match="a worker has another feed2book"):
        late.submit(abs, -1).result(60)
    late.shutdown()


def test_work_is_done_here_once_the_cluster_has_gone() -> None:
    with distributed.LocalCluster(n_workers=1, processes=False, **LOOPBACK) as short:
        with (
            cluster.cluster(f"dask://{short.scheduler_address[6:]}", str) as executor,
            Workers(1, executor) as workers,
        ):
            found = workers.map(_slowly, range(40))
            assert next(found) == 0
            short.close()
            assert list(found) == list(range(1, 40))
        with Workers(1, executor) as workers:
            assert list(workers.map(_slowly, range(2))) == [0, 1]
        assert executor is not None
        assert executor.problem


def _slowly(number: int) -> int:
    time.sleep(0.05)
    return number


def test_a_cluster_without_workers_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_START", 0.2)
    with distributed.LocalCluster(n_workers=0, processes=False, **LOOPBACK) as empty:
        place = f"dask://{empty.scheduler_address[6:]}"
        with pytest.raises(ClusterError, match="the cluster has no workers"), connected(place, prints=False):
            pass


@pytest.mark.parametrize(
    ("address", "code", "told"),
    [
        ("dask://127.0.0.1:9", 1, "the scheduler does not answer"),
        ("127.0.0.1:8786", 2, "is not the address of a scheduler — write it as dask://host:8786"),
        ("dask://127.0.0.1", 2, "is not the address of a scheduler"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(
    address: str, code: int, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_CONNECT", 0.5)
    done = feed2book("epub", SAMPLES / "blog" / "feed.xml", "-o", tmp_path, "--executor", address)
    assert (done.code, done.said.count("\n"), list(tmp_path.iterdir())) == (code, 1, [])
    assert told in done.said


def test_a_missing_extra_is_told_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = feed2book("epub", SAMPLES / "blog" / "feed.xml", "--executor", "dask://127.0.0.1:9")
    assert done == Done(
        1, "feed2book: dask://127.0.0.1:9: Dask is not installed — pip install 'feed2book[dask]'\n"
    )
