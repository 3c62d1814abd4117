"""kcat, the Debian package: librdkafka 2.0.2 from a command line."""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from scenario import CODECS, eventually, equal, main, now  # noqa: E402


def kcat(broker: str, *arguments: str, stdin: str = "") -> str:
    ended = subprocess.run(["kcat", "-b", broker, *arguments], input=stdin, capture_output=True, text=True, timeout=30)
    if ended.returncode:
        raise AssertionError(f"kcat {' '.join(arguments)} ended with {ended.returncode}: {ended.stderr}")
    return ended.stdout


def read_all(broker: str, topic: str, form: str, *more: str) -> list[str]:
    return kcat(broker, "-C", "-q", "-e", "-o", "beginning", "-t", topic, "-f", form + "\n", *more).splitlines()


def admin(broker: str, prefix: str) -> None:
    """All that kcat has: the list of brokers and topics, and a topic made by the first write."""
    kcat(broker, "-P", "-t", f"{prefix}-made", stdin="one\n")
    listed = json.loads(kcat(broker, "-L", "-J"))
    equal([each["name"] for each in listed["brokers"]], [broker], "the brokers")
    topics = {each["topic"]: each["partitions"] for each in listed["topics"]}
    equal([(each["partition"], each["leader"]) for each in topics[f"{prefix}-made"]],
          [(0, listed["brokers"][0]["id"])], "the partitions of the topic")


def codecs(broker: str, prefix: str) -> None:
    for codec in CODECS:
        topic = f"{prefix}-{codec}"
        lines = [f"{number} {codec} " + "x" * 100 for number in range(200)]
        kcat(broker, "-P", "-t", topic, "-z", codec, stdin="\n".join(lines) + "\n")
        equal(read_all(broker, topic, "%s"), lines, codec)


def idempotence(broker: str, prefix: str) -> None:
    lines = [str(number) for number in range(2000)]
    kcat(broker, "-P", "-t", prefix, "-X", "enable.idempotence=true", "-X", "batch.num.messages=50", stdin="\n".join(lines) + "\n")
    equal(read_all(broker, prefix, "%o %s"), [f"{number} {number}" for number in range(2000)], "what was written")


def consume(broker: str, prefix: str) -> None:
    kcat(broker, "-P", "-t", prefix, "-K:", "-H", "colour=red", stdin="a:1\nb:2\nc:3\n")
    equal(read_all(broker, prefix, "%p %o %k %s %h"),
          [f"0 {at} {key} {at + 1} colour=red" for at, key in enumerate("abc")], "all")
    equal(kcat(broker, "-C", "-q", "-e", "-t", prefix, "-o", "1", "-f", "%s "), "2 3 ", "from offset 1")
    equal(kcat(broker, "-C", "-q", "-e", "-t", prefix, "-o", "-1", "-f", "%s "), "3 ", "the last one")
    equal(kcat(broker, "-C", "-q", "-t", prefix, "-o", "beginning", "-c", "2", "-f", "%s "), "1 2 ", "the first two")


class Member:
    """`kcat -G` in the background; its assignment is the last that it told of."""

    def __init__(self, broker: str, group: str, topic: str):
        self.process = subprocess.Popen(["kcat", "-b", broker, "-G", group, "-X", "session.timeout.ms=6000", "-X",
                                         "heartbeat.interval.ms=300", "-u", "-f", "%p\n", topic],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def partitions(self) -> set[str]:
        """Reads until the next `assigned:` line."""
        for line in self.process.stderr:
            if "assigned:" in line:
                return set(part.strip() for part in line.partition("assigned:")[2].split(",") if part.strip())
        raise AssertionError("kcat ended before it was given partitions")

    def leave(self) -> None:
        self.process.terminate()
        self.process.wait(20)


def group(broker: str, prefix: str) -> None:
    """With one partition the members share nothing, so the group is what is looked at: who has it, and who next."""
    kcat(broker, "-P", "-t", prefix, stdin="".join(f"{number}\n" for number in range(10)))
    first = Member(broker, f"{prefix}-group", prefix)
    second = None
    try:
        equal(first.partitions(), {f"{prefix} [0]"}, "the only member's partitions")
        second = Member(broker, f"{prefix}-group", prefix)
        parts = [first.partitions(), second.partitions()]
        equal(sorted(map(len, parts)), [0, 1], "the partitions of two members")
        owner, other = (first, second) if parts[0] else (second, first)
        owner.leave()
        equal(other.partitions(), {f"{prefix} [0]"}, "the partitions of who stays")
    finally:
        for member in filter(None, [first, second]):
            member.leave()


def commits(broker: str, prefix: str) -> None:
    """kcat commits when it ends; the next one of the group goes on behind it."""
    def read(count: int) -> list[str]:
        return kcat(broker, "-G", f"{prefix}-group", "-q", "-c", str(count), "-X", "auto.offset.reset=earliest", "-f", "%s\n",
                    prefix).split()
    kcat(broker, "-P", "-t", prefix, stdin="".join(f"{number}\n" for number in range(10)))
    equal(read(4), ["0", "1", "2", "3"], "the first run")
    equal(read(3), ["4", "5", "6"], "the second run")


def time(broker: str, prefix: str) -> None:
    kcat(broker, "-P", "-t", prefix, stdin="before\n")
    written = int(read_all(broker, prefix, "%T")[0])
    eventually(lambda: now() > written + 5, "the clock goes on")
    kcat(broker, "-P", "-t", prefix, stdin="after\n")
    later = int(read_all(broker, prefix, "%T")[1])
    for stamp, offset in [(written, 0), (written + 1, 1), (later, 1), (later + 100_000, -1)]:
        equal(kcat(broker, "-Q", "-t", f"{prefix}:0:{stamp}").split(), [prefix, "[0]", "offset", str(offset)],
              f"the offset at {stamp}")
    equal(kcat(broker, "-C", "-q", "-e", "-t", prefix, "-o", f"s@{written + 1}", "-f", "%s "), "after ", "from a time on")


if __name__ == "__main__":
    main({"admin": admin, "codecs": codecs, "idempotence": idempotence, "consume": consume, "group": group,
          "commits": commits, "time": time})
