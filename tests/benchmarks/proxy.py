"""The fault proxy as a process of its own. Run as `python -m tests.benchmarks.proxy ADDRESS PORT`: it says on which
port of that address it stands in front of that one, takes "cut HOW" and "heal" as lines on standard input, and answers
each with the monotonic ns at which it took effect. The end of its input ends it.
"""

from __future__ import annotations

import sys

from tests.integration.workload.service import Cut, FaultyService


def main() -> int:
    """Serve until the input ends."""
    address, port = sys.argv[1], int(sys.argv[2])
    with FaultyService(address, backend=(address, port)) as proxy:
        print(proxy.port, flush=True)
        for line in sys.stdin:
            words = line.split()
            print(proxy.cut(Cut(words[1])) if words[0] == "cut" else proxy.heal(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
