"""Turns messages.txt into C++.

    generate_messages.py TABLE FOLDER           writes the files below FOLDER
    generate_messages.py TABLE FOLDER --list    prints their names, one a line, and writes nothing

For each api `messages/<api>.h`; for each section with messages that stand alone `messages/<section>.h`; for each section
a source `messages/<section>.cc`; `messages/api_key.h` and `messages/api_table.cc`; and for tests `messages/cases.cc`.
"""
import pathlib
import re
import sys

from message_table import Entry, Field, Message, Struct, Versions, read_table, snake_case
import message_cases

CPP_TYPES = {
    "bool": "bool", "int8": "std::int8_t", "int16": "std::int16_t", "int32": "std::int32_t", "int64": "std::int64_t",
    "float64": "double", "uuid": "Uuid", "string": "std::string", "bytes": "std::string", "records": "Records",
    "error": "ErrorCode",
}
CODEC_NAMES = {"bool": "boolean", "error": "error_code"}
FIXED_SIZES = {"bool": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8, "float64": 8, "uuid": 16, "error": 2}
HEAD = "// Made from src/wire/messages.txt by generate_messages.py.\n"


def header_of(entry: Entry) -> str:
    return snake_case(entry.name) if entry.key is not None else entry.section


# ---- The structures

def element_type(field: Field) -> str:
    return field.struct.name if field.struct else CPP_TYPES[field.type]


def field_type(field: Field) -> str:
    type_name = f"std::vector<{element_type(field)}>" if field.is_array else element_type(field)
    # Records know null by themselves.
    return f"std::optional<{type_name}>" if field.nullable and field.type != "records" else type_name


def default_value(field: Field) -> str:
    """As an initialiser, "" where the type's own does it."""
    if field.default == "null":
        return ""
    if field.nullable and field.type != "records":
        if field.is_array or field.struct:
            return "{std::in_place}"
        return '= ""'
    if field.is_array or field.struct or field.type in ("uuid", "records", "bytes"):
        return "{}" if field.type == "uuid" and not field.is_array else ""
    if field.type == "string":
        return f'= "{field.default}"' if field.default else ""
    if field.default is None:
        return {"bool": "= false", "error": "= ErrorCode::none"}.get(field.type, "= 0")
    # The smallest number has no literal: 2147483648 is out of range before it is negated.
    return "= std::numeric_limits<std::int32_t>::min()" if field.default == "-2147483648" else f"= {field.default}"


def declare_field(field: Field, indent: str, scope: Versions) -> str:
    default = default_value(field)
    separator = "" if default.startswith("{") or not default else " "
    notes = []
    if field.versions != scope:
        notes.append(version_words(field.versions, scope))
    if field.tag is not None:
        notes.append(f"tag {field.tag}")
    comment = f"  // {', '.join(notes)}" if notes else ""
    return f"{indent}{field_type(field)} {field.name}{separator}{default};{comment}\n"


def version_words(versions: Versions, scope: Versions) -> str:
    if versions.max == scope.max:
        return f"v{versions.min}+"
    return f"v{versions.min}" if versions.min == versions.max else f"v{versions.min}-{versions.max}"


def declare_struct(struct: Struct) -> str:
    text = f"struct {struct.name} {{\n"
    text += "".join(declare_field(field, "  ", struct.versions) for field in struct.fields)
    text += "\n  void decode(Decoder& decoder, int version);\n  void encode(Encoder& encoder, int version) const;\n"
    return text + f"  bool operator==(const {struct.name}&) const = default;\n}};\n\n"


def declare_structs(message: Message) -> str:
    """In a namespace, since a class inside another is not complete to std::optional before the outer one is."""
    structs = message.structs[:-1]
    if not structs:
        return ""
    name = snake_case(message.name)
    return f"namespace {name} {{\n\n{''.join(map(declare_struct, structs))}}}  // namespace {name}\n\n"


def declare_message(entry: Entry, message: Message) -> str:
    text = f"{declare_structs(message)}struct {message.name} {{\n"
    if entry.key is not None:
        text += f"  static constexpr ApiKey kKey = ApiKey::{snake_case(entry.name)};\n"
    text += f"  static constexpr VersionRange kVersions{{{message.versions.min}, {message.versions.max}}};\n\n"
    if message.structs[:-1]:
        text += "".join(f"  using {struct.name} = {snake_case(message.name)}::{struct.name};\n" for struct in message.structs[:-1])
        text += "\n"
    text += "".join(declare_field(field, "  ", message.versions) for field in message.root.fields)
    text += f"\n  // ErrorKind::corrupt if the message ends early, breaks a rule, or is of no version in kVersions.\n"
    text += "  Status decode(Decoder& decoder, int version);\n"
    text += "  // `version` is one of kVersions.\n  void encode(Encoder& encoder, int version) const;\n"
    return text + f"  bool operator==(const {message.name}&) const = default;\n}};\n\n"


