"""Kafka's protocol, raw: any request of any version, with fields as the caller wants them, and batches byte by byte.

What a client library hides is what the crash driver and the comparison need: the sequence of a batch, a wrong
generation, a request nobody sends by accident. Messages are dicts; their fields are those of src/wire/messages.txt,
which tests/wire/messages_test.py compares with Apache Kafka's own definitions. Used by one thread at a time.
"""
import collections
import dataclasses
import pathlib
import socket
import struct
import sys
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "src" / "wire"))
sys.dont_write_bytecode = True

from message_table import Field, Message, Struct, read_table  # noqa: E402

TABLE = {message.name: (entry, message) for entry in read_table(ROOT / "src" / "wire" / "messages.txt")
         for message in entry.messages}
FIXED = {"int8": ">b", "int16": ">h", "int32": ">i", "int64": ">q", "float64": ">d", "bool": ">?", "error": ">h"}
BYTES_LIKE = {"bytes", "records"}


# ---- Numbers of variable length

def put_varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def put_zigzag(value: int) -> bytes:
    return put_varint((value << 1) ^ (value >> 63))


class Reader:
    def __init__(self, data: bytes, at: int = 0):
        self.data = data
        self.at = at

    def take(self, count: int) -> bytes:
        if count < 0 or self.at + count > len(self.data):
            raise ValueError(f"{count} bytes wanted at {self.at} of {len(self.data)}")
        self.at += count
        return self.data[self.at - count:self.at]

    def number(self, form: str) -> int:
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)


# ---- Messages by the table

def default_of(field: Field) -> object:
    if field.default == "null":
        return None
    if field.is_array:
        return []
    if field.struct:
        return {}
    if field.type == "string":
        return field.default or ""
    if field.type in BYTES_LIKE:
        return b""
    if field.type == "uuid":
        return uuid.UUID(int=0)
    if field.type == "bool":
        return field.default == "true"
    return int(field.default or 0)


def encode(message: Message, value: dict, version: int) -> bytes:
    return encode_struct(message, message.root, value, version)


def encode_struct(message: Message, scope: Struct, value: dict, version: int) -> bytes:
    known = {field.name for field in scope.fields}
    if unknown := value.keys() - known:
        raise KeyError(f"{scope.name} has no {unknown}; it has {known}")
    out, tagged = b"", []
    for field in scope.fields:
        if version not in field.versions:
            continue
        content = value.get(field.name, default_of(field))
        if field.tag is None:
            out += encode_field(message, field, content, version)
        elif content != default_of(field):
            tagged.append((field.tag, encode_field(message, field, content, version)))
    if message.is_flexible(version):
        out += put_varint(len(tagged))
        for tag, content in sorted(tagged):
            out += put_varint(tag) + put_varint(len(content)) + content
    return out


def encode_length(compact: bool, length: int | None, old: str) -> bytes:
    if compact:
        return put_varint(0 if length is None else length + 1)
    return struct.pack(old, -1 if length is None else length)


def encode_field(message: Message, field: Field, value: object, version: int) -> bytes:
    compact = message.is_flexible(version) and not field.is_plain
    if field.is_array:
        head = encode_length(compact, None if value is None else len(value), ">i")
        return head + b"".join(encode_one(message, field, item, version, compact) for item in value or [])
    if field.struct and field.nullable and version in field.nullable:
        if value is None:
            return b"\xff"
        return b"\x01" + encode_struct(message, field.struct, value, version)
    return encode_one(message, field, value, version, compact)


def encode_one(message: Message, field: Field, value: object, version: int, compact: bool) -> bytes:
    if field.struct:
        return encode_struct(message, field.struct, value, version)
    if field.type in FIXED:
        return struct.pack(FIXED[field.type], value)
    if field.type == "uuid":
        return value.bytes
    raw = value.encode() if isinstance(value, str) else value
    old = ">h" if field.type == "string" else ">i"
    return encode_length(compact, None if raw is None else len(raw), old) + (raw or b"")


def decode(message: Message, reader: Reader, version: int) -> dict:
    return decode_struct(message, message.root, reader, version)


def decode_struct(message: Message, scope: Struct, reader: Reader, version: int) -> dict:
    fields = [field for field in scope.fields if version in field.versions]
    value = {field.name: decode_field(message, field, reader, version) for field in fields if field.tag is None}
    tagged = {field.tag: field for field in fields if field.tag is not None}
    value |= {field.name: default_of(field) for field in tagged.values()}
    if message.is_flexible(version):
        for _ in range(reader.varint()):
            tag, size = reader.varint(), reader.varint()
            content = Reader(reader.take(size))
            if tag in tagged:
                value[tagged[tag].name] = decode_field(message, tagged[tag], content, version)
    return value


