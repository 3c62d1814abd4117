"""Compares src/wire/messages.txt with the message definitions in Apache Kafka's client library.

usage: messages_test.py SOURCE_ROOT [JAR…]

Without a JAR, every kafka-clients-*.jar is taken that lies in a folder `shared` beside the checkout or in the local Maven
repository; with none the test is skipped (exit code 77). A library of version 4 no longer knows old versions and one of
version 3 not yet the new ones, so each is asked about the versions it knows. What no library knows is told, and is a
failure only if there is a library of version 3 and one of version 4.
"""
import json
import pathlib
import re
import sys
import zipfile

ROOT = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(ROOT / "src" / "wire"))
sys.dont_write_bytecode = True

from message_table import Entry, Message, Struct, Versions, parse_versions, read_table, snake_case  # noqa: E402

NEWEST = 1000
SKIPPED = 77
ZEROS = {"", "0", "false", "[]"}


def find_jars() -> list[pathlib.Path]:
    shared = ROOT.parent / "shared"
    maven = pathlib.Path.home() / ".m2" / "repository" / "org" / "apache" / "kafka" / "kafka-clients"
    return sorted([*shared.rglob("kafka-clients-*.jar"), *maven.rglob("kafka-clients-*.jar")])


def read_definition(jar: zipfile.ZipFile, name: str) -> dict | None:
    path = f"common/message/{name}.json"
    if path not in jar.namelist():
        return None
    return json.loads(re.sub(r"^\s*//.*$", "", jar.read(path).decode(), flags=re.M))


def has_version(text: str | None, version: int) -> bool:
    return text not in (None, "", "none") and version in parse_versions(text, NEWEST)


def default_of(text: object) -> str:
    """The same text for all ways to write a default."""
    text = str(text).lower() if isinstance(text, bool) else str(text)
    if re.fullmatch(r"-?0x[0-9a-fA-F]+", text):
        text = str(int(text, 16))
    return "" if text in ZEROS else text


# One version of a message is a list of lines, so that a difference is easy to print.

def lines_of_definition(definition: dict, version: int) -> list[str]:
    shared = {struct["name"]: struct["fields"] for struct in definition.get("commonStructs", [])}

    def lines(fields: list[dict], indent: str, struct: str) -> list[str]:
        result = []
        for field in fields:
            if not has_version(field["versions"], version):
                continue
            words = [f"{indent}{struct}.{snake_case(field['name'])}", field["type"]]
            if has_version(field.get("nullableVersions"), version):
                words.append("nullable")
            if has_version(field.get("taggedVersions"), version):
                words.append(f"tag {field['tag']}")
            if field.get("flexibleVersions") == "none":
                words.append("plain")
            if default := default_of(field.get("default", "")):
                words.append(f"= {default}")
            result.append(" ".join(words))
            name = field["type"].removeprefix("[]")
            result += lines(field.get("fields") or shared.get(name, []), indent + "  ", name)
        return result

    return lines(definition["fields"], "", definition["name"])


def lines_of_table(struct: Struct, version: int, indent: str = "") -> list[str]:
    result = []
    for field in struct.fields:
        if version not in field.versions:
            continue
        words = [f"{indent}{struct.name}.{field.name}", ("[]" if field.is_array else "") + ("int16" if field.type == "error" else field.type)]
        if field.nullable and version in field.nullable:
            words.append("nullable")
        if field.tag is not None:
            words.append(f"tag {field.tag}")
        if field.is_plain:
            words.append("plain")
        if default := default_of(field.default or ""):
            words.append(f"= {default}")
        result.append(" ".join(words))
        if field.struct:
            result += lines_of_table(field.struct, version, indent + "  ")
    return result


def check_message(entry: Entry, message: Message, definition: dict, known: set[int]) -> list[str]:
    problems = []
    if entry.key is not None and definition["apiKey"] != entry.key:
        problems.append(f"key {entry.key}, not {definition['apiKey']}")
    valid = parse_versions(definition["validVersions"], NEWEST)
    for version in message.versions:
        if version not in valid:
            continue
        known.add(version)
        if message.is_flexible(version) != has_version(definition["flexibleVersions"], version):
            problems.append(f"v{version}: flexible is {message.is_flexible(version)}")
        ours, theirs = lines_of_table(message.root, version), lines_of_definition(definition, version)
        problems += [f"v{version}: the table has    {line.strip()}" for line in ours if line not in theirs]
        problems += [f"v{version}: the table lacks  {line.strip()}" for line in theirs if line not in ours]
        untagged = [[line for line in lines if " tag " not in line] for lines in (ours, theirs)]
        if not problems and untagged[0] != untagged[1]:
            problems.append(f"v{version}: the fields are in another order")
    return problems


def main() -> int:
    jars = [pathlib.Path(name) for name in sys.argv[2:]] or find_jars()
    if not jars:
        print("skipped: no kafka-clients-*.jar beside the checkout (../shared) or in the local Maven repository")
        return SKIPPED
    entries = [entry for entry in read_table(ROOT / "src" / "wire" / "messages.txt") if entry.section != "internal_topics"]
    problems = []
    known: dict[str, set[int]] = {message.name: set() for entry in entries for message in entry.messages}
    for path in jars:
        with zipfile.ZipFile(path) as jar:
            for entry in entries:
                for message in entry.messages:
                    if definition := read_definition(jar, message.name):
                        found = check_message(entry, message, definition, known[message.name])
                        problems += [f"{path.name}: {message.name} {problem}" for problem in found]
    is_complete = {"3", "4"} <= {path.name.removeprefix("kafka-clients-")[0] for path in jars}
    for entry in entries:
        for message in entry.messages:
            for version in sorted(set(message.versions) - known[message.name]):
                line = f"{message.name} v{version}: no library knows this version"
                print(line)
                if is_complete:
                    problems.append(line)
    for problem in problems:
        print(problem)
    count = sum(len(versions) for versions in known.values())
    print(f"{len(known)} messages, {count} versions compared with {', '.join(path.name for path in jars)}: "
          f"{len(problems)} problems")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