def header_file(entries: list[Entry]) -> str:
    text = HEAD + "#pragma once\n\n#include <limits>\n\n"
    text += '#include "wire/frame.h"\n'
    if entries[0].key is not None:
        text += '#include "wire/messages/api_key.h"\n'
    text += "\nnamespace weir::wire {\n\n"
    text += "".join(declare_message(entry, message) for entry in entries for message in entry.messages)
    return text + "}  // namespace weir::wire\n"


# ---- Conditions on the version

def condition(versions: Versions, scope: Versions) -> str:
    """C++ that is true in `versions`, where only those of `scope` come up. "" if it is always true."""
    parts = []
    if versions.min > scope.min:
        parts.append(f"version >= {versions.min}")
    if versions.max < scope.max:
        parts.append(f"version <= {versions.max}")
    return " && ".join(parts)


def flexible_text(message: Message, field: Field) -> str:
    if field.is_plain or message.flexible is None or message.flexible > field.versions.max:
        return "false"
    if message.flexible <= field.versions.min:
        return "true"
    return "flexible"


def element_size(message: Message, field: Field, version: int) -> int:
    """The least bytes that one element of the field takes."""
    if field.struct:
        return struct_size(message, field.struct, version)
    if field.type in FIXED_SIZES:
        return FIXED_SIZES[field.type]
    if message.is_flexible(version) and not field.is_plain:
        return 1
    return 2 if field.type == "string" else 4


def struct_size(message: Message, struct: Struct, version: int) -> int:
    size = 1 if message.is_flexible(version) else 0
    for field in struct.fields:
        if version not in field.versions or field.tag is not None:
            continue
        if field.is_array:
            size += 1 if message.is_flexible(version) else 4
        elif field.struct and field.nullable:
            size += 1
        else:
            size += element_size(message, field, version)
    return size


def element_size_text(message: Message, field: Field) -> str:
    """C++ for element_size() in `version`."""
    sizes: list[tuple[int, int]] = []  # From this version on, this size.
    for version in field.versions:
        size = element_size(message, field, version)
        assert size > 0, field
        if not sizes or sizes[-1][1] != size:
            sizes.append((version, size))
    text = str(sizes[0][1])
    for version, size in sizes[1:]:
        text = f"version >= {version} ? {size} : {text}"
    return text


# ---- Decoding and encoding

