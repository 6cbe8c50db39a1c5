"""Runs txsim and says what it took: for the benches that measure whole commands."""
import os
import pathlib
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TXSIM = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build/release/txsim")


def run(*words):
    """Processor seconds, seconds, the most memory in MiB, and what was printed."""
    with tempfile.TemporaryFile("w+") as out:
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1),
                   (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
        began = time.monotonic()
        child = os.posix_spawn(TXSIM, [TXSIM, *words], os.environ, file_actions=actions)
        _, status, used = os.wait4(child, 0)
        took = time.monotonic() - began
        if os.waitstatus_to_exitcode(status) > 1:
            sys.exit(f"failed: {TXSIM} {' '.join(words)}")
        out.seek(0)
        return used.ru_utime + used.ru_stime, took, used.ru_maxrss / 1024, out.read()
