"""One contest for each layer and for each network: who takes part, and what comes out of it."""

from measure import Competitor, interleave, least, median, ratio, slope
from peers import INTEGER_AND_FLOAT, PEERS
from worker import PeerFailure

# About the operations of a second, to choose how often a request runs its network.
RATE = 150e9
# The time that a request should take, in seconds.
LAYER_REQUEST, NETWORK_REQUEST = 0.006, 0.05


def run_count(operations, seconds, least):
    return max(least, min(100, int(seconds * RATE / operations)))


def _peer(peers, key, networks, sample, batch=1, threads=1, every=1):
    """A competitor of a peer, which may fail here already."""
    competitor = Competitor(key, sample, every)
    try:
        for network in networks:
            peers.build(key, network, batch, threads)
    except PeerFailure as failure:
        competitor.failure = str(failure)
    return competitor


def _result(competitors, ours, value):
    """Seconds, ratios to ours and failures, by key; value(competitor) are its samples."""
    found = [competitor for competitor in competitors if competitor.processor]
    return {
        "seconds": {it.key: median(it.processor) for it in found},
        "elapsed": {it.key: least(it.wall) for it in found},
        "ratios": {it.key: ratio(value(it), value(ours)) for it in found
                   if ours.processor and not it.key.startswith("ceiling")},
        "failures": {it.key: it.failure for it in competitors if it.failure},
        "rounds": max((len(it.processor) for it in found), default=0),
    }


def layer_contest(layer, ours, peers, kernels, rounds):
    """The time of one layer: the slope of networks of several copies, but of PyTorch a run."""
    operations = layer.operations
    # One copy alone would have weights nearer in the caches than layers of a network have.
    few, many = 2, 4 if operations > 50e6 else 10
    networks = {copies: layer.copies(copies) for copies in (1, few, many)}
    count = run_count(operations, LAYER_REQUEST, least=2)
    for network in networks.values():
        ours.compile(network)

    def our_sample(kernel):
        return lambda: slope(lambda n: ours.run(networks[n], 1, 1, kernel, count), few, many)

    def ceiling_sample(kernel):
        # Seconds that the layer's differences take at the ceiling.
        return lambda: (operations / ours.ceiling(networks[1], kernel),) * 2

    def peer_sample(key):
        return lambda: slope(lambda n: peers.run(key, networks[n], count), few, many)

    competitors = [Competitor(kernel, our_sample(kernel)) for kernel in kernels]
    if layer.op == "adder":
        competitors += [Competitor(f"ceiling-{kernel}", ceiling_sample(kernel))
                        for kernel in kernels]
    competitors += [_peer(peers, key, (networks[few], networks[many]), peer_sample(key))
                    for key in peers.available(INTEGER_AND_FLOAT)]
    if layer.op == "adder":
        rarely = max(1, rounds // 5)
        competitors += [
            _peer(peers, key, (networks[1],),
                  lambda key=key: peers.run(key, networks[1], 1 if operations > 50e6 else 5),
                  every=rarely)
            for key in peers.available([key for key in PEERS if key.startswith("torch")])]
    interleave(competitors, rounds)
    for competitor in competitors:
        if competitor.key in PEERS and not competitor.failure:
            for network in networks.values():
                peers.forget(competitor.key, network)
    result = _result(competitors, competitors[0], lambda it: it.processor)
    seconds = result["seconds"]
    result["ceiling_shares"] = {
        kernel: seconds[f"ceiling-{kernel}"] / seconds[kernel] for kernel in kernels
        if kernel in seconds and f"ceiling-{kernel}" in seconds}
    return {"title": layer.title, "group": layer.group, "channels": layer.channels,
            "operations": operations, **result}


def network_contest(network, ours, peers, kernels, rounds, batches=(1, 32), thread_counts=(1, 2)):
    """The time of an image in whole runs, for each batch and number of threads.

    All of them are interleaved. On one thread the time is the processor's, on more what elapsed, the
    least of the rounds: that is what threads are for.
    """
    contests = {}
    for batch in batches:
        for threads in thread_counts:
            count = run_count(network.operations() * batch, NETWORK_REQUEST, least=1)
            entries = [
                Competitor(kernel, lambda kernel=kernel, batch=batch, threads=threads, count=count:
                           ours.run(network, batch, threads, kernel, count))
                for kernel in kernels]
            entries += [
                _peer(peers, key, (network,),
                      lambda key=key, batch=batch, threads=threads, count=count: peers.run(
                          key, network, count, batch, threads), batch, threads)
                for key in peers.available(INTEGER_AND_FLOAT)]
            contests[batch, threads] = entries
    interleave([entry for entries in contests.values() for entry in entries], rounds)
    results = []
    for (batch, threads), entries in contests.items():
        for entry in entries:
            entry.processor = [(turn, value / batch) for turn, value in entry.processor]
            entry.wall = [(turn, value / batch) for turn, value in entry.wall]
        kind = "processor" if threads == 1 else "wall"
        result = _result(entries, entries[0], lambda it: getattr(it, kind))
        if threads > 1:
            base = result["elapsed"].get(kernels[0])
            result["ratios"] = {key: value / base for key, value in result["elapsed"].items()
                                if base}
        results.append({"title": network.name, "batch": batch, "threads": threads,
                        "operations": network.operations(), **result})
        for entry in entries:
            if entry.key in PEERS and not entry.failure:
                peers.forget(entry.key, network, batch, threads)
    return results