class CodeWriter:
    """The body of a function, indented by braces."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.depth = 1

    def line(self, text: str) -> None:
        self.lines.append("  " * self.depth + text)

    def open(self, text: str) -> None:
        self.line(text + " {")
        self.depth += 1

    def middle(self, text: str) -> None:
        self.depth -= 1
        self.line(f"}} {text} {{")
        self.depth += 1

    def close(self) -> None:
        self.depth -= 1
        self.line("}")

    def text(self) -> str:
        return "".join(line + "\n" for line in self.lines)


def paths_of(message: Message) -> dict[str, str]:
    """How errors name the place of each structure's fields: "topics[..].partitions[..].", or, for one that several
    fields use, "TopicPartitions."."""
    users: dict[str, list[tuple[Struct, Field]]] = {}
    for struct in message.structs:
        for field in struct.fields:
            if field.struct:
                users.setdefault(field.struct.name, []).append((struct, field))
    paths = {message.name: ""}
    for struct in reversed(message.structs[:-1]):
        uses = users[struct.name]
        if len(uses) > 1:
            paths[struct.name] = f"{struct.name}."
        else:
            owner, field = uses[0]
            paths[struct.name] = f"{paths[owner.name]}{field.name}{'[..]' if field.is_array else ''}."
    return paths


def read_value(message: Message, field: Field, path: str, nullable: bool) -> str:
    """C++ that yields one value that is no array and no structure."""
    name = CODEC_NAMES.get(field.type, field.type)
    if field.type in FIXED_SIZES:
        return f'decoder.{name}("{path}")'
    prefix = "nullable_" if nullable and field.type != "records" else ""
    return f'decoder.{prefix}{name}({flexible_text(message, field)}, "{path}")'


def decode_elements(code: CodeWriter, message: Message, field: Field, path: str, target: str) -> None:
    code.open(f"for (auto& element : {target})")
    if field.struct:
        code.line("element.decode(decoder, version);")
        code.line("if (decoder.failed()) break;")
    elif field.type in FIXED_SIZES:
        code.line(f"element = {read_value(message, field, path, False)};")
    else:
        code.line(f"element = {read_value(message, field, path, False)};")
        code.line("if (decoder.failed()) break;")
    code.close()


def decode_present(code: CodeWriter, message: Message, field: Field, path: str, nullable: bool) -> None:
    """The field in versions that have it, in all of which it may be null, or in none."""
    flexible = flexible_text(message, field)
    element_path = f"{path}[..]"
    if field.is_array:
        sizes = f"{{{element_size_text(message, field)}, sizeof({element_type(field)})}}"
        call = f'({flexible}, {sizes}, "{path}")'
        vector = f"std::vector<{element_type(field)}>"
        if nullable:
            code.open(f"if (const auto size = decoder.nullable_array_size{call})")
            decode_elements(code, message, field, element_path, f"{field.name}.emplace(*size)")
            code.middle("else")
            code.line(f"{field.name}.reset();")
            code.close()
        elif field.nullable:
            decode_elements(code, message, field, element_path, f"{field.name}.emplace(decoder.array_size{call})")
        else:
            code.line(f"{field.name} = {vector}(decoder.array_size{call});")
            decode_elements(code, message, field, element_path, field.name)
    elif field.struct:
        if nullable:
            code.open(f'if (decoder.is_present("{path}"))')
            code.line(f"{field.name}.emplace().decode(decoder, version);")
            code.middle("else")
            code.line(f"{field.name}.reset();")
            code.close()
        else:
            code.line(f"{field.name}.decode(decoder, version);")
    else:
        code.line(f"{field.name} = {read_value(message, field, path, nullable)};")


def by_nullability(code: CodeWriter, field: Field, write) -> None:
    """Calls write(nullable), twice if that depends on the version."""
    if field.nullable and field.nullable != field.versions:
        code.open(f"if ({condition(field.nullable, field.versions)})")
        write(True)
        code.middle("else")
        write(False)
        code.close()
    else:
        write(field.nullable is not None)


def decode_function(message: Message, struct: Struct, path: str) -> str:
    code = CodeWriter()
    scope = struct.versions
    tagged = [field for field in struct.fields if field.tag is not None]
    for field in struct.fields:
        if field.tag is None:
            write_field(code, field, scope, lambda nullable, field=field: decode_present(
                code, message, field, path + field.name, nullable))
    if message.flexible is not None and message.flexible <= scope.max:
        guard = condition(Versions(message.flexible, scope.max), scope)
        if not tagged:
            code.line((f"if ({guard}) " if guard else "") + f'decoder.skip_tags("{path}tags");')
        else:
            if guard:
                code.open(f"if ({guard})")
            decode_tags(code, message, tagged, scope, path)
            if guard:
                code.close()
    return code.text()


def write_field(code: CodeWriter, field: Field, scope: Versions, write) -> None:
    guard = condition(field.versions, scope)
    if guard:
        code.open(f"if ({guard})")
    by_nullability(code, field, write)
    if guard:
        code.close()


def decode_tags(code: CodeWriter, message: Message, tagged: list[Field], scope: Versions, path: str) -> None:
    code.line(f'decoder.tags("{path}tags", [&](std::uint32_t tag) {{')
    code.depth += 1
    for field in tagged:
        guard = condition(field.versions, Versions(max(scope.min, message.flexible), scope.max))
        code.open(f"if (tag == {field.tag}" + (f" && {guard})" if guard else ")"))
        by_nullability(code, field, lambda nullable, field=field: decode_present(
            code, message, field, path + field.name, nullable))
        code.line("return true;")
        code.close()
    code.line("return false;")
    code.depth -= 1
    code.line("});")


def write_value(message: Message, field: Field, value: str, nullable: bool) -> str:
    name = CODEC_NAMES.get(field.type, field.type)
    if field.type in FIXED_SIZES:
        return f"encoder.{name}({value});"
    prefix = "nullable_" if nullable and field.type != "records" else ""
    return f"encoder.{prefix}{name}({flexible_text(message, field)}, {value});"


def encode_array(code: CodeWriter, message: Message, field: Field, value: str) -> None:
    code.line(f"encoder.array_size({flexible_text(message, field)}, {value}.size());")
    loop_type = f"const {element_type(field)}" + ("" if field.type in FIXED_SIZES and field.type != "uuid" else "&")
    if field.struct:
        code.line(f"for ({loop_type} element : {value}) element.encode(encoder, version);")
    else:
        code.line(f"for ({loop_type} element : {value}) {write_value(message, field, 'element', False)}")


def encode_present(code: CodeWriter, message: Message, field: Field, nullable: bool) -> None:
    flexible = flexible_text(message, field)
    if field.is_array and field.nullable:
        code.open(f"if ({field.name})")
        encode_array(code, message, field, f"(*{field.name})")
        code.middle("else")
        code.line(f"encoder.null_array({flexible});" if nullable else f"encoder.array_size({flexible}, 0);")
        code.close()
    elif field.is_array:
        encode_array(code, message, field, field.name)
    elif field.struct and nullable:
        code.line(f"encoder.present({field.name}.has_value());")
        code.line(f"if ({field.name}) {field.name}->encode(encoder, version);")
    elif field.struct:
        code.line(f"{field.name}.encode(encoder, version);")
    elif field.nullable and not nullable and field.type != "records":
        code.line(write_value(message, field, f"{field.name} ? std::string_view(*{field.name}) : std::string_view()", False))
    else:
        code.line(write_value(message, field, field.name, nullable))


def differs_from_default(field: Field) -> str:
    if field.default == "null":
        return f"{field.name}.has_value()"
    if field.nullable:
        return f"!({field.name}.has_value() && {field.name}->empty())"
    if field.is_array or field.type in ("string", "bytes"):
        return f"!{field.name}.empty()"
    if field.struct:
        return f"!({field.name} == {field.struct.name}{{}})"
    if field.type == "uuid":
        return f"{field.name} != Uuid{{}}"
    if field.type == "bool":
        return f"!{field.name}" if field.default == "true" else field.name
    if field.type == "error":
        return f"{field.name} != ErrorCode::none"
    return f"{field.name} != {field.default or 0}"


def encode_function(message: Message, struct: Struct) -> str:
    code = CodeWriter()
    scope = struct.versions
    for field in struct.fields:
        if field.tag is None:
            write_field(code, field, scope, lambda nullable, field=field: encode_present(code, message, field, nullable))
    if message.flexible is None or message.flexible > scope.max:
        return code.text()
    tagged = sorted((field for field in struct.fields if field.tag is not None), key=lambda field: field.tag)
    guard = condition(Versions(message.flexible, scope.max), scope)
    if not tagged:
        code.line((f"if ({guard}) " if guard else "") + "encoder.unsigned_varint(0);")
        return code.text()
    if guard:
        code.open(f"if ({guard})")
    encode_tags(code, message, tagged, Versions(max(scope.min, message.flexible), scope.max))
    if guard:
        code.close()
    return code.text()


def encode_tags(code: CodeWriter, message: Message, tagged: list[Field], scope: Versions) -> None:
    for field in tagged:
        parts = [part for part in (condition(field.versions, scope), differs_from_default(field)) if part]
        code.line(f"const bool has_{field.name} = {' && '.join(parts)};")
    code.line(f"encoder.unsigned_varint({' + '.join(f'unsigned{{has_{field.name}}}' for field in tagged)});")
    for field in tagged:
        code.open(f"if (has_{field.name})")
        code.line(f"const std::size_t begin = encoder.begin_tag({field.tag});")
        by_nullability(code, field, lambda nullable, field=field: encode_present(code, message, field, nullable))
        code.line("encoder.end_tag(begin);")
        code.close()


def flexible_line(message: Message, versions: Versions, body: str) -> str:
    if message.flexible is None or not versions.min < message.flexible <= versions.max or "flexible" not in body:
        return ""
    return f"  const bool flexible = version >= {message.flexible};\n"


def signature(kind: str, scope_name: str, body: str) -> str:
    """Of a structure's function; parameters that it does not use have no name."""
    codec = "Decoder" if kind == "decode" else "Encoder"
    codec_name = f" {codec.lower()}" if f"{codec.lower()}." in body or "(decoder" in body or "(encoder" in body else ""
    version_name = " version" if re.search(r"\bversion\b", body) else ""
    constant = " const" if kind == "encode" else ""
    return f"void {scope_name}::{kind}({codec}&{codec_name}, int{version_name}){constant}"


