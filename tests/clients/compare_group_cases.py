"""What compare.py asks about groups: joining, generations, commits, what the admin sees."""
import struct

from compare_cases import Notes, case, committed, coordinator, repeated, topic, until
from kafka_wire import Connection

ME = {"protocol_type": "consumer", "session_timeout_ms": 10_000, "rebalance_timeout_ms": 10_000,
      "protocols": [{"name": "range", "metadata": b"m"}]}


def join(connection: Connection, group: str, member: str = "", version: int = 5, **more: object) -> dict:
    return connection.ask("JoinGroup", version, group_id=group, member_id=member, **(ME | more))


def join_twice(connection: Connection, group: str, **more: object) -> dict:
    """As clients do: the first answer only tells the member's id."""
    return join(connection, group, join(connection, group, **more)["member_id"], **more)


def sync(connection: Connection, group: str, generation: int, member: str, assigned: bytes | None = b"a", instance: str | None = None) -> list[object]:
    assignments = [] if assigned is None else [{"member_id": member, "assignment": assigned}]
    answer = connection.ask("SyncGroup", 3, group_id=group, generation_id=generation, member_id=member, group_instance_id=instance,
                            assignments=assignments)
    return [answer["error_code"], str(answer["assignment"])]


def heartbeat(connection: Connection, group: str, generation: int, member: str, instance: str | None = None) -> int:
    return connection.ask("Heartbeat", 3, group_id=group, generation_id=generation, member_id=member, group_instance_id=instance)["error_code"]


def leave(connection: Connection, group: str, member: str) -> list[int]:
    answer = connection.ask("LeaveGroup", 3, group_id=group, members=[{"member_id": member, "group_instance_id": None}])
    return [answer["error_code"], *(each["error_code"] for each in answer["members"])]


def commit(connection: Connection, group: str, name: str, offset: int, generation: int = -1, member: str = "", partition: int = 0,
           note: str | None = "", version: int = 7) -> list[int]:
    answer = connection.ask("OffsetCommit", version, group_id=group, generation_id_or_member_epoch=generation, member_id=member, topics=[
        {"name": name, "partitions": [{"partition_index": partition, "committed_offset": offset, "committed_metadata": note}]}])
    return [part["error_code"] for each in answer["topics"] for part in each["partitions"]]


def state(connection: Connection, group: str) -> list[object]:
    found = connection.ask("DescribeGroups", 4, groups=[group])["groups"][0]
    return [found["error_code"], found["group_state"], found["protocol_type"], found["protocol_data"], len(found["members"])]


@case
def joining(connection: Connection, notes: Notes) -> None:
    group = "joined"
    coordinator(connection, group)
    for what, answer in [("empty group id", join(connection, "")), ("session too short", join(connection, group, session_timeout_ms=1)),
                         ("session too long", join(connection, group, session_timeout_ms=100_000_000)),
                         ("unknown member", join(connection, group, "nobody")), ("no protocols", join(connection, group, protocols=[])),
                         ("no protocol type", join(connection, group, protocol_type=""))]:
        notes[what] = answer["error_code"]
    first = join(connection, group)
    notes["first answer"] = [first["error_code"], first["generation_id"], first["member_id"] != "", first["leader"]]
    old = join(connection, "joined-old", version=3)
    notes["version 3 joins at once"] = [old["error_code"], old["generation_id"], old["leader"] == old["member_id"]]
    me = join(connection, group, first["member_id"])["member_id"]
    notes["state before sync"] = state(connection, group)
    notes["heartbeat before sync"] = heartbeat(connection, group, 1, me)
    notes["commit before sync"] = commit(connection, group, "none", 1, 1, me)
    notes["sync of another generation"] = sync(connection, group, 2, me)
    notes["sync of an unknown member"] = sync(connection, group, 1, "nobody")
    notes["sync"] = sync(connection, group, 1, me)
    notes["sync again"] = sync(connection, group, 1, me, None)
    notes["stable"] = state(connection, group)
    notes["heartbeat"] = [heartbeat(connection, group, generation, member) for generation, member in [(1, me), (0, me), (2, me), (1, "nobody"), (-1, "")]]
    notes["heartbeat of an unknown group"] = heartbeat(connection, "unknown-group", 1, "x")
    notes["heartbeat without a group"] = heartbeat(connection, "", 1, "x")
    notes["other protocol type"] = join(connection, group, protocol_type="connect")["error_code"]
    notes["other protocol"] = join(connection, group, protocols=[{"name": "other", "metadata": b""}])["error_code"]
    notes["delete while it has members"] = delete(connection, group)
    again = join(connection, group, me)
    notes["the leader joins again"] = [again["error_code"], again["generation_id"], again["protocol_name"]]
    notes["leave, unknown member"] = leave(connection, group, "nobody")
    notes["leave"] = leave(connection, group, me)
    notes["leave again"] = leave(connection, group, me)
    notes["empty without commits"] = state(connection, group)
    notes["listed without commits"] = [each["group_state"] for each in connection.ask("ListGroups", 4)["groups"] if each["group_id"] == group]


