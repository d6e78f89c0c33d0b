"""A job from the warm worker is as from a Python of its own: output, end, signals, numbers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from crossbreed.config.schema import Study
from crossbreed.jobs import start_job
from crossbreed.jobs.warm_worker import start_worker
from train_job import TrainJob, make_examples

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="processes are forked on Linux alone"
)
CLIENT = [sys.executable, "-SE", start_job.__file__]
FACTS = """
import json, os, sys
print(json.dumps({"warm": "torch" in sys.modules, "arguments": sys.argv, "folder": os.getcwd(),
                  "path": sys.path[0], "input": sys.stdin.read(), "name": __name__}))
print("to standard error", file=sys.stderr)
"""
# Of pytest, for each phase of a test anew: to the worker, another environment.
PHASE = "PYTEST_CURRENT_TEST"
Run = Callable[..., subprocess.CompletedProcess[str]]


@contextmanager
def started_worker(folder: Path, status: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """Give a worker whose environment is that of its first job, which starts cold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(start_job.WORKER, "")
        process = start_worker()
        assert process is not None
        assert process.stdin is not None
        (folder / "first.py").write_text("")
        subprocess.run([*CLIENT, str(folder / "first.py")], check=True, env=environment())
        yield process
        process.stdin.close()
        assert process.wait(60) == status


@pytest.fixture(scope="module", autouse=True)
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[bytes]]:
    with started_worker(tmp_path_factory.mktemp("worker")) as process:
        yield process


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Return what runs a script's text by the client."""

    def run(
        text: str, *arguments: str, stdin: str = "", **changes: str
    ) -> subprocess.CompletedProcess[str]:
        (tmp_path / "script.py").write_text(text)
        return subprocess.run(
            [*CLIENT, str(tmp_path / "script.py"), *arguments],
            input=stdin,
            env=environment(**changes),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def environment(**changes: str) -> dict[str, str]:
    return {name: value for name, value in {**os.environ, **changes}.items() if name != PHASE}


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def started_job(folder: Path) -> tuple[subprocess.Popen[bytes], int]:
    """Start a job that sleeps; return its client and the process that it is."""
    script, pid = folder / "script.py", folder / "pid"
    script.write_text(
        "import os, pathlib, time\n"
        f"pathlib.Path({str(pid)!r}).write_text(f'{{os.getpid()}}.')\n"
        "time.sleep(600)\n"
    )
    client = subprocess.Popen([*CLIENT, str(script)], env=environment())
    wait_until(lambda: pid.exists() and pid.read_text().endswith("."))
    return client, int(pid.read_text()[:-1])


def test_a_job_reads_and_writes_as_from_its_own_python(tmp_path: Path, run: Run) -> None:
    done = run(FACTS, "key=a b", "x", stdin="read")
    assert json.loads(done.stdout) == {
        "warm": True,
        "arguments": [str(tmp_path / "script.py"), "key=a b", "x"],
        "folder": str(tmp_path),
        "path": str(tmp_path),
        "input": "read",
        "name": "__main__",
    }
    assert (done.returncode, done.stderr) == (0, "to standard error\n")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("import sys; sys.exit(3)", 3),
        ("import sys; sys.exit('a line')", 1),
        ("raise ValueError('a line')", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
        ("import os; os.abort()", -signal.SIGABRT),
        (
            "import subprocess, sys; sys.exit(subprocess.run(['sh', '-c', 'exit 5']).returncode)",
            5,
        ),
    ],
)
def test_it_ends_as_the_job_ends(run: Run, text: str, status: int) -> None:
    done = run(text)
    assert done.returncode == status
    assert ("a line" in done.stderr) == ("a line" in text)


def test_signals_reach_the_job(tmp_path: Path) -> None:
    script, ready = tmp_path / "script.py", tmp_path / "ready"
    script.write_text(
        "import pathlib, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "time.sleep(600)\n"
    )
    client = subprocess.Popen([*CLIENT, str(script)], env=environment())
    wait_until(ready.exists)
    client.terminate()
    assert client.wait(60) == 7


@pytest.mark.parametrize("ignored", [(), (signal.SIGINT,), (signal.SIGHUP, signal.SIGINT)])
def test_a_job_ignores_the_signals_that_its_client_does(
    tmp_path: Path, ignored: tuple[signal.Signals, ...]
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import signal\nprint([n for n in (1, 2, 15) if signal.getsignal(n) == signal.SIG_IGN])\n"
    )

    def prepare() -> None:
        for number in (signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN if number in ignored else signal.SIG_DFL)

    done = subprocess.run(
        [*CLIENT, str(script)],
        env=environment(),
        preexec_fn=prepare,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == sorted(ignored)


def test_a_client_that_is_killed_takes_the_job_with_it(tmp_path: Path) -> None:
    client, job = started_job(tmp_path)
    assert job != client.pid
    client.kill()
    assert client.wait(60) == -signal.SIGKILL
    wait_until(lambda: not psutil.pid_exists(job))


def test_a_job_goes_on_when_the_worker_ends(tmp_path: Path) -> None:
    script, ready = tmp_path / "script.py", tmp_path / "ready"
    script.write_text(
        f"import pathlib, time\nready = pathlib.Path({str(ready)!r})\nready.touch()\n"
        "while ready.exists():\n    time.sleep(0.01)\nraise SystemExit(9)\n"
    )
    with started_worker(tmp_path) as worker:
        client = subprocess.Popen([*CLIENT, str(script)], env=environment())
        wait_until(ready.exists)
        folder = Path(os.environ[start_job.WORKER]).parent
        assert worker.stdin is not None
        worker.stdin.close()
        wait_until(lambda: not folder.exists())
        assert client.poll() is None
        ready.unlink()
        assert client.wait(60) == 9


def test_a_job_ends_with_a_worker_that_is_killed(tmp_path: Path) -> None:
    with started_worker(tmp_path, -signal.SIGKILL) as worker:
        client, job = started_job(tmp_path)
        worker.kill()
        assert client.wait(60) == 1
        wait_until(lambda: not psutil.pid_exists(job))


def test_what_it_cannot_serve_starts_as_ever(run: Run) -> None:
    def warm(**changes: str) -> bool:
        return bool(json.loads(run(FACTS, **changes).stdout)["warm"])

    assert warm(PWD="/", SHLVL="9")
    assert not warm(OMP_NUM_THREADS="3")
    assert not warm(**{start_job.WORKER: "/no/such/socket"})


def test_numbers_are_the_same_warm_and_cold(tmp_path: Path, study: Study) -> None:
    examples = tmp_path / "examples.safetensors"
    make_examples(examples)
    cold = TrainJob(tmp_path / "cold", examples, study, stop=2)
    assert "s to start (cold)" in cold.run()
    warm = TrainJob(tmp_path / "warm", examples, study, stop=2)
    done = subprocess.run(
        warm.command(), env=environment(), check=True, capture_output=True, text=True
    )
    assert "s to start (warm)" in done.stderr
    assert warm.outcome() == cold.outcome()