def define_struct(message: Message, struct: Struct, path: str) -> str:
    text = ""
    for kind, body in (("decode", decode_function(message, struct, path)), ("encode", encode_function(message, struct))):
        body = flexible_line(message, struct.versions, body) + body
        text += f"{signature(kind, f'{snake_case(message.name)}::{struct.name}', body)} {{\n{body}}}\n\n"
    return text


def define_message(message: Message) -> str:
    paths = paths_of(message)
    text = f"// ---- {message.name}\n\n"
    text += "".join(define_struct(message, struct, paths[struct.name]) for struct in message.structs[:-1])
    body = decode_function(message, message.root, "")
    text += f"Status {message.name}::decode(Decoder& decoder, int version) {{\n"
    text += f'  TRY(check_version("{message.name}", kVersions, version));\n  *this = {{}};\n'
    text += flexible_line(message, message.versions, body) + body
    text += f'  return decoder.status("{message.name}", version);\n}}\n\n'
    body = encode_function(message, message.root)
    encoder = "Encoder& encoder" if body else "Encoder&"
    text += f"void {message.name}::encode({encoder}, int version) const {{\n  CHECK(kVersions.contains(version));\n"
    return text + flexible_line(message, message.versions, body) + body + "}\n\n"


def source_file(entries: list[Entry]) -> str:
    headers = sorted({header_of(entry) for entry in entries})
    text = HEAD + '\n#include "base/check.h"\n#include "wire/check_version.h"\n'
    text += "".join(f'#include "wire/messages/{header}.h"\n' for header in headers)
    text += "\nnamespace weir::wire {\n\n"
    text += "".join(define_message(message) for entry in entries for message in entry.messages)
    return text + "}  // namespace weir::wire\n"


