#pragma once

// A consumer group of the classic protocol (KIP-62, KIP-345 static members, KIP-394 member ids first, KIP-814): members
// join, the leader assigns, all sync. A pure state machine: requests and the time go in; answers come out through an
// Outbox, at once or when others have done their part. Belongs to the broker's thread.
//
//   empty → preparing → completing → stable;  back to preparing whenever the members change.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/now.h"
#include "wire/error_code.h"
#include "wire/messages/heartbeat.h"
#include "wire/messages/join_group.h"
#include "wire/messages/leave_group.h"
#include "wire/messages/sync_group.h"

namespace weir::broker {

// A request that has not been answered; the group keeps it until it can be.
using Waiter = std::uint64_t;

struct GroupLimits {
  std::chrono::milliseconds session_min{6'000};
  std::chrono::milliseconds session_max{1'800'000};
  std::size_t members_max = 100'000;
};

class ClassicGroup {
 public:
  enum class State { empty, preparing, completing, stable };

  struct Protocol {
    std::string name;
    std::string metadata;
    friend bool operator==(const Protocol&, const Protocol&) = default;
  };

  struct Member {
    std::string id;
    std::optional<std::string> instance_id;
    std::string client_id;
    std::string client_host;
    std::chrono::milliseconds session_timeout{};
    std::chrono::milliseconds rebalance_timeout{};
    std::vector<Protocol> protocols;  // The most preferred first.
    std::string assignment;
    SteadyTime deadline;  // Gone if nothing is heard until then.
    std::optional<Waiter> joining;
    std::optional<Waiter> syncing;
  };

  // What a call or the passing of time gave rise to.
  struct Outbox {
    std::vector<std::pair<Waiter, wire::JoinGroupResponse>> joins;
    std::vector<std::pair<Waiter, wire::SyncGroupResponse>> syncs;
    bool has_changed = false;  // Members or assignments are others than those last stored.
  };

  struct Client {
    std::string id;
    std::string host;
  };

  explicit ClassicGroup(std::string id, GroupLimits limits = {}) : id_(std::move(id)), limits_(limits) {}

  // `needs_known_id`: a dynamic member is first told its id and joins again with it (from version 4 on; older clients
  // would not understand). `fresh_id` is the id for a member that has none.
  void join(const wire::JoinGroupRequest& request, const Client& client, bool needs_known_id, std::string fresh_id,
            Waiter waiter, Now now, Outbox& out);
  void sync(const wire::SyncGroupRequest& request, Waiter waiter, Now now, Outbox& out);
  wire::ErrorCode heartbeat(const wire::HeartbeatRequest& request, Now now);
  // One member of a LeaveGroup request; an empty member id with an instance id names a static member.
  wire::ErrorCode leave(const std::string& member_id, const std::optional<std::string>& instance_id, Now now,
                        Outbox& out);
  // Whether a commit of offsets by this member may be taken (also of a transaction: KIP-447). A commit counts as a sign
  // of life.
  wire::ErrorCode check_commit(const std::string& member_id, const std::optional<std::string>& instance_id,
                               std::int32_t generation, bool is_transactional, Now now);

  // Members whose time has passed go; rebalances that waited long enough are completed.
  void tick(Now now, Outbox& out);
  // When tick should be called next.
  std::optional<SteadyTime> next_deadline() const;

  // As it was stored, for a broker that starts: members have their session timeout to show up again.
  void restore(std::int32_t generation, std::string protocol_type, std::string protocol, std::string leader,
               std::vector<Member> members, Now now);

  const std::string& id() const { return id_; }
  State state() const { return state_; }
  std::int32_t generation() const { return generation_; }
  const std::string& protocol_type() const { return protocol_type_; }
  const std::string& protocol() const { return protocol_; }
  const std::string& leader() const { return leader_; }
  const std::map<std::string, Member>& members() const { return members_; }
  bool is_empty() const { return members_.empty() && pending_.empty(); }
  // Since when it has had no members.
  log::Millis empty_since() const { return empty_since_; }
  void set_empty_since(log::Millis time) { empty_since_ = time; }

 private:
  void join_without_id(const wire::JoinGroupRequest& request, const Client& client, bool needs_known_id,
                       std::string fresh_id, Waiter waiter, Now now, Outbox& out);
  void join_with_id(const wire::JoinGroupRequest& request, const Client& client, Waiter waiter, Now now, Outbox& out);
  void add_member(const wire::JoinGroupRequest& request, const Client& client, std::string member_id, Waiter waiter,
                  Now now, Outbox& out);
  void replace_static_member(const wire::JoinGroupRequest& request, const Client& client, std::string fresh_id,
                             Waiter waiter, Now now, Outbox& out);
  void update_member(Member& member, const wire::JoinGroupRequest& request, Now now);
  std::optional<wire::ErrorCode> refusal_of(const wire::JoinGroupRequest& request) const;
  bool has_common_protocol(const wire::JoinGroupRequest& request, const std::string& but_member) const;
  wire::ErrorCode check_member(const std::string& member_id, const std::optional<std::string>& instance_id) const;

  void prepare_rebalance(Now now, Outbox& out);
  void complete_join_if_all_came(Now now, Outbox& out);
  void complete_join(Now now, Outbox& out);
  void remove_member(const std::string& member_id, Now now, Outbox& out);
  void answer_join(Member& member, Outbox& out);
  wire::JoinGroupResponse joined(const Member& member) const;
  void answer_sync(Member& member, wire::ErrorCode code, Outbox& out) const;
  std::string elect_protocol() const;

  const std::string id_;
  const GroupLimits limits_;
  State state_ = State::empty;
  std::int32_t generation_ = 0;
  std::string protocol_type_;
  std::string protocol_;
  std::string leader_;
  std::map<std::string, Member> members_;
  std::map<std::string, std::string> static_ids_;  // Instance id → member id.
  std::map<std::string, SteadyTime> pending_;      // Ids given out, not yet joined with; forgotten at the time.
  std::optional<SteadyTime> rebalance_deadline_;   // Of `preparing` and `completing`.
  log::Millis empty_since_ = 0;
};

std::string_view name_of(ClassicGroup::State state);

}  // namespace weir::broker
