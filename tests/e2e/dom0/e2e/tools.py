# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that hold a channel open, as a person at a terminal or a script runs them."""
import glob
import os
import pty
import select
import signal
import subprocess
import termios
import time

from e2e.shell import Failure

PIECE = 65536


class Piped:
    """A program whose standard input and output are pipes that this side fills and empties as it likes."""

    def __init__(self, *command):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        os.set_blocking(self.process.stdin.fileno(), False)
        self.n_sent, self.came = 0, b''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                if pipe:  # finish() leaves no input
                    pipe.close()
            except OSError:
                pass

    def pump(self, data, quiet_s, read=True, limit_s=600):
        """Sends DATA from where it has come to, and READs what comes, until all has been sent (and, if it reads, has
        come back), or nothing has moved for QUIET_S."""
        out, back = self.process.stdin.fileno(), self.process.stdout.fileno()
        end = time.monotonic() + limit_s
        while (self.n_sent < len(data) or read and len(self.came) < len(data)) and time.monotonic() < end:
            readable, writable, _ = select.select([back] if read else [], [out] if self.n_sent < len(data) else [], [],
                                                  quiet_s)
            if not readable and not writable:
                return
            if writable:
                self.n_sent += os.write(out, data[self.n_sent:self.n_sent + PIECE])
            if readable:
                more = os.read(back, PIECE)
                if not more:
                    return
                self.came += more

    def finish(self, seconds):
        """Ends its input and reads the rest; its exit status, and what it said on the standard error."""
        self.process.stdin.close()
        self.process.stdin = None
        try:
            rest, said = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            return 'no end', ''
        self.came += rest
        return self.process.returncode, said.decode('utf-8', 'replace')


def in_terminal(command, talk, seconds):
    """Runs COMMAND at a terminal of its own: TALK is pairs of what to wait for and what to type then, all bytes.
    Returns its exit status; Failure if it does not say what is waited for within SECONDS."""
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(command[0], command)
    said, end = b'', time.monotonic() + seconds
    try:
        for word, line in talk:
            while word not in said:
                if not select.select([terminal], [], [], max(0, end - time.monotonic()))[0]:
                    raise Failure(f'{command} does not say {word!r}, but {said!r}')
                said += os.read(terminal, PIECE)
            said = said[said.index(word) + len(word):]
            _wait_raw(terminal, end)
            os.write(terminal, line)
        return _wait(process, terminal, end)
    except OSError as why:  # EIO: it has ended
        raise Failure(f'{command} has ended after {said!r}: {why}') from None
    finally:
        os.close(terminal)


def _wait(process, terminal, end):
    while time.monotonic() < end:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                os.read(terminal, PIECE)
            except OSError:
                time.sleep(0.05)
    waits = _waits(process)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return f'no end, its threads in {waits}'


def _wait_raw(terminal, end):
    """Programs announce themselves before they make the terminal raw; until then it echoes what is typed itself."""
    while termios.tcgetattr(terminal)[3] & termios.ICANON and time.monotonic() < end:
        time.sleep(0.05)


def _waits(process):
    """Where in the kernel each thread of PROCESS waits."""
    found = []
    for path in glob.glob(f'/proc/{process}/task/*/wchan'):
        with open(path, encoding='ascii') as file:
            found.append(file.read())
    return found
