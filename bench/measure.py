"""Runs a charm's real dispatch, and prints what that took: wall time, processor time, peak memory, exit code.

Called by the dispatch that hook-world.ts puts in the place of a charm's own. Memory is that of the largest process, as the kernel
counted it; processor time is that of all processes that were waited for, spawned hook tools among them.
"""

import json
import os
import sys
import time

dispatch, flag = sys.argv[1:]
environment = dict(os.environ)
# Without the address of the agent's socket a charm has to spawn hook tools.
if os.path.exists(flag):
    del environment["JUJU_AGENT_SOCKET_ADDRESS"]
started = time.monotonic()
child = os.posix_spawn(dispatch, [dispatch], environment)
_, status, usage = os.wait4(child, 0)
wall = time.monotonic() - started
exit_code = os.waitstatus_to_exitcode(status)
figures = {
    "wallMs": wall * 1000,
    "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
    "peakMb": usage.ru_maxrss * 1024 / 1e6,
    "exitCode": exit_code,
}
print("measured", json.dumps(figures))
sys.exit(exit_code)
