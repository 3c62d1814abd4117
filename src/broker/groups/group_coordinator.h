#pragma once

// All consumer groups: their members, by the protocol each uses, and their committed offsets. What must survive is kept
// in the topic __consumer_offsets. Belongs to the broker's thread.
//
// A group is of the classic protocol or of KIP-848's. Only a group without members changes from one to the other;
// members of the other kind are refused as long as there are some (Kafka's online upgrade and downgrade are not there).

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "broker/call.h"
#include "broker/groups/classic_group.h"
#include "broker/groups/consumer_group.h"
#include "broker/groups/consumer_group_records.h"
#include "broker/groups/group_offsets.h"
#include "broker/stored_table.h"

namespace weir::broker {

class GroupCoordinator {
 public:
  struct Group {
    std::string id;
    // A group that has never had members counts as a classic one.
    std::variant<ClassicGroup, ConsumerGroup> members;
    Offsets offsets;
    // Offsets of transactions that are still open, by producer.
    std::map<std::int64_t, Offsets> pending;

    explicit Group(const std::string& name) : id(name), members(std::in_place_type<ClassicGroup>, name) {}
    // Null if it is of the other kind.
    ClassicGroup* classic() { return std::get_if<ClassicGroup>(&members); }
    const ClassicGroup* classic() const { return std::get_if<ClassicGroup>(&members); }
    ConsumerGroup* consumer() { return std::get_if<ConsumerGroup>(&members); }
    const ConsumerGroup* consumer() const { return std::get_if<ConsumerGroup>(&members); }
    bool has_members() const {
      return std::visit([](const auto& kind) { return !kind.is_empty(); }, members);
    }
    // As ListGroups tells it.
    std::string_view state_name() const {
      return std::visit([](const auto& kind) { return name_of(kind.state()); }, members);
    }
    // Neither members nor offsets: as good as not there.
    bool is_nothing() const { return !has_members() && offsets.empty() && pending.empty(); }
  };

  // All topics, as groups see them; asked when they may have changed.
  using ReadTopics = std::function<GroupTopics()>;

  // Reads the table. `table`'s log and flush queue outlive the coordinator, and so does what `read_topics` refers to.
  static Result<std::unique_ptr<GroupCoordinator>> open(StoredTable table, ReadTopics read_topics,
                                                        std::chrono::milliseconds offsets_retention, Now now);

  void join(Call call, const wire::JoinGroupRequest& request, const Session& session, Now now);
  void sync(Call call, const wire::SyncGroupRequest& request, Now now);
  wire::ErrorCode heartbeat(const wire::HeartbeatRequest& request, Now now);
  wire::ErrorCode leave(const std::string& group, const std::string& member_id,
                        const std::optional<std::string>& instance_id, Now now);
  // KIP-848. Answered when what it changed is on the device: no member learns of an epoch or an assignment that a crash
  // could take back.
  void consumer_heartbeat(Call call, const wire::ConsumerGroupHeartbeatRequest& request, const Session& session,
                          Now now);

  struct Committer {
    std::string group;
    std::string member_id;
    std::optional<std::string> instance_id;
    std::int32_t generation = -1;  // Or member epoch.
    int version = 0;               // Of the OffsetCommit request; of a transaction it does not matter.
    ProducerIdentity producer;     // Of a transaction; id -1 otherwise.
  };
  // `done` is told when the offsets are on the device, or at once why they are not taken.
  void commit(const Committer& committer, Offsets offsets, Now now, StoredTable::Done done);
  // A transaction has ended; its offsets hold, or are forgotten.
  void transaction_ended(std::int64_t producer_id, bool is_commit);
  // Where the ends of transactions are written that commit offsets.
  const PartitionKey& table_key() const { return table_.key(); }

  // Null if there is no such group.
  const Group* find(const std::string& id) const;
  // Groups with members or offsets, by id.
  std::vector<const Group*> groups() const;
  // non_empty_group, group_id_not_found.
  void remove(const std::string& id, Now now, StoredTable::Done done);
  void remove_offsets(const std::string& id, const std::vector<TopicPartition>& partitions, Now now,
                      StoredTable::Done done);
  // Whether this group's offsets may be read (OffsetFetch from version 9 on).
  wire::ErrorCode check_fetch(const std::string& id, const std::optional<std::string>& member_id,
                              std::int32_t member_epoch) const;
  // A deleted topic's offsets go with it.
  void topic_deleted(const std::string& topic, Now now);
  // Topics came or grew: consumer groups see them before their next heartbeat.
  void topics_changed() { topics_.reset(); }

  void connection_closed(ConnectionId connection);
  void tick(Now now);
  std::optional<SteadyTime> next_deadline() const;

 private:
  GroupCoordinator(StoredTable table, ReadTopics read_topics, std::chrono::milliseconds offsets_retention)
      : table_(std::move(table)), read_topics_(std::move(read_topics)), offsets_retention_(offsets_retention) {}

  Group& group(const std::string& id);
  Status load(Now now);
  Status load_row(const StoredRow& row, StoredConsumerGroups& consumer_groups, Now now);
  void restore(StoredConsumerGroups consumer_groups, Now now);
  ClassicGroup* find_classic(const std::string& id);
  bool become_classic(Group& group, Now now);
  void refresh_topics(Now now);
  wire::ErrorCode check_commit(Group& group, const Committer& committer, Now now);
  Waiter park(Call call);
  void deliver(Group& group, ClassicGroup::Outbox& out, Now now);
  void expire_offsets(Group& group, Now now, std::vector<Row>& rows);

  StoredTable table_;
  const ReadTopics read_topics_;
  std::shared_ptr<const GroupTopics> topics_;  // Null when they may have changed.
  const std::chrono::milliseconds offsets_retention_;
  std::map<std::string, Group> groups_;
  std::unordered_map<Waiter, Call> waiting_;
  Waiter last_waiter_ = 0;
  SteadyTime expiry_due_;
};

}  // namespace weir::broker
