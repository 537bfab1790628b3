"""Commands that a test starts, disturbs and waits for.

They are forked from one process that has loaded the package and run a study once, so that each
begins at once in the middle of its work.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Reads what to start, a line each. Whoever waits for a command writes how it ended.
LOADED = """
import json, os, signal, sys, traceback
from pathlib import Path
from evaluation import cli
from evaluation.study.evidence import dumps
from evaluation.study.run import run

def begun(folder, words, before):
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for name, number in (("out", 1), ("err", 2)):
        os.dup2(os.open(f"{folder}/{name}", os.O_WRONLY | os.O_CREAT | os.O_APPEND), number)
    # Heard where tests run in the background, with interruptions ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    code = 70
    try:
        exec(before, globals())
        print("ready", flush=True)
        code = cli.main(words)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

def told(path, text):
    Path(f"{path}.part").write_text(text)
    os.rename(f"{path}.part", path)

signal.signal(signal.SIGCHLD, signal.SIG_IGN)
root, slugs = Path(sys.argv[1]), sys.argv[2:]
print(json.dumps({slug: dumps(run(slug, root)) for slug in slugs}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if os.fork():
        continue
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if not pid:
        begun(asked["folder"], asked["words"], asked["before"])
    told(asked["folder"] + "/pid", str(pid))
    _, status = os.waitpid(pid, 0)
    told(asked["folder"] + "/status", str(os.waitstatus_to_exitcode(status)))
    os._exit(0)
"""

# Seconds that a machine may take that has much else to do.
PATIENCE = 600


class Starter:
    """Starts commands. new : what a run of each study of a project writes, by slug."""

    def __init__(self, root: Path, slugs: tuple[str, ...]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", LOADED, str(root), *slugs],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.new: dict[str, str] = json.loads(self.process.stdout.readline())

    def start(self, root: Path, *words: str, before: str = "", until: str = "ready") -> Started:
        """A command in a project, when it says that it works."""
        folder = tempfile.mkdtemp(dir=root.parent)
        asked = {"folder": folder, "words": ["--root", str(root), *words], "before": before}
        assert self.process.stdin is not None
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        started = Started(Path(folder))
        try:
            started.says("out", until)
        except AssertionError:
            started.kill()
            raise
        return started

    def end(self) -> None:
        """Ends the process; what it started is ended by who started it."""
        self.process.kill()
        self.process.communicate()


class Started:
    """A command that was started, with what `subprocess.Popen` tells of one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pid = int(_awaited(folder / "pid", PATIENCE))

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it has not."""
        path = self.folder / "status"
        return int(path.read_text()) if path.exists() else None

    def wait(self, timeout: float = 120) -> int:
        """How it ended, when it has."""
        return int(_awaited(self.folder / "status", timeout))

    def said(self, stream: str) -> str:
        """What it said so far."""
        path = self.folder / stream
        return path.read_text() if path.exists() else ""

    def communicate(self, timeout: float = 120) -> tuple[str, str]:
        """What it said, when it has ended."""
        self.wait(timeout)
        return self.said("out"), self.said("err")

    def says(self, stream: str, line: str = "") -> str:
        """This line on a stream, or its first one, when it is there."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            ended = self.returncode is not None
            for one in self.said(stream).split("\n")[:-1]:
                if line in ("", one.strip()):
                    return one.strip()
            assert not ended, self.said("err")
            time.sleep(0.01)
        raise AssertionError(f"it never said {line!r}: {self.said('err')}")

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it and what it started, and waits until it has ended."""
        if self.returncode is None:
            os.killpg(self.pid, signal.SIGKILL)
            self.wait(60)


def _awaited(path: Path, timeout: float) -> str:
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        if path.exists():
            return path.read_text()
        time.sleep(0.01)
    raise TimeoutError(f"{path.name} is not there after {timeout} s")
