"""Reads messages.txt, whose head explains the notation. For generate_messages.py and tests/wire/messages_test.py."""
import dataclasses
import pathlib
import re

PRIMITIVES = {"bool", "int8", "int16", "int32", "int64", "float64", "uuid", "string", "bytes", "records",
              "error"}
VERSIONS = re.compile(r"\d+(\+|-\d+)?")


@dataclasses.dataclass(frozen=True)
class Versions:
    min: int
    max: int

    def __contains__(self, version: int) -> bool:
        return self.min <= version <= self.max

    def __iter__(self):
        return iter(range(self.min, self.max + 1))


def parse_versions(text: str, newest: int) -> Versions:
    """"3+" ends with `newest`."""
    if text.endswith("+"):
        return Versions(int(text[:-1]), newest)
    first, _, last = text.partition("-")
    return Versions(int(first), int(last or first))


@dataclasses.dataclass
class Struct:
    name: str
    versions: Versions
    fields: list["Field"] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Field:
    name: str
    type: str  # Of one element, in an array.
    is_array: bool
    versions: Versions
    nullable: Versions | None
    tag: int | None
    is_plain: bool
    default: str | None  # None: zero, empty.
    struct: Struct | None = None


@dataclasses.dataclass
class Message:
    name: str  # "FetchRequest"
    versions: Versions
    flexible: int | None  # First flexible version; None if no version is.
    structs: list[Struct]  # Each after those that it uses; the message itself is the last.

    @property
    def root(self) -> Struct:
        return self.structs[-1]

    def is_flexible(self, version: int) -> bool:
        return self.flexible is not None and version >= self.flexible


@dataclasses.dataclass
class Entry:
    """An api, with its request and response, or a message that stands alone."""
    name: str
    section: str
    key: int | None
    versions: Versions
    advertised: Versions
    flexible: int | None
    messages: list[Message]


@dataclasses.dataclass
class Line:
    number: int
    indent: int
    words: list[str]


class TableError(Exception):
    pass


