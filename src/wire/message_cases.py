"""The part of generate_messages.py that is for tests: fills each message from a seed, and lists all messages."""
from message_table import Entry, Field, Message, Struct, Versions

FILLER_NAMES = {"bool": "boolean", "error": "error_code"}


def fill_value(field: Field, target: str) -> str:
    if field.struct:
        return f"fill({target}, filler, version);"
    return f"{target} = filler.{FILLER_NAMES.get(field.type, field.type)}();"


def condition(versions: Versions) -> str:
    return f"version >= {versions.min} && version <= {versions.max}"


def fill_field(field: Field) -> str:
    if field.is_array and field.nullable:
        value = f"for (auto& element : value.{field.name}.emplace(filler.count())) {fill_value(field, 'element')}"
    elif field.is_array:
        value = (f"value.{field.name}.resize(filler.count());\n"
                 f"    for (auto& element : value.{field.name}) {fill_value(field, 'element')}")
    elif field.struct and field.nullable:
        value = f"fill(value.{field.name}.emplace(), filler, version);"
    else:
        value = fill_value(field, f"value.{field.name}")
    text = f"  if ({condition(field.versions)}) {{\n    {value}\n"
    if field.nullable and field.type != "records":
        text += f"    if ({condition(field.nullable)} && filler.chance(4)) value.{field.name}.reset();\n"
    return text + "  }\n"


def fill_function(name: str, struct: Struct) -> str:
    text = f"void fill([[maybe_unused]] {name}& value, [[maybe_unused]] Filler& filler, [[maybe_unused]] int version) {{\n"
    return text + "".join(fill_field(field) for field in struct.fields) + "}\n\n"


def fill_functions(message: Message) -> str:
    text = "".join(fill_function(f"{message.name}::{struct.name}", struct) for struct in message.structs[:-1])
    return text + fill_function(message.name, message.root)


def cases_file(entries: list[Entry], headers: list[str]) -> str:
    text = '\n#include "wire/testing/message_cases.h"\n'
    text += "".join(f'#include "wire/messages/{header}.h"\n' for header in headers)
    text += "\nnamespace weir::wire {\n\nnamespace {\n\n"
    text += "".join(fill_functions(message) for entry in entries for message in entry.messages)
    text += "constexpr MessageCase kCases[] = {\n"
    for entry in entries:
        key = -1 if entry.key is None else entry.key
        for message in entry.messages:
            is_request = "true" if message.name.endswith("Request") else "false"
            text += (f'    {{"{message.name}", {message.name}::kVersions, {key}, {is_request},\n'
                     f"     encode_filled<{message.name}, fill>, decode_again<{message.name}>}},\n")
    text += "};\n\n}  // namespace\n\nstd::span<const MessageCase> message_cases() { return kCases; }\n\n"
    return text + "}  // namespace weir::wire\n"
