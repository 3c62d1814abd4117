#include "broker/groups/group_coordinator.h"

#include <algorithm>
#include <iterator>

#include "broker/groups/group_records.h"
#include "io/random.h"

namespace weir::broker {

using wire::ErrorCode;

namespace {

constexpr std::chrono::minutes kExpiryInterval{10};

void append(std::vector<Row>& rows, std::vector<Row> more) {
  std::ranges::move(more, std::back_inserter(rows));
}

std::vector<Row> forgotten_members_rows(const GroupCoordinator::Group& group) {
  if (const ConsumerGroup* consumer = group.consumer()) return forgotten_rows(*consumer);
  return {forgotten_group_row(group.id)};
}

}  // namespace

// ---------------------------------------------------------------- starting

Result<std::unique_ptr<GroupCoordinator>> GroupCoordinator::open(StoredTable table, ReadTopics read_topics,
                                                                 std::chrono::milliseconds offsets_retention, Now now) {
  std::unique_ptr<GroupCoordinator> coordinator(
      new GroupCoordinator(std::move(table), std::move(read_topics), offsets_retention));
  TRY(coordinator->load(now));
  coordinator->expiry_due_ = now.steady + kExpiryInterval;
  return coordinator;
}

Status GroupCoordinator::load(Now now) {
  Status failure;
  StoredConsumerGroups consumer_groups;
  const auto on_row = [&](const StoredRow& row) {
    if (!failure) return;
    failure = load_row(row, consumer_groups, now);
  };
  TRY(read_rows(table_.partition(), on_row,
                [&](std::int64_t producer_id, bool is_commit) { transaction_ended(producer_id, is_commit); }));
  TRY(failure);
  restore(std::move(consumer_groups), now);
  return {};
}

void GroupCoordinator::restore(StoredConsumerGroups consumer_groups, Now now) {
  std::erase_if(consumer_groups, [](const auto& entry) { return !entry.second.epoch; });
  if (consumer_groups.empty()) return;
  refresh_topics(now);
  for (auto& [id, stored] : consumer_groups) {
    Group& owner = group(id);
    // A classic group has members only after the consumer group's rows were forgotten.
    if (owner.has_members()) continue;
    ConsumerGroup::Changes changes;
    ConsumerGroup& restored = owner.members.emplace<ConsumerGroup>(id, topics_);
    restored.restore(std::move(stored), now, changes);
    table_.write(rows_of(restored, changes), now);
  }
}

Status GroupCoordinator::load_row(const StoredRow& row, StoredConsumerGroups& consumer_groups, Now now) {
  TRY(auto offset, read_offset_row(row));
  if (offset) {
    Group& owner = group(offset->group);
    Offsets& offsets = row.producer.id >= 0 ? owner.pending[row.producer.id] : owner.offsets;
    if (offset->committed) {
      offsets[offset->partition] = std::move(*offset->committed);
    } else {
      offsets.erase(offset->partition);
    }
    return {};
  }
  TRY(auto stored, read_group_row(row));
  if (!stored) return read_consumer_group_row(row, consumer_groups);
  ClassicGroup& classic = *group(stored->id).classic();
  classic.set_empty_since(stored->since);
  classic.restore(stored->generation, std::move(stored->protocol_type), std::move(stored->protocol),
                  std::move(stored->leader), std::move(stored->members), now);
  return {};
}

GroupCoordinator::Group& GroupCoordinator::group(const std::string& id) {
  return groups_.try_emplace(id, id).first->second;
}

// ---------------------------------------------------------------- members

Waiter GroupCoordinator::park(Call call) {
  waiting_.emplace(++last_waiter_, std::move(call));
  return last_waiter_;
}

void GroupCoordinator::deliver(Group& group, ClassicGroup::Outbox& out, Now now) {
  const auto answer = [&](Waiter waiter, const auto& response) {
    const auto call = waiting_.find(waiter);
    if (call == waiting_.end()) return;  // Its connection has gone.
    call->second.answer(response);
    waiting_.erase(call);
  };
  for (const auto& [waiter, response] : out.joins) answer(waiter, response);
  for (const auto& [waiter, response] : out.syncs) answer(waiter, response);
  if (!out.has_changed) return;
  const ClassicGroup& classic = *group.classic();
  // Members come back by themselves after a crash, so nobody waits for this. While a group settles there is nothing
  // worth keeping.
  const auto state = classic.state();
  if (state == ClassicGroup::State::stable || state == ClassicGroup::State::empty) {
    table_.write({group_row(classic, now.wall)}, now);
  }
}

ClassicGroup* GroupCoordinator::find_classic(const std::string& id) {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : found->second.classic();
}

// False if it cannot: it has members of the other protocol.
bool GroupCoordinator::become_classic(Group& group, Now now) {
  const ConsumerGroup* consumer = group.consumer();
  if (consumer == nullptr) return true;
  if (!consumer->is_empty()) return false;
  table_.write(forgotten_rows(*consumer), now);
  group.members.emplace<ClassicGroup>(group.id);
  return true;
}

void GroupCoordinator::join(Call call, const wire::JoinGroupRequest& request, const Session& session, Now now) {
  const std::string client_id = call.header().client_id.value_or("");
  const bool needs_known_id = call.version() >= 4;
  const std::string& named_after = request.group_instance_id ? *request.group_instance_id : client_id;
  std::string fresh_id = fmt::format("{}-{}", named_after, io::random_uuid());
  const auto found = groups_.find(request.group_id);
  if (!request.member_id.empty() && found == groups_.end()) {
    wire::JoinGroupResponse response;
    response.error_code = ErrorCode::unknown_member_id;
    response.member_id = request.member_id;
    return call.answer(response);
  }
  Group& joined = group(request.group_id);
  if (!become_classic(joined, now)) {
    wire::JoinGroupResponse response;
    response.error_code = ErrorCode::inconsistent_group_protocol;
    response.member_id = request.member_id;
    return call.answer(response);
  }
  ClassicGroup::Outbox out;
  joined.classic()->join(request, {client_id, "/" + session.remote.host}, needs_known_id, std::move(fresh_id),
                         park(std::move(call)), now, out);
  deliver(joined, out, now);
  if (joined.is_nothing()) groups_.erase(request.group_id);
}

void GroupCoordinator::sync(Call call, const wire::SyncGroupRequest& request, Now now) {
  ClassicGroup* classic = find_classic(request.group_id);
  if (classic == nullptr) {
    wire::SyncGroupResponse response;
    response.error_code = ErrorCode::unknown_member_id;
    return call.answer(response);
  }
  ClassicGroup::Outbox out;
  classic->sync(request, park(std::move(call)), now, out);
  deliver(group(request.group_id), out, now);
}

ErrorCode GroupCoordinator::heartbeat(const wire::HeartbeatRequest& request, Now now) {
  ClassicGroup* classic = find_classic(request.group_id);
  return classic == nullptr ? ErrorCode::unknown_member_id : classic->heartbeat(request, now);
}

ErrorCode GroupCoordinator::leave(const std::string& id, const std::string& member_id,
                                  const std::optional<std::string>& instance_id, Now now) {
  ClassicGroup* classic = find_classic(id);
  if (classic == nullptr) return ErrorCode::unknown_member_id;
  ClassicGroup::Outbox out;
  const ErrorCode code = classic->leave(member_id, instance_id, now, out);
  deliver(group(id), out, now);
  return code;
}

void GroupCoordinator::consumer_heartbeat(Call call, const wire::ConsumerGroupHeartbeatRequest& request,
                                          const Session& session, Now now) {
  const auto refuse = [&](ErrorCode code, std::string message) {
    wire::ConsumerGroupHeartbeatResponse response;
    response.error_code = code;
    response.error_message = std::move(message);
    call.answer(response);
  };
  refresh_topics(now);
  const auto found = groups_.find(request.group_id);
  ConsumerGroup* consumer = found == groups_.end() ? nullptr : found->second.consumer();
  // A group begins with its first member, in the place of a classic group that has none.
  std::optional<ConsumerGroup> fresh;
  if (consumer == nullptr) {
    if (request.member_epoch != ConsumerGroup::kJoining) {
      return refuse(ErrorCode::group_id_not_found, fmt::format("Group {} not found.", request.group_id));
    }
    if (found != groups_.end() && found->second.has_members()) {
      return refuse(ErrorCode::group_id_not_found, fmt::format("Group {} is not a consumer group.", request.group_id));
    }
    consumer = &fresh.emplace(request.group_id, topics_);
  }
  ConsumerGroup::Changes changes;
  const ConsumerGroup::Client client{call.header().client_id.value_or(""), "/" + session.remote.host};
  auto response = consumer->heartbeat(request, client, io::random_uuid(), call.version(), now, changes);
  if (response.error_code != ErrorCode::none) return call.answer(response);
  std::vector<Row> rows = rows_of(*consumer, changes);
  if (fresh) {
    Group& begun = group(request.group_id);
    if (!begun.classic()->protocol_type().empty()) rows.insert(rows.begin(), forgotten_group_row(begun.id));
    begun.members = std::move(*fresh);
  }
  if (rows.empty()) return call.answer(response);
  table_.write(rows, {}, now, [call = std::move(call), response = std::move(response)](ErrorCode code) mutable {
    if (code != ErrorCode::none) {
      // It asks again, and is told then: the group has gone on.
      response = {};
      response.error_code = ErrorCode::coordinator_not_available;
    }
    call.answer(response);
  });
}

void GroupCoordinator::refresh_topics(Now now) {
  if (topics_) return;
  topics_ = std::make_shared<const GroupTopics>(read_topics_());
  std::vector<Row> rows;
  for (auto& [id, group] : groups_) {
    ConsumerGroup* consumer = group.consumer();
    if (consumer == nullptr) continue;
    ConsumerGroup::Changes changes;
    consumer->set_topics(topics_, now, changes);
    append(rows, rows_of(*consumer, changes));
  }
  table_.write(rows, now);
}

void GroupCoordinator::connection_closed(ConnectionId connection) {
  std::erase_if(waiting_, [&](const auto& entry) { return entry.second.connection() == connection; });
}

// ---------------------------------------------------------------- offsets

void GroupCoordinator::commit(const Committer& committer, Offsets offsets, Now now, StoredTable::Done done) {
  const bool is_transactional = committer.producer.id >= 0;
  if (committer.group.empty() && !is_transactional && committer.generation >= 0) {
    return done(ErrorCode::invalid_group_id);
  }
  const auto found = groups_.find(committer.group);
  if (found == groups_.end()) {
    if (committer.generation >= 0) {
      // The first version whose error a member of the new protocol can be told.
      const bool has_epochs = !is_transactional && committer.version >= 9;
      return done(has_epochs ? ErrorCode::group_id_not_found : ErrorCode::illegal_generation);
    }
  } else if (const ErrorCode code = check_commit(found->second, committer, now); code != ErrorCode::none) {
    return done(code);
  }
  std::vector<Row> rows;
  rows.reserve(offsets.size());
  for (auto& [partition, committed] : offsets) {
    committed.committed_at = now.wall;
    rows.push_back(offset_row(committer.group, partition, committed));
  }
  if (is_transactional) {
    // Unstable from now on, whatever becomes of the write: the end of the transaction settles it.
    Offsets& pending = group(committer.group).pending[committer.producer.id];
    for (const auto& [partition, committed] : offsets) pending[partition] = committed;
    return table_.write(rows, committer.producer, now, std::move(done));
  }
  table_.write(
      rows, {}, now,
      [this, id = committer.group, offsets = std::move(offsets), done = std::move(done)](ErrorCode code) mutable {
        if (code == ErrorCode::none) {
          Group& owner = group(id);
          for (auto& [partition, committed] : offsets) owner.offsets[partition] = std::move(committed);
        }
        done(code);
      });
}

ErrorCode GroupCoordinator::check_commit(Group& group, const Committer& committer, Now now) {
  const bool is_transactional = committer.producer.id >= 0;
  if (const ConsumerGroup* consumer = group.consumer()) {
    return consumer->check_commit(committer.member_id, committer.instance_id, committer.generation,
                                  is_transactional ? std::nullopt : std::optional(committer.version));
  }
  return group.classic()->check_commit(committer.member_id, committer.instance_id, committer.generation,
                                       is_transactional, now);
}

ErrorCode GroupCoordinator::check_fetch(const std::string& id, const std::optional<std::string>& member_id,
                                        std::int32_t member_epoch) const {
  const auto found = groups_.find(id);
  if (found == groups_.end()) return member_epoch >= 0 ? ErrorCode::group_id_not_found : ErrorCode::none;
  const ConsumerGroup* consumer = found->second.consumer();
  return consumer == nullptr ? ErrorCode::none : consumer->check_fetch(member_id, member_epoch);
}

void GroupCoordinator::transaction_ended(std::int64_t producer_id, bool is_commit) {
  for (auto entry = groups_.begin(); entry != groups_.end();) {
    Group& owner = entry->second;
    if (auto node = owner.pending.extract(producer_id); !node.empty() && is_commit) {
      for (auto& [partition, committed] : node.mapped()) owner.offsets[partition] = std::move(committed);
    }
    entry = owner.is_nothing() ? groups_.erase(entry) : std::next(entry);
  }
}

const GroupCoordinator::Group* GroupCoordinator::find(const std::string& id) const {
  const auto found = groups_.find(id);
  return found == groups_.end() || found->second.is_nothing() ? nullptr : &found->second;
}

std::vector<const GroupCoordinator::Group*> GroupCoordinator::groups() const {
  std::vector<const Group*> all;
  for (const auto& [id, group] : groups_) {
    if (!group.is_nothing()) all.push_back(&group);
  }
  return all;
}

void GroupCoordinator::remove(const std::string& id, Now now, StoredTable::Done done) {
  const auto found = groups_.find(id);
  if (found == groups_.end() || found->second.is_nothing()) return done(ErrorCode::group_id_not_found);
  const Group& group = found->second;
  if (group.has_members() || !group.pending.empty()) return done(ErrorCode::non_empty_group);
  std::vector<Row> rows;
  rows.reserve(group.offsets.size() + 1);
  for (const auto& [partition, committed] : group.offsets) rows.push_back(forgotten_offset_row(id, partition));
  append(rows, forgotten_members_rows(group));
  groups_.erase(found);
  table_.write(rows, {}, now, std::move(done));
}

void GroupCoordinator::remove_offsets(const std::string& id, const std::vector<TopicPartition>& partitions, Now now,
                                      StoredTable::Done done) {
  const auto found = groups_.find(id);
  if (found == groups_.end()) return done(ErrorCode::group_id_not_found);
  std::vector<Row> rows;
  rows.reserve(partitions.size());
  for (const TopicPartition& partition : partitions) {
    if (found->second.offsets.erase(partition) > 0) rows.push_back(forgotten_offset_row(id, partition));
  }
  table_.write(rows, {}, now, std::move(done));
}

void GroupCoordinator::topic_deleted(const std::string& topic, Now now) {
  topics_changed();
  std::vector<Row> rows;
  for (auto& [id, group] : groups_) {
    std::erase_if(group.offsets, [&](const auto& entry) {
      if (entry.first.first != topic) return false;
      rows.push_back(forgotten_offset_row(id, entry.first));
      return true;
    });
  }
  table_.write(rows, now);
}

// ---------------------------------------------------------------- time

void GroupCoordinator::tick(Now now) {
  refresh_topics(now);
  for (auto& [id, group] : groups_) {
    if (ClassicGroup* classic = group.classic()) {
      ClassicGroup::Outbox out;
      classic->tick(now, out);
      deliver(group, out, now);
    } else {
      ConsumerGroup::Changes changes;
      group.consumer()->tick(now, changes);
      table_.write(rows_of(*group.consumer(), changes), now);
    }
  }
  if (now.steady < expiry_due_) return;
  expiry_due_ = now.steady + kExpiryInterval;
  std::vector<Row> rows;
  for (auto entry = groups_.begin(); entry != groups_.end();) {
    expire_offsets(entry->second, now, rows);
    entry = entry->second.is_nothing() ? groups_.erase(entry) : std::next(entry);
  }
  table_.write(rows, now);
}

// As offsets.retention.minutes: counted from when the group lost its last member, or from the commit if it never had
// one (KIP-211).
void GroupCoordinator::expire_offsets(Group& group, Now now, std::vector<Row>& rows) {
  if (group.has_members()) return;
  const bool never_had_members = group.classic() != nullptr && group.classic()->protocol_type().empty();
  const log::Millis empty_since = std::visit([](const auto& kind) { return kind.empty_since(); }, group.members);
  std::erase_if(group.offsets, [&](const auto& entry) {
    const auto since = never_had_members ? entry.second.committed_at : std::max(empty_since, entry.second.committed_at);
    if (now.wall - since < offsets_retention_.count()) return false;
    rows.push_back(forgotten_offset_row(group.id, entry.first));
    return true;
  });
  if (group.is_nothing()) append(rows, forgotten_members_rows(group));
}

std::optional<SteadyTime> GroupCoordinator::next_deadline() const {
  std::optional<SteadyTime> next = expiry_due_;
  for (const auto& [id, group] : groups_) {
    const auto deadline = std::visit([](const auto& kind) { return kind.next_deadline(); }, group.members);
    if (deadline && *deadline < *next) next = deadline;
  }
  return next;
}

}  // namespace weir::broker