def decode_field(message: Message, field: Field, reader: Reader, version: int) -> object:
    compact = message.is_flexible(version) and not field.is_plain
    if field.is_array:
        count = reader.varint() - 1 if compact else reader.number(">i")
        return None if count < 0 else [decode_one(message, field, reader, version, compact) for _ in range(count)]
    if field.struct and field.nullable and version in field.nullable and reader.number(">b") < 0:
        return None
    return decode_one(message, field, reader, version, compact)


def decode_one(message: Message, field: Field, reader: Reader, version: int, compact: bool) -> object:
    if field.struct:
        return decode_struct(message, field.struct, reader, version)
    if field.type in FIXED:
        return reader.number(FIXED[field.type])
    if field.type == "uuid":
        return uuid.UUID(bytes=reader.take(16))
    size = reader.varint() - 1 if compact else reader.number(">h" if field.type == "string" else ">i")
    if size < 0:
        return None
    raw = reader.take(size)
    return raw if field.type in BYTES_LIKE else raw.decode()


# ---- A connection

class Connection:
    """Answers come in the order of the requests. OSError when the broker has gone or does not answer in time."""

    def __init__(self, address: str, timeout: float = 10, client: str = "wire"):
        host, _, port = address.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.client = client
        self.correlation = 0
        self.waiting: collections.deque[int] = collections.deque()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def ask(self, api: str, version: int, **fields: object) -> dict:
        self.send(api, version, **fields)
        return self.receive(api, version)

    def send(self, api: str, version: int, **fields: object) -> None:
        entry, message = TABLE[f"{api}Request"]
        self.correlation += 1
        head = struct.pack(">hhi", entry.key, version, self.correlation)
        head += struct.pack(">h", len(self.client)) + self.client.encode()
        if message.is_flexible(version):
            head += b"\0"
        frame = head + encode(message, fields, version)
        self.socket.sendall(struct.pack(">i", len(frame)) + frame)
        self.waiting.append(self.correlation)

    def receive(self, api: str, version: int) -> dict:
        _, message = TABLE[f"{api}Response"]
        reader = Reader(self._exactly(struct.unpack(">i", self._exactly(4))[0]))
        if (correlation := reader.number(">i")) != (wanted := self.waiting.popleft()):
            raise ConnectionError(f"correlation {correlation} came back for {wanted}")
        if message.is_flexible(version) and api != "ApiVersions":
            reader.take(1)
        value = decode(message, reader, version)
        if reader.at != len(reader.data):
            raise ConnectionError(f"{len(reader.data) - reader.at} bytes after the end of {api} v{version}")
        return value

    def _exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            piece = self.socket.recv(count - len(parts))
            if not piece:
                raise ConnectionError("the broker closed the connection")
            parts += piece
        return bytes(parts)


# ---- Batches of records

def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


_CRC = _crc_table()


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@dataclasses.dataclass
class Record:
    value: bytes | None
    key: bytes | None = None
    timestamp: int = 0
    headers: list[tuple[str, bytes | None]] = dataclasses.field(default_factory=list)
    offset: int = -1


@dataclasses.dataclass
class Batch:
    """As it lies in the log; `records` stays empty where a codec hides them."""
    base_offset: int
    last_offset: int
    attributes: int
    producer: int
    epoch: int
    sequence: int
    max_timestamp: int
    records: list[Record]

    codec = property(lambda self: ["none", "gzip", "snappy", "lz4", "zstd"][self.attributes & 7])
    is_transactional = property(lambda self: bool(self.attributes & 16))
    is_control = property(lambda self: bool(self.attributes & 32))

    @property
    def is_commit(self) -> bool:
        return self.is_control and self.records[0].key[3] == 1


def put_bytes(value: bytes | None) -> bytes:
    return put_zigzag(-1) if value is None else put_zigzag(len(value)) + value


def make_batch(records: list[Record], producer: int = -1, epoch: int = -1, sequence: int = -1, transactional: bool = False,
               attributes: int = 0) -> bytes:
    base = records[0].timestamp
    body = b""
    for delta, record in enumerate(records):
        one = b"\0" + put_zigzag(record.timestamp - base) + put_zigzag(delta) + put_bytes(record.key) + put_bytes(record.value)
        one += put_zigzag(len(record.headers))
        for name, value in record.headers:
            one += put_zigzag(len(name)) + name.encode() + put_bytes(value)
        body += put_zigzag(len(one)) + one
    covered = struct.pack(">hiqqqhii", attributes | (16 if transactional else 0), len(records) - 1, base,
                          max(record.timestamp for record in records), producer, epoch, sequence, len(records)) + body
    return struct.pack(">qiibI", 0, 9 + len(covered), -1, 2, crc32c(covered)) + covered


