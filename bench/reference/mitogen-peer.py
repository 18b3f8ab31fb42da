# mitogen over ssh, for comparison: SSH_CONFIG HOST objects TEXTS OBJECTS, or SSH_CONFIG HOST calls COUNT. The first prints
# objects a second from the far side's Sender to a Receiver here, 500 a message; the second the median of an empty call, in
# milliseconds.
import json
import statistics
import sys
import time

import mitogen.core
import mitogen.master
import mitogen.utils

BATCH = 500


def nothing():
    return None


@mitogen.core.takes_router
def produce(texts, count, sender, router=None):
    objects = [json.loads(text) for text in texts]
    batches = [objects[at : at + 500] for at in range(0, len(objects), 500)]
    for number in range(count // 500):
        sender.send(batches[number % len(batches)])
    sender.close()


def throughput(router, far, texts, count):
    receiver = mitogen.core.Receiver(router)
    done = far.call_async(produce, texts, count, receiver.to_sender())
    start, got = None, 0
    for message in receiver:
        batch = message.unpickle()
        if start is None:
            start = time.perf_counter()
        else:
            got += len(batch)
    seconds = time.perf_counter() - start
    done.get().unpickle()
    if got != count - BATCH:
        raise SystemExit("%d objects of %d came" % (got + BATCH, count))
    return got / seconds


def calls(far, count):
    times = []
    for number in range(count + count // 4):
        start = time.perf_counter()
        far.call(nothing)
        if number >= count // 4:  # the others warm it up
            times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def main(router, config, host, mode, *rest):
    far = router.ssh(
        hostname=host, python_path=sys.executable, ssh_args=["-F", config], check_host_keys="enforce", compression=False
    )
    if mode == "calls":
        print(calls(far, int(rest[0])))
    else:
        with open(rest[0]) as file:
            texts = file.read().splitlines()
        print(throughput(router, far, texts, int(rest[1])))


if __name__ == "__main__":
    mitogen.utils.run_with_router(main, *sys.argv[1:])
