"""A parent that has imported everything once and forks a task of the service whenever it is told to.

It speaks lines of JSON over the socket whose number is its only argument:
  {"run": id, "env": {...}, "log": path}      -> {"task": id, "started": pid} or {"task": id, "failed": reason}
  {"signal": id, "number": n}                 the parent alone reaps, so a signal never meets a stranger's process
  (a task ends)                               -> {"task": id, "exited": code}, negative for a signal
It says {"ready": true} first. When the socket closes, its starter is gone: it kills its tasks and ends.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from typing import Any, NoReturn

from harness.machines.application.errors import BadSettings
from harness.machines.application.serve import listen, serve, warm_up
from harness.machines.application.settings import Settings, read_settings

_PR_SET_PDEATHSIG = 1
_MORE_FDS_THAN_THE_PARENT_HAS = 256


class WarmParent:
    """Single-threaded, and without an event loop: only so is a fork of it a clean start."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._unread = b""
        self._tasks: dict[str, int] = {}
        self._wakeup, self._woken = socket.socketpair()

    def run(self) -> None:
        """Serve requests until the channel closes; then kill what still runs."""
        self._wakeup.setblocking(False)
        signal.set_wakeup_fd(self._wakeup.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        warm_up()
        gc.freeze()
        self._say({"ready": True})
        try:
            self._serve_requests()
        finally:
            for pid in self._tasks.values():
                os.kill(pid, signal.SIGKILL)

    def _serve_requests(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._channel, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    self._woken.recv(4096)
                    self._reap()
                if self._channel in ready and not self._read():
                    return

    def _read(self) -> bool:
        chunk = self._channel.recv(65536)
        *lines, self._unread = (self._unread + chunk).split(b"\n")
        for line in lines:
            request = json.loads(line)
            if "run" in request:
                self._start(request["run"], request)
            elif pid := self._tasks.get(request["signal"]):
                os.kill(pid, request["number"])
        return bool(chunk)

    def _start(self, task: str, request: dict[str, Any]) -> None:
        try:
            settings = read_settings(request["env"])
            log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                with listen(settings.listen) as listener:
                    parent = os.getpid()
                    pid = os.fork()
                    if pid == 0:
                        _be_a_task(settings, listener, log, parent)
            finally:
                os.close(log)
        except (BadSettings, OSError) as error:
            self._say({"task": task, "failed": str(error)})
            return
        self._tasks[task] = pid
        self._say({"task": task, "started": pid})

    def _reap(self) -> None:
        for task, pid in list(self._tasks.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._tasks[task]
                self._say({"task": task, "exited": os.waitstatus_to_exitcode(status)})

    def _say(self, message: dict[str, object]) -> None:
        self._channel.sendall(json.dumps(message).encode() + b"\n")


def _be_a_task(settings: Settings, listener: socket.socket, log: int, parent: int) -> NoReturn:
    """What the forked child does: nothing of the parent is left to it but the memory and its listener."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.closerange(3, listener.fileno())
        os.closerange(listener.fileno() + 1, _MORE_FDS_THAN_THE_PARENT_HAS)
        _die_with(parent)
        serve(settings, listener)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)


if __name__ == "__main__":
    WarmParent(socket.socket(fileno=int(sys.argv[1]))).run()