# ---- The list of APIs

def api_key_file(entries: list[Entry]) -> str:
    text = HEAD + "#pragma once\n\n#include <cstdint>\n\nnamespace weir::wire {\n\n"
    text += "// The APIs that weir knows, by their number on the wire.\nenum class ApiKey : std::int16_t {\n"
    text += "".join(f"  {snake_case(entry.name)} = {entry.key},\n" for entry in entries)
    return text + "};\n\n}  // namespace weir::wire\n"


def api_table_file(entries: list[Entry]) -> str:
    text = HEAD + '\n#include <limits>\n\n#include "wire/api.h"\n\nnamespace weir::wire {\n\nnamespace {\n\nconstexpr ApiInfo kApis[] = {\n'
    for entry in entries:
        first_flexible = "std::numeric_limits<int>::max()" if entry.flexible is None else entry.flexible
        text += (f'    {{ApiKey::{snake_case(entry.name)}, "{entry.name}", {{{entry.advertised.min}, {entry.advertised.max}}}, '
                 f"{{{entry.versions.min}, {entry.versions.max}}}, {first_flexible}}},\n")
    text += "};\n\n}  // namespace\n\nstd::span<const ApiInfo> apis() { return kApis; }\n\n"
    return text + "}  // namespace weir::wire\n"


def all_files(entries: list[Entry]) -> dict[str, str]:
    files = {}
    headers: dict[str, list[Entry]] = {}
    sections: dict[str, list[Entry]] = {}
    for entry in entries:
        headers.setdefault(header_of(entry), []).append(entry)
        sections.setdefault(entry.section, []).append(entry)
    for name, group in headers.items():
        files[f"{name}.h"] = header_file(group)
    for name, group in sections.items():
        files[f"{name}.cc"] = source_file(group)
    apis = sorted((entry for entry in entries if entry.key is not None), key=lambda entry: entry.key)
    files["api_key.h"] = api_key_file(apis)
    files["api_table.cc"] = api_table_file(apis)
    files["cases.cc"] = HEAD + message_cases.cases_file(entries, sorted(headers))
    return files


def main() -> int:
    table, folder = map(pathlib.Path, sys.argv[1:3])
    files = all_files(read_table(table))
    for name, text in files.items():
        path = folder / "wire" / "messages" / name
        if sys.argv[3:] == ["--list"]:
            print(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        # What did not change keeps its time, so that little is compiled again.
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