def batch_ends(data: bytes) -> list[tuple[int, int, int]]:
    """Of all whole batches the first offset, the last one, and where the batch ends in `data`."""
    ends, at = [], 0
    while at + 61 <= len(data):
        base, size = struct.unpack_from(">qi", data, at)
        if at + 12 + size > len(data):
            break
        at += 12 + size
        ends.append((base, base + struct.unpack_from(">i", data, at - size - 12 + 23)[0], at))
    return ends


def read_batches(data: bytes | None) -> list[Batch]:
    """All whole batches; a last one that is cut off is left out. ValueError if a checksum is wrong."""
    batches, at = [], 0
    data = data or b""
    while at + 61 <= len(data):
        base, size = struct.unpack_from(">qi", data, at)
        if at + 12 + size > len(data):
            break
        _, magic, crc = struct.unpack_from(">ibI", data, at + 12)
        if magic != 2 or crc != crc32c(data[at + 21:at + 12 + size]):
            raise ValueError(f"the batch at offset {base} is damaged (magic {magic})")
        attributes, last, first_time, max_time, producer, epoch, sequence, count = struct.unpack_from(">hiqqqhii", data, at + 21)
        records = []
        if attributes & 7 == 0:
            reader = Reader(data, at + 61)
            records = [read_record(reader, base, first_time) for _ in range(count)]
            if attributes & 8:
                for record in records:
                    record.timestamp = max_time
        batches.append(Batch(base, base + last, attributes, producer, epoch, sequence, max_time, records))
        at += 12 + size
    return batches


def read_record(reader: Reader, base_offset: int, first_time: int) -> Record:
    reader.zigzag()
    reader.take(1)
    time, offset = first_time + reader.zigzag(), base_offset + reader.zigzag()
    key, value = [None if (size := reader.zigzag()) < 0 else reader.take(size) for _ in range(2)]
    headers = []
    for _ in range(reader.zigzag()):
        name = reader.take(reader.zigzag()).decode()
        headers.append((name, None if (size := reader.zigzag()) < 0 else reader.take(size)))
    return Record(value, key, time, headers, offset)


# ---- What nearly every caller asks

def produce(connection: Connection, topic: str, partition: int, batch: bytes | None, acks: int = -1, version: int = 9,
            transactional_id: str | None = None, timeout: int = 10_000) -> dict:
    """The partition's part of the answer."""
    send_produce(connection, topic, partition, batch, acks, version, transactional_id, timeout)
    return receive_produce(connection, version)


def send_produce(connection: Connection, topic: str, partition: int, batch: bytes | None, acks: int = -1, version: int = 9,
                 transactional_id: str | None = None, timeout: int = 10_000) -> None:
    connection.send("Produce", version, transactional_id=transactional_id, acks=acks, timeout_ms=timeout, topic_data=[
        {"name": topic, "partition_data": [{"index": partition, "records": batch}]}])


def receive_produce(connection: Connection, version: int = 9) -> dict:
    return connection.receive("Produce", version)["responses"][0]["partition_responses"][0]


def fetch(connection: Connection, topic: str, partition: int, offset: int, isolation: int = 0, version: int = 11,
          max_bytes: int = 8 << 20, wait: int = 0, min_bytes: int = 0) -> dict:
    answer = connection.ask("Fetch", version, replica_id=-1, max_wait_ms=wait, min_bytes=min_bytes, max_bytes=max_bytes,
                            isolation_level=isolation, topics=[{"topic": topic, "partitions": [
                                {"partition": partition, "fetch_offset": offset, "partition_max_bytes": max_bytes}]}])
    return answer["responses"][0]["partitions"][0]


def create_topic(connection: Connection, name: str, partitions: int = 1, configs: dict[str, str] | None = None,
                 replication: int = 1, **options: object) -> int:
    answer = connection.ask("CreateTopics", 5, timeout_ms=10_000, topics=[
        {"name": name, "num_partitions": partitions, "replication_factor": replication,
         "configs": [{"name": key, "value": value} for key, value in (configs or {}).items()]}], **options)
    return answer["topics"][0]["error_code"]
