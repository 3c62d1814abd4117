#pragma once

// A consumer group of the new protocol (KIP-848): members send heartbeats, the broker assigns. A pure state machine:
// heartbeats, topics and the time go in, answers come out at once. Belongs to the broker's thread.
//
// Whatever changes the group (members, subscriptions, topics) makes a new epoch with a target for each member. With its
// heartbeats each member moves from what it has to its target, by itself: it first gives up what it has too much
// (`unrevoked`, within its rebalance timeout), then gets what others no longer have; what they still have it gets later
// (`unreleased`). A partition that was assigned to a member is nobody else's until that member said it gave it up, or
// is gone.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "broker/groups/assignor.h"
#include "broker/groups/partition_set.h"
#include "broker/now.h"
#include "wire/error_code.h"
#include "wire/messages/consumer_group_heartbeat.h"

namespace weir::broker {

// What a group is told of a topic.
struct GroupTopic {
  log::TopicId id{};
  std::int32_t partitions = 0;
  bool is_internal = false;  // Regular expressions pass it over; it can be subscribed to by name.
};
using GroupTopics = std::map<std::string, GroupTopic, std::less<>>;

struct ConsumerGroupLimits {
  std::chrono::milliseconds session_timeout{45'000};    // group.consumer.session.timeout.ms
  std::chrono::milliseconds heartbeat_interval{5'000};  // group.consumer.heartbeat.interval.ms
  std::size_t members_max = 100'000;                    // group.consumer.max.size
};

class ConsumerGroup {
 public:
  using Request = wire::ConsumerGroupHeartbeatRequest;
  using Response = wire::ConsumerGroupHeartbeatResponse;

  enum class State { empty, reconciling, stable };
  // The numbers are those of stored rows.
  enum class MemberState : std::int8_t { stable = 0, unrevoked = 1, unreleased = 2 };

  // The epochs by which a member says that it comes or goes.
  static constexpr std::int32_t kJoining = 0;
  static constexpr std::int32_t kLeaving = -1;
  static constexpr std::int32_t kLeavingForAWhile = -2;  // A static member: it keeps what it has.

  struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    std::optional<std::string> rack_id;
    std::string client_id;
    std::string client_host;
    std::chrono::milliseconds rebalance_timeout{};
    std::set<std::string> topic_names;
    std::string topic_regex;  // Empty: none.
    std::optional<std::string> assignor;

    std::int32_t epoch = kJoining;  // kLeavingForAWhile while a static member is away.
    std::int32_t previous_epoch = kJoining;
    MemberState state = MemberState::stable;
    PartitionSet assigned;  // It may read these.
    PartitionSet revoking;  // It was told to give these up and has not said that it did.
    PartitionSet target;

    std::set<log::TopicId> topics;  // What its subscription comes to.
    SteadyTime session_deadline;
    std::optional<SteadyTime> revocation_deadline;  // While `unrevoked`.
  };

  struct Client {
    std::string id;
    std::string host;
  };

  // What differs from what was stored last. Ids of members that are no longer there stand for those that are gone.
  struct Changes {
    bool epoch = false;
    std::set<std::string> subscriptions;
    std::set<std::string> targets;
    std::set<std::string> assignments;
    bool empty() const { return !epoch && subscriptions.empty() && targets.empty() && assignments.empty(); }
  };

  // `topics` are never null.
  ConsumerGroup(std::string id, std::shared_ptr<const GroupTopics> topics, ConsumerGroupLimits limits = {})
      : id_(std::move(id)), limits_(limits), topics_(std::move(topics)) {}

  // `version` is the request's; `fresh_id` the id for a member that brings none (version 0). Errors are in the
  // response, as KIP-848 lists them; the group is then as it was.
  Response heartbeat(const Request& request, const Client& client, std::string fresh_id, int version, Now now,
                     Changes& changes);

  // Topics came, went or grew.
  void set_topics(std::shared_ptr<const GroupTopics> topics, Now now, Changes& changes);

  // Members that were silent, or did not give up partitions in time, go.
  void tick(Now now, Changes& changes);
  // When tick should be called next.
  std::optional<SteadyTime> next_deadline() const;

  // Whether a commit of offsets may be taken. `version` is that of an OffsetCommit request, none for a transaction's.
  wire::ErrorCode check_commit(const std::string& member_id, const std::optional<std::string>& instance_id,
                               std::int32_t epoch, std::optional<int> version) const;
  // Whether offsets may be read; without member id and with a negative epoch (tools) always.
  wire::ErrorCode check_fetch(const std::optional<std::string>& member_id, std::int32_t epoch) const;

  // As it was stored, for a broker that starts: members have their session timeout to show up again. `changes` are what
  // today's topics make different.
  struct Stored {
    std::optional<std::int32_t> epoch;  // Absent: there is no such group.
    std::map<std::string, Member> members;
  };
  void restore(Stored stored, Now now, Changes& changes);

  const std::string& id() const { return id_; }
  State state() const;
  std::int32_t epoch() const { return epoch_; }
  std::string_view assignor() const;
  const std::map<std::string, Member>& members() const { return members_; }
  bool is_empty() const { return members_.empty(); }
  bool is_subscribed_to(const std::string& topic) const;
  // Since when it has had no members; 0 if that was before the broker started.
  log::Millis empty_since() const { return empty_since_; }

 private:
  using Refusal = std::optional<Response>;

  Response join(const Request& request, const Client& client, std::string member_id, Now now, Changes& changes);
  Response leave(const Request& request, Now now, Changes& changes);
  Refusal refusal_of_join(const Request& request, const std::string& member_id) const;
  Refusal refusal_of_member(const Request& request) const;
  Response carry_on(Member& member, bool needs_new_target, const Request& request, const Client& client, Now now,
                    Changes& changes);
  Member& take_over(const std::string& old_id, const std::string& new_id, Changes& changes);
  bool update_subscription(Member& member, const Request& request, const Client& client, Changes& changes);

  std::set<log::TopicId> resolve(const Member& member) const;
  void retarget(bool is_new_epoch, Now now, Changes& changes);
  void reconcile(Member& member, const std::optional<PartitionSet>& owned, Now now, Changes& changes);
  void move_towards_target(Member& member, std::int32_t epoch, const std::optional<PartitionSet>& owned, Now now);
  void set_epoch(Member& member, std::int32_t epoch);
  void own(const Member& member, const PartitionKey& partition);
  void release(const Member& member, const PartitionSet& partitions);
  void remove(const std::string& member_id, Changes& changes);
  Response answer(const Member& member, bool with_assignment) const;

  std::string id_;
  ConsumerGroupLimits limits_;
  std::shared_ptr<const GroupTopics> topics_;
  std::int32_t epoch_ = 0;  // Of the group and of its targets.
  std::map<std::string, Member> members_;
  std::map<std::string, std::string> static_ids_;  // Instance id → member id.
  std::map<PartitionKey, std::string> owners_;     // Of what is in a member's `assigned` or `revoking`.
  log::Millis empty_since_ = 0;
};

std::string_view name_of(ConsumerGroup::State state);

}  // namespace weir::broker