def snake_case(name: str) -> str:
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def read_table(path: pathlib.Path) -> list[Entry]:
    lines = []
    for number, text in enumerate(path.read_text().splitlines(), start=1):
        words = text.partition("#")[0].split()
        if words:
            lines.append(Line(number, (len(text) - len(text.lstrip())) // 2, words))
    try:
        return list(read_entries(lines))
    except TableError as error:
        raise SystemExit(f"{path}:{error}") from None


def read_entries(lines: list[Line]):
    section = ""
    at = 0
    while at < len(lines):
        kind, name, *attributes = lines[at].words
        end = next((i for i in range(at + 1, len(lines)) if lines[i].indent == 0), len(lines))
        if kind == "section":
            section = name
        elif kind in ("api", "message"):
            yield read_entry(lines[at], section, kind, name, attributes, lines[at + 1:end])
        else:
            raise TableError(f"{lines[at].number}: expected section, api or message, found '{kind}'")
        at = end


def read_entry(line: Line, section: str, kind: str, name: str, attributes: list[str], body: list[Line]) -> Entry:
    values = dict(zip(attributes[::2], attributes[1::2]))
    unknown = values.keys() - {"key", "versions", "advertise", "flexible"}
    if unknown or "versions" not in values or len(attributes) % 2:
        raise TableError(f"{line.number}: an {kind} line is 'key K versions A-B [advertise A-B] [flexible V]'")
    versions = parse_versions(values["versions"], 0)
    entry = Entry(name, section, int(values["key"]) if "key" in values else None, versions,
                  parse_versions(values.get("advertise", values["versions"]), 0),
                  int(values["flexible"]) if "flexible" in values else None, [])
    if kind == "message":
        entry.messages.append(MessageReader(name, entry, body, 1).read())
        return entry
    starts = [i for i, candidate in enumerate(body) if candidate.indent == 1]
    if [body[i].words for i in starts] != [["request"], ["response"]]:
        raise TableError(f"{line.number}: an api has the lines 'request' and 'response'")
    entry.messages.append(MessageReader(f"{name}Request", entry, body[1:starts[1]], 2).read())
    entry.messages.append(MessageReader(f"{name}Response", entry, body[starts[1] + 1:], 2).read())
    return entry


class MessageReader:
    def __init__(self, name: str, entry: Entry, lines: list[Line], indent: int):
        self.name = name
        self.entry = entry
        self.lines = lines
        self.indent = indent
        self.structs: dict[str, Struct] = {}

    def read(self) -> Message:
        # Structures are declared first, so that fields find them in any order.
        shared = []
        at = 0
        while at < len(self.lines) and self.lines[at].words[0] == "struct":
            end = self.end_of_block(at)
            struct = Struct(self.lines[at].words[1], self.entry.versions)
            self.structs[struct.name] = struct
            shared.append((struct, at + 1, end))
            at = end
        for struct, begin, end in shared:
            self.read_fields(struct, begin, end, self.indent + 1)
        root = Struct(self.name, self.entry.versions)
        self.read_fields(root, at, len(self.lines), self.indent)
        self.check_names()
        return Message(self.name, self.entry.versions, self.entry.flexible, self.in_order_of_use(root))

    def end_of_block(self, at: int) -> int:
        indent = self.lines[at].indent
        return next((i for i in range(at + 1, len(self.lines)) if self.lines[i].indent <= indent), len(self.lines))

    def read_fields(self, struct: Struct, begin: int, end: int, indent: int) -> None:
        at = begin
        while at < end:
            line = self.lines[at]
            if line.indent != indent:
                raise TableError(f"{line.number}: indented by {line.indent}, expected {indent}")
            field = self.read_field(line, struct.versions)
            struct.fields.append(field)
            block_end = self.end_of_block(at)
            if field.type not in PRIMITIVES:
                if block_end > at + 1:
                    if field.type in self.structs:
                        raise TableError(f"{line.number}: structure '{field.type}' is there already")
                    self.structs[field.type] = Struct(field.type, field.versions)
                    self.read_fields(self.structs[field.type], at + 1, block_end, indent + 1)
                if field.type not in self.structs:
                    raise TableError(f"{line.number}: '{field.type}' is neither a type nor a structure")
                field.struct = self.structs[field.type]
            elif block_end > at + 1:
                raise TableError(f"{line.number}: a field of type {field.type} has no fields of its own")
            at = block_end

    def read_field(self, line: Line, scope: Versions) -> Field:
        if len(line.words) < 2:
            raise TableError(f"{line.number}: a field has a name and a type")
        name, type_text, *rest = line.words
        versions = scope
        if rest and VERSIONS.fullmatch(rest[0]):
            versions = parse_versions(rest.pop(0), scope.max)
            if versions.min not in scope or versions.max not in scope:
                raise TableError(f"{line.number}: '{name}' has versions that its structure does not have")
        base, mark, nullable_text = type_text.partition("?")
        nullable = None
        if mark:
            nullable = parse_versions(nullable_text, versions.max) if nullable_text else versions
        field = Field(name, base.removeprefix("[]"), base.startswith("[]"), versions, nullable, None, False, None)
        while rest:
            word = rest.pop(0)
            if word == "plain":
                field.is_plain = True
            elif word == "tag" and rest:
                field.tag = int(rest.pop(0))
            elif word == "=" and rest:
                field.default = rest.pop(0)
            else:
                raise TableError(f"{line.number}: unknown attribute '{word}'")
        if field.tag is not None and not (self.entry.flexible is not None and versions.min >= self.entry.flexible):
            raise TableError(f"{line.number}: '{name}' is tagged in a version that is not flexible")
        if field.default == "null" and nullable is None:
            raise TableError(f"{line.number}: '{name}' is null by default, but may not be null")
        return field

    def check_names(self) -> None:
        for struct in self.structs.values():
            names = [field.name for field in struct.fields]
            if len(names) != len(set(names)):
                raise TableError(f"{self.lines[0].number}: a field of '{struct.name}' is there twice")

    def in_order_of_use(self, root: Struct) -> list[Struct]:
        ordered: list[Struct] = []

        def visit(struct: Struct) -> None:
            if struct in ordered:
                return
            for field in struct.fields:
                if field.struct:
                    visit(field.struct)
            ordered.append(struct)

        visit(root)
        return ordered
