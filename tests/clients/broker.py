"""Starts and stops what is tested: weir, or Apache Kafka from its jars. Only ever touches processes it started."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "clients"


class BrokerError(Exception):
    pass


def weir_binary(given: str | None = None) -> pathlib.Path:
    path = pathlib.Path(given or os.environ.get("WEIR") or ROOT / "build" / "release" / "weir")
    if not path.is_file():
        raise BrokerError(f"{path} does not exist: build it with `./dev build`, or name another with --weir")
    return path.resolve()


class Broker:
    """A process that listens at `address` once start() has returned; its output is in `log`."""
    name = ""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{self.name}.log"
        self.address = ""
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> "Broker":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        raise NotImplementedError

    def launch(self, command: list[object], ready: str, seconds: float) -> re.Match:
        """Waits until the process has written a line that matches `ready`."""
        with open(self.log, "ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(list(map(str, command)), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, start_new_session=True)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with open(self.log, "rb") as log:
                log.seek(begin)
                text = log.read().decode(errors="replace")
            if match := re.search(ready, text):
                return match
            if self.process.poll() is not None:
                raise BrokerError(f"{self.name} ended with {self.process.returncode} instead of starting:\n{text[-2000:]}")
            time.sleep(0.01)
        self.kill()
        raise BrokerError(f"{self.name} was not ready after {seconds} s:\n{text[-2000:]}")

    def kill(self) -> None:
        """As a crash: no time to write anything."""
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            self.process = None

    def stop(self, seconds: float = 20) -> int | None:
        """The exit code; None if it was not running or had to be killed."""
        if not self.process:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        self.process = None
        return code


class Weir(Broker):
    name = "weir"

    def __init__(self, binary: pathlib.Path, folder: pathlib.Path, options: list[str] = ()):
        super().__init__(folder)
        self.binary = binary
        self.options = list(options)

    def start(self) -> None:
        # After a restart clients find it where it was.
        listen = self.address or "127.0.0.1:0"
        command = [self.binary, "serve", "--data", self.folder / "data", "--listen", listen, *self.options]
        self.address = self.launch(command, r"ready listen=(\S+)", 30)[1]


class Kafka(Broker):
    """Apache Kafka, broker and controller in one process, with the settings that differ least from a single weir."""
    name = "kafka"

    def __init__(self, jars: pathlib.Path, folder: pathlib.Path, settings: dict[str, str] | None = None):
        super().__init__(folder)
        self.jars = jars
        self.settings = settings or {}

    def start(self) -> None:
        properties = self.folder / "server.properties"
        # Formatted once: a restart finds its data.
        if not properties.exists():
            self.address = f"127.0.0.1:{free_port()}"
            self.write_settings(properties, f"127.0.0.1:{free_port()}")
            identity = self.tool("random-uuid").split()[-1]
            self.tool("format", "-t", identity, "-c", str(properties))
        logging = f"-Dlog4j.configuration=file:{self.folder / 'log4j.properties'}"
        self.launch(["java", "-Xmx768m", logging, "-cp", self.classes, "kafka.Kafka", properties], r"Kafka Server started", 60)

    @property
    def classes(self) -> str:
        return f"{self.jars}/*"

    def tool(self, *arguments: str) -> str:
        return subprocess.run(["java", "-Xmx256m", "-cp", self.classes, "kafka.tools.StorageTool", *arguments], check=True,
                              capture_output=True, text=True, timeout=60).stdout

    def write_settings(self, path: pathlib.Path, controller: str) -> None:
        settings = {
            "process.roles": "broker,controller", "node.id": "1", "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{controller}",
            "advertised.listeners": f"PLAINTEXT://{self.address}", "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(self.folder / "data"), "num.partitions": "1", "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1", "transaction.state.log.num.partitions": "1",
            "transaction.state.log.replication.factor": "1", "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
        } | self.settings
        path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        (self.folder / "log4j.properties").write_text(
            "log4j.rootLogger=INFO, out\nlog4j.appender.out=org.apache.log4j.ConsoleAppender\n"
            "log4j.appender.out.layout=org.apache.log4j.PatternLayout\nlog4j.appender.out.layout.ConversionPattern=%d %p %m%n\n")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
