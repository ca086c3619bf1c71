"""The peers, each a process with the benchmark's own interpreter, or another that has it."""

import sys

from worker import PeerFailure, Worker

# Key of a competitor: the peer's module, its kind, and the title of its column.
PEERS = {
    "onnxruntime-int8": ("peer_onnxruntime", "int8", "ORT int8"),
    "onnxruntime-fp32": ("peer_onnxruntime", "fp32", "ORT fp32"),
    "litert-int8": ("peer_litert", "int8", "LiteRT int8"),
    "torch-cdist": ("peer_torch", "cdist", "PyTorch cdist"),
    "torch-authors": ("peer_torch", "authors", "authors' layer"),
}
INTEGER_AND_FLOAT = ("onnxruntime-int8", "onnxruntime-fp32", "litert-int8")


class Peers:
    """The workers of all peers, and why those are missing that are."""

    def __init__(self):
        self.workers, self.missing, self.versions = {}, {}, {}
        for module in dict.fromkeys(module for module, _, _ in PEERS.values()):
            # Debian's python3-torch belongs to Debian's interpreter.
            pythons = (sys.executable, "/usr/bin/python3") if module == "peer_torch" else (
                sys.executable,)
            try:
                self.workers[module] = Worker(module, pythons)
                self.versions[module] = self.workers[module].version
            except PeerFailure as failure:
                self.missing |= {key: str(failure) for key, peer in PEERS.items()
                                 if peer[0] == module}

    def available(self, keys=tuple(PEERS)):
        return [key for key in keys if key not in self.missing]

    def _ask(self, key, session, **request):
        module, kind, _ = PEERS[key]
        return self.workers[module].ask(
            key="{} {} {}".format(session[0].name, kind, session[1:]), **request)

    def build(self, key, network, batch=1, threads=1):
        self._ask(key, (network, batch, threads), network=network.json(), batch=batch,
                  threads=threads, kind=PEERS[key][1])

    def run(self, key, network, count, batch=1, threads=1):
        """The median processor time and the least time of so many runs, in seconds."""
        answer = self._ask(key, (network, batch, threads), count=count)
        return answer["processor"], answer["wall"]

    def forget(self, key, network, batch=1, threads=1):
        self._ask(key, (network, batch, threads), forget=True)

    def close(self):
        for worker in self.workers.values():
            worker.close()
