"""A peer's process, which lives as long as the benchmark: builds networks and runs them on request.

Requests and answers are JSON objects, one a line, on standard input and standard output.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def timed(run, count):
    """The median processor time of this process, and the least time, of so many runs, in seconds.

    One run before them, which is not counted, brings code and weights back to the caches.
    """
    run()
    processor, wall = [], []
    for _ in range(count):
        start, processor_start = time.perf_counter(), time.process_time()
        run()
        processor.append(time.process_time() - processor_start)
        wall.append(time.perf_counter() - start)
    return statistics.median(processor), min(wall)


def serve(version, build):
    """Answers requests until standard input ends.

    build(network, batch, threads, kind) returns a function without arguments that runs a batch.
    """
    from networks import Network

    answers = sys.stdout
    sys.stdout = sys.stderr
    runs = {}

    def answer(**members):
        print(json.dumps(members), file=answers, flush=True)

    answer(version=version)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if "network" in request:
                runs[request["key"]] = build(
                    Network.of_json(request["network"]), request["batch"], request["threads"],
                    request["kind"])
                answer()
            elif "forget" in request:
                runs.pop(request["key"], None)
                answer()
            else:
                processor, wall = timed(runs[request["key"]], request["count"])
                answer(processor=processor, wall=wall)
        except Exception as error:  # Whatever a peer finds wrong is what the table says of it.
            answer(error=f"{type(error).__name__}: {error}".splitlines()[0][:200])


class PeerFailure(Exception):
    """A peer that is not there, or does not do what it was asked to."""


class Worker:
    """The process of one peer, as the benchmark sees it."""

    def __init__(self, module, pythons=(sys.executable,)):
        """Starts it with the first interpreter that has the peer.

        Raises PeerFailure, whose text is what each of them said, if none has."""
        findings = []
        for python in pythons:
            process = subprocess.Popen(
                [python, str(FOLDER / f"{module}.py")], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            line = process.stdout.readline()
            if line:
                # Diagnostics of a peer that runs are of no use to anybody, and must not block it.
                self.drain = _drain(process.stderr)
                self.process, self.version = process, json.loads(line)["version"]
                return
            findings.append((process.communicate()[1].strip().splitlines() or ["no answer"])[-1])
        raise PeerFailure(findings[0])

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "the process of the peer ended"}
        if "error" in answer:
            raise PeerFailure(answer["error"])
        return answer

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def _drain(stream):
    import threading

    thread = threading.Thread(target=lambda: [None for _ in stream], daemon=True)
    thread.start()
    return thread