@case
def static_members(connection: Connection, notes: Notes) -> None:
    group = "static"
    coordinator(connection, group)
    first = join(connection, group, group_instance_id="one")
    notes["joins at once"] = [first["error_code"], first["generation_id"]]
    notes["sync"] = sync(connection, group, 1, first["member_id"], instance="one")
    second = join(connection, group, group_instance_id="one")
    notes["comes back"] = [second["error_code"], second["generation_id"], second["member_id"] != first["member_id"]]
    notes["the old one's heartbeat"] = heartbeat(connection, group, 1, first["member_id"], "one")
    notes["sync afterwards"] = sync(connection, group, second["generation_id"], second["member_id"], None, "one")
    notes["instance with another id"] = heartbeat(connection, group, 1, "other", "one")


@case
def commits(connection: Connection, notes: Notes) -> None:
    group, name = "committed", topic(connection, "committed-topic", 2)
    coordinator(connection, group)
    notes["never committed"] = committed(connection, group, name)
    notes["without members"] = commit(connection, group, name, 5, note="note")
    notes["what is kept"] = committed(connection, group, name)
    notes["null note"] = [commit(connection, group, name, 6, note=None), committed(connection, group, name)]
    notes["negative offset"] = [commit(connection, group, name, -2), committed(connection, group, name)]
    notes["past the end"] = commit(connection, group, name, 10_000)
    notes["unknown topic"] = [commit(connection, group, "unknown", 5), committed(connection, group, "unknown")]
    notes["unknown partition"] = [commit(connection, group, name, 5, partition=7), committed(connection, group, name, partition=7)]
    notes["note of 5000 characters"] = commit(connection, group, name, 5, note="x" * 5000)
    notes["empty group id"] = commit(connection, "", name, 5)
    notes["a generation of an empty group"] = commit(connection, group, name, 5, 3, "nobody")
    notes["a generation of an unknown group"] = commit(connection, "unknown-committed", name, 5, 3, "nobody")
    notes["state"] = state(connection, group)
    notes["listed"] = [each["group_state"] for each in connection.ask("ListGroups", 4)["groups"] if each["group_id"] == group]
    # What consumers put there: version 0, one topic, no data of their own.
    subscription = struct.pack(">hih", 0, 1, len(name)) + name.encode() + struct.pack(">i", -1)
    me = join_twice(connection, group, protocols=[{"name": "range", "metadata": subscription}])["member_id"]
    sync(connection, group, 1, me)
    notes["of a member"] = commit(connection, group, name, 7, state_generation(connection, group, me), me)
    notes["wrong generation"] = commit(connection, group, name, 8, 99, me)
    notes["wrong member"] = commit(connection, group, name, 8, 1, "nobody")
    notes["no member while there are some"] = commit(connection, group, name, 8)
    notes["delete offsets of a subscribed topic"] = delete_offsets(connection, group, name)
    leave(connection, group, me)
    notes["kept after all have left"] = [committed(connection, group, name), state(connection, group)]
    notes["delete offsets"] = delete_offsets(connection, group, name)
    notes["after deleting"] = committed(connection, group, name)
    commit(connection, group, name, 9)
    notes["delete the group"] = delete(connection, group)
    notes["delete again"] = delete(connection, group)
    notes["state after"] = state(connection, group)
    notes["delete offsets of an unknown group"] = delete_offsets(connection, "unknown-group", name)


def state_generation(connection: Connection, group: str, member: str) -> int:
    return next((generation for generation in range(1, 9) if heartbeat(connection, group, generation, member) == 0), -9)


def delete(connection: Connection, group: str) -> int:
    return repeated(lambda: connection.ask("DeleteGroups", 1, groups_names=[group])["results"][0]["error_code"])


def delete_offsets(connection: Connection, group: str, name: str) -> list[object]:
    answer = connection.ask("OffsetDelete", 0, group_id=group, topics=[{"name": name, "partitions": [{"partition_index": 0}]}])
    return [answer["error_code"], [part["error_code"] for each in answer["topics"] for part in each["partitions"]]]


@case
def session_ends(connection: Connection, notes: Notes) -> None:
    group = "expires"
    coordinator(connection, group)
    me = join_twice(connection, group, session_timeout_ms=300, rebalance_timeout_ms=300)["member_id"]
    sync(connection, group, 1, me)
    notes["a member that is silent is put out"] = until(lambda: state(connection, group)[4] == 0, 10)
    notes["its heartbeat"] = heartbeat(connection, group, 1, me)


@case
def coordinators(connection: Connection, notes: Notes) -> None:
    for kind in (0, 1, 2, 9):
        notes[f"of type {kind}"] = repeated_find(connection, "key:AAAAAAAAAAAAAAAAAAAAAA:0" if kind == 2 else "key", kind)
    notes["of an empty group"] = repeated_find(connection, "", 0)
    notes["of an empty transactional id"] = repeated_find(connection, "", 1)


def repeated_find(connection: Connection, key: str, kind: int) -> int:
    answers = []
    until(lambda: answers.append(connection.ask("FindCoordinator", 2, key=key, key_type=kind)["error_code"]) or answers[-1] != 15, 3)
    return answers[-1]
