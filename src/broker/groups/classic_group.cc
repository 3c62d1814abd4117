#include "broker/groups/classic_group.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace weir::broker {

using std::chrono::milliseconds;
using wire::ErrorCode;

namespace {

std::vector<ClassicGroup::Protocol> protocols_of(const wire::JoinGroupRequest& request) {
  std::vector<ClassicGroup::Protocol> protocols;
  protocols.reserve(request.protocols.size());
  for (const auto& protocol : request.protocols) protocols.push_back({protocol.name, protocol.metadata});
  return protocols;
}

wire::JoinGroupResponse join_refused(ErrorCode code, const std::string& member_id) {
  wire::JoinGroupResponse response;
  response.error_code = code;
  response.member_id = member_id;
  return response;
}

// Version 0 of the request has no rebalance timeout: the session timeout serves.
milliseconds rebalance_timeout_of(const wire::JoinGroupRequest& request) {
  return milliseconds(request.rebalance_timeout_ms >= 0 ? request.rebalance_timeout_ms : request.session_timeout_ms);
}

}  // namespace

std::string_view name_of(ClassicGroup::State state) {
  switch (state) {
    case ClassicGroup::State::empty: return "Empty";
    case ClassicGroup::State::preparing: return "PreparingRebalance";
    case ClassicGroup::State::completing: return "CompletingRebalance";
    case ClassicGroup::State::stable: return "Stable";
  }
  return "Unknown";
}

// ---------------------------------------------------------------- joining

void ClassicGroup::join(const wire::JoinGroupRequest& request, const Client& client, bool needs_known_id,
                        std::string fresh_id, Waiter waiter, Now now, Outbox& out) {
  if (const auto code = refusal_of(request)) {
    out.joins.emplace_back(waiter, join_refused(*code, request.member_id));
  } else if (request.member_id.empty()) {
    join_without_id(request, client, needs_known_id, std::move(fresh_id), waiter, now, out);
  } else {
    join_with_id(request, client, waiter, now, out);
  }
}

std::optional<ErrorCode> ClassicGroup::refusal_of(const wire::JoinGroupRequest& request) const {
  const milliseconds session(request.session_timeout_ms);
  if (session < limits_.session_min || session > limits_.session_max) return ErrorCode::invalid_session_timeout;
  if (request.protocol_type.empty() || request.protocols.empty()) return ErrorCode::inconsistent_group_protocol;
  const bool is_new = !members_.contains(request.member_id);
  if (is_new && members_.size() + pending_.size() >= limits_.members_max && !pending_.contains(request.member_id)) {
    return ErrorCode::group_max_size_reached;
  }
  if (members_.empty()) return std::nullopt;
  if (request.protocol_type != protocol_type_ || !has_common_protocol(request, request.member_id)) {
    return ErrorCode::inconsistent_group_protocol;
  }
  return std::nullopt;
}

// Whether the request and all members but the one it replaces share a protocol.
bool ClassicGroup::has_common_protocol(const wire::JoinGroupRequest& request, const std::string& but_member) const {
  return std::ranges::any_of(request.protocols, [&](const auto& offered) {
    return std::ranges::all_of(members_, [&](const auto& entry) {
      const Member& member = entry.second;
      if (member.id == but_member) return true;
      if (request.group_instance_id && member.instance_id == request.group_instance_id) return true;
      return std::ranges::any_of(member.protocols, [&](const Protocol& own) { return own.name == offered.name; });
    });
  });
}

void ClassicGroup::join_without_id(const wire::JoinGroupRequest& request, const Client& client, bool needs_known_id,
                                   std::string fresh_id, Waiter waiter, Now now, Outbox& out) {
  if (request.group_instance_id) {
    if (static_ids_.contains(*request.group_instance_id)) {
      replace_static_member(request, client, std::move(fresh_id), waiter, now, out);
    } else {
      add_member(request, client, std::move(fresh_id), waiter, now, out);
    }
    return;
  }
  if (needs_known_id) {
    pending_[fresh_id] = now.steady + milliseconds(request.session_timeout_ms);
    out.joins.emplace_back(waiter, join_refused(ErrorCode::member_id_required, fresh_id));
    return;
  }
  add_member(request, client, std::move(fresh_id), waiter, now, out);
}

void ClassicGroup::join_with_id(const wire::JoinGroupRequest& request, const Client& client, Waiter waiter, Now now,
                                Outbox& out) {
  if (pending_.erase(request.member_id) > 0) {
    add_member(request, client, request.member_id, waiter, now, out);
    return;
  }
  if (const ErrorCode code = check_member(request.member_id, request.group_instance_id); code != ErrorCode::none) {
    out.joins.emplace_back(waiter, join_refused(code, request.member_id));
    return;
  }
  Member& member = members_.at(request.member_id);
  const bool is_same = member.protocols == protocols_of(request);
  update_member(member, request, now);
  // A request sent again after a lost connection takes the place of the one before.
  if (member.joining) {
    out.joins.emplace_back(*member.joining, join_refused(ErrorCode::rebalance_in_progress, member.id));
  }
  member.joining = waiter;
  switch (state_) {
    case State::preparing: complete_join_if_all_came(now, out); return;
    case State::completing:
      // It missed the answer, or wants something else.
      if (is_same) return answer_join(member, out);
      return prepare_rebalance(now, out);
    case State::stable:
      if (is_same && member.id != leader_) return answer_join(member, out);
      return prepare_rebalance(now, out);
    case State::empty: return prepare_rebalance(now, out);
  }
}

void ClassicGroup::add_member(const wire::JoinGroupRequest& request, const Client& client, std::string member_id,
                              Waiter waiter, Now now, Outbox& out) {
  if (members_.empty()) protocol_type_ = request.protocol_type;
  Member& member = members_[member_id];
  member.id = std::move(member_id);
  member.instance_id = request.group_instance_id;
  member.client_id = client.id;
  member.client_host = client.host;
  member.joining = waiter;
  update_member(member, request, now);
  if (member.instance_id) static_ids_[*member.instance_id] = member.id;
  if (state_ == State::preparing) return complete_join_if_all_came(now, out);
  prepare_rebalance(now, out);
}

void ClassicGroup::replace_static_member(const wire::JoinGroupRequest& request, const Client& client,
                                         std::string fresh_id, Waiter waiter, Now now, Outbox& out) {
  auto node = members_.extract(static_ids_.at(*request.group_instance_id));
  Member& member = node.mapped();
  // Whoever still uses the old id is told that another took its place.
  if (member.joining) out.joins.emplace_back(*member.joining, join_refused(ErrorCode::fenced_instance_id, member.id));
  if (member.syncing) answer_sync(member, ErrorCode::fenced_instance_id, out);
  const bool was_leader = member.id == leader_;
  const bool is_same = member.protocols == protocols_of(request);
  node.key() = fresh_id;
  member.id = fresh_id;
  member.client_id = client.id;
  member.client_host = client.host;
  update_member(member, request, now);
  member.joining = waiter;
  static_ids_[*member.instance_id] = member.id;
  if (was_leader) leader_ = member.id;
  Member& kept = members_.insert(std::move(node)).position->second;
  out.has_changed = true;
  switch (state_) {
    case State::stable:
      // Nothing changes for the others: it gets the assignment that its predecessor had (KIP-345, KIP-814).
      if (is_same) return answer_join(kept, out);
      return prepare_rebalance(now, out);
    case State::preparing: return complete_join_if_all_came(now, out);
    case State::completing:
    case State::empty: return prepare_rebalance(now, out);
  }
}

void ClassicGroup::update_member(Member& member, const wire::JoinGroupRequest& request, Now now) {
  member.session_timeout = milliseconds(request.session_timeout_ms);
  member.rebalance_timeout = rebalance_timeout_of(request);
  member.protocols = protocols_of(request);
  member.deadline = now.steady + member.session_timeout;
}

// ---------------------------------------------------------------- rebalancing

void ClassicGroup::prepare_rebalance(Now now, Outbox& out) {
  for (auto& [id, member] : members_) {
    if (member.syncing) answer_sync(member, ErrorCode::rebalance_in_progress, out);
  }
  state_ = State::preparing;
  milliseconds longest{0};
  for (const auto& [id, member] : members_) longest = std::max(longest, member.rebalance_timeout);
  rebalance_deadline_ = now.steady + longest;
  complete_join_if_all_came(now, out);
}

void ClassicGroup::complete_join_if_all_came(Now now, Outbox& out) {
  if (state_ != State::preparing || !pending_.empty()) return;
  const bool have_all_come =
      std::ranges::all_of(members_, [](const auto& entry) { return entry.second.joining.has_value(); });
  if (have_all_come) complete_join(now, out);
}

void ClassicGroup::complete_join(Now now, Outbox& out) {
  // Static members that did not come keep their place until their session ends.
  std::erase_if(members_, [](const auto& entry) { return !entry.second.joining && !entry.second.instance_id; });
  ++generation_;
  out.has_changed = true;
  if (members_.empty()) {
    state_ = State::empty;
    rebalance_deadline_.reset();
    protocol_.clear();
    leader_.clear();
    empty_since_ = now.wall;
    return;
  }
  protocol_ = elect_protocol();
  // The leader stays if it came; so that somebody assigns, it must be one who did come, if anyone did.
  const auto leads = members_.find(leader_);
  if (leads == members_.end() || !leads->second.joining) {
    const auto came =
        std::ranges::find_if(members_, [](const auto& entry) { return entry.second.joining.has_value(); });
    leader_ = came == members_.end() ? members_.begin()->first : came->first;
  }
  state_ = State::completing;
  milliseconds longest{0};
  for (auto& [id, member] : members_) {
    longest = std::max(longest, member.rebalance_timeout);
    member.assignment.clear();
  }
  rebalance_deadline_ = now.steady + longest;
  for (auto& [id, member] : members_) {
    if (!member.joining) continue;
    member.deadline = now.steady + member.session_timeout;
    answer_join(member, out);
  }
}

// The protocol that most members prefer among those that all know; of equals the one that comes first by name.
std::string ClassicGroup::elect_protocol() const {
  std::map<std::string, std::size_t> votes;
  const auto& first = members_.begin()->second;
  for (const Protocol& candidate : first.protocols) {
    const bool is_known_to_all = std::ranges::all_of(members_, [&](const auto& entry) {
      return std::ranges::any_of(entry.second.protocols, [&](const Protocol& p) { return p.name == candidate.name; });
    });
    if (is_known_to_all) votes[candidate.name] = 0;
  }
  CHECK(!votes.empty());  // Nobody joins who shares no protocol with the others.
  for (const auto& [id, member] : members_) {
    for (const Protocol& preferred : member.protocols) {
      const auto vote = votes.find(preferred.name);
      if (vote == votes.end()) continue;
      ++vote->second;
      break;
    }
  }
  return std::ranges::max_element(votes, {}, [](const auto& entry) { return entry.second; })->first;
}

wire::JoinGroupResponse ClassicGroup::joined(const Member& member) const {
  wire::JoinGroupResponse response;
  response.generation_id = generation_;
  response.protocol_type = protocol_type_;
  response.protocol_name = protocol_;
  response.leader = leader_;
  response.member_id = member.id;
  // A leader that comes back to a settled group has nothing to assign (KIP-814).
  response.skip_assignment = state_ == State::stable && member.id == leader_;
  if (member.id != leader_) return response;
  for (const auto& [id, other] : members_) {
    wire::JoinGroupResponse::JoinGroupResponseMember entry;
    entry.member_id = other.id;
    entry.group_instance_id = other.instance_id;
    const auto own = std::ranges::find(other.protocols, protocol_, &Protocol::name);
    if (own != other.protocols.end()) entry.metadata = own->metadata;
    response.members.push_back(std::move(entry));
  }
  return response;
}

void ClassicGroup::answer_join(Member& member, Outbox& out) {
  out.joins.emplace_back(*std::exchange(member.joining, std::nullopt), joined(member));
}

// ---------------------------------------------------------------- syncing

void ClassicGroup::sync(const wire::SyncGroupRequest& request, Waiter waiter, Now now, Outbox& out) {
  const auto refuse = [&](ErrorCode code) {
    wire::SyncGroupResponse response;
    response.error_code = code;
    out.syncs.emplace_back(waiter, std::move(response));
  };
  if (const ErrorCode code = check_member(request.member_id, request.group_instance_id); code != ErrorCode::none) {
    return refuse(code);
  }
  if (request.generation_id != generation_) return refuse(ErrorCode::illegal_generation);
  if ((request.protocol_type && *request.protocol_type != protocol_type_) ||
      (request.protocol_name && *request.protocol_name != protocol_)) {
    return refuse(ErrorCode::inconsistent_group_protocol);
  }
  if (state_ == State::empty) return refuse(ErrorCode::unknown_member_id);
  if (state_ == State::preparing) return refuse(ErrorCode::rebalance_in_progress);
  Member& member = members_.at(request.member_id);
  member.deadline = now.steady + member.session_timeout;
  if (member.syncing) answer_sync(member, ErrorCode::rebalance_in_progress, out);
  member.syncing = waiter;
  if (state_ == State::stable) return answer_sync(member, ErrorCode::none, out);
  if (member.id != leader_) return;
  for (const auto& assignment : request.assignments) {
    const auto assigned = members_.find(assignment.member_id);
    if (assigned != members_.end()) assigned->second.assignment = assignment.assignment;
  }
  state_ = State::stable;
  rebalance_deadline_.reset();
  out.has_changed = true;
  for (auto& [id, other] : members_) {
    if (other.syncing) answer_sync(other, ErrorCode::none, out);
  }
}

void ClassicGroup::answer_sync(Member& member, ErrorCode code, Outbox& out) const {
  wire::SyncGroupResponse response;
  response.error_code = code;
  if (code == ErrorCode::none) {
    response.protocol_type = protocol_type_;
    response.protocol_name = protocol_;
    response.assignment = member.assignment;
  }
  out.syncs.emplace_back(*std::exchange(member.syncing, std::nullopt), std::move(response));
}

// ---------------------------------------------------------------- living and leaving

ErrorCode ClassicGroup::check_member(const std::string& member_id,
                                     const std::optional<std::string>& instance_id) const {
  if (instance_id) {
    const auto known = static_ids_.find(*instance_id);
    if (known == static_ids_.end()) return ErrorCode::unknown_member_id;
    if (known->second != member_id) return ErrorCode::fenced_instance_id;
  }
  return members_.contains(member_id) ? ErrorCode::none : ErrorCode::unknown_member_id;
}

ErrorCode ClassicGroup::heartbeat(const wire::HeartbeatRequest& request, Now now) {
  if (const ErrorCode code = check_member(request.member_id, request.group_instance_id); code != ErrorCode::none) {
    return code;
  }
  if (request.generation_id != generation_) return ErrorCode::illegal_generation;
  Member& member = members_.at(request.member_id);
  member.deadline = now.steady + member.session_timeout;
  return state_ == State::preparing ? ErrorCode::rebalance_in_progress : ErrorCode::none;
}

ErrorCode ClassicGroup::leave(const std::string& member_id, const std::optional<std::string>& instance_id, Now now,
                              Outbox& out) {
  if (pending_.erase(member_id) > 0) {
    complete_join_if_all_came(now, out);
    return ErrorCode::none;
  }
  std::string id = member_id;
  if (instance_id && member_id.empty()) {
    const auto known = static_ids_.find(*instance_id);
    if (known == static_ids_.end()) return ErrorCode::unknown_member_id;
    id = known->second;
  } else if (const ErrorCode code = check_member(member_id, instance_id); code != ErrorCode::none) {
    return code;
  }
  remove_member(id, now, out);
  return ErrorCode::none;
}

void ClassicGroup::remove_member(const std::string& member_id, Now now, Outbox& out) {
  auto node = members_.extract(member_id);
  CHECK(!node.empty());
  Member& member = node.mapped();
  if (member.joining) out.joins.emplace_back(*member.joining, join_refused(ErrorCode::unknown_member_id, member.id));
  if (member.syncing) answer_sync(member, ErrorCode::unknown_member_id, out);
  if (member.instance_id) static_ids_.erase(*member.instance_id);
  if (state_ == State::preparing) return complete_join_if_all_came(now, out);
  prepare_rebalance(now, out);
}

ErrorCode ClassicGroup::check_commit(const std::string& member_id, const std::optional<std::string>& instance_id,
                                     std::int32_t generation, bool is_transactional, Now now) {
  // One that is in no group may commit as long as nobody else is (tools, and consumers that assign by hand).
  if (generation < 0 && (members_.empty() || (is_transactional && member_id.empty()))) return ErrorCode::none;
  if (generation < 0 && member_id.empty() && !instance_id) {
    return is_transactional ? ErrorCode::none : ErrorCode::unknown_member_id;
  }
  if (const ErrorCode code = check_member(member_id, instance_id); code != ErrorCode::none) return code;
  if (generation != generation_) return ErrorCode::illegal_generation;
  Member& member = members_.at(member_id);
  member.deadline = now.steady + member.session_timeout;
  // While others still join, the old assignment holds; once a new one is being made, it does not.
  return state_ == State::completing ? ErrorCode::rebalance_in_progress : ErrorCode::none;
}

void ClassicGroup::tick(Now now, Outbox& out) {
  std::erase_if(pending_, [&](const auto& entry) { return entry.second <= now.steady; });
  std::set<std::string> gone;
  for (const auto& [id, member] : members_) {
    // One that waits for an answer is here as long as its connection is: it cannot send a heartbeat meanwhile.
    if (member.deadline <= now.steady && !member.joining && !member.syncing) gone.insert(id);
  }
  for (const std::string& id : gone) {
    if (members_.contains(id)) remove_member(id, now, out);
  }
  if (rebalance_deadline_ && *rebalance_deadline_ <= now.steady) {
    if (state_ == State::preparing) {
      pending_.clear();
      complete_join(now, out);
    } else if (state_ == State::completing) {
      // Who joined and did not sync goes; without the leader the others would wait for ever.
      std::set<std::string> silent;
      for (const auto& [id, member] : members_) {
        if (!member.syncing) silent.insert(id);
      }
      rebalance_deadline_.reset();
      for (const std::string& id : silent) {
        if (members_.contains(id)) remove_member(id, now, out);
      }
    }
  }
  complete_join_if_all_came(now, out);
}

std::optional<SteadyTime> ClassicGroup::next_deadline() const {
  std::optional<SteadyTime> next = rebalance_deadline_;
  const auto consider = [&](SteadyTime time) {
    if (!next || time < *next) next = time;
  };
  for (const auto& [id, time] : pending_) consider(time);
  for (const auto& [id, member] : members_) {
    if (!member.joining && !member.syncing) consider(member.deadline);
  }
  return next;
}

void ClassicGroup::restore(std::int32_t generation, std::string protocol_type, std::string protocol, std::string leader,
                           std::vector<Member> members, Now now) {
  generation_ = generation;
  protocol_type_ = std::move(protocol_type);
  protocol_ = std::move(protocol);
  leader_ = std::move(leader);
  members_.clear();
  static_ids_.clear();
  for (Member& member : members) {
    member.deadline = now.steady + member.session_timeout;
    if (member.instance_id) static_ids_[*member.instance_id] = member.id;
    std::string id = member.id;
    members_.emplace(std::move(id), std::move(member));
  }
  state_ = members_.empty() ? State::empty : State::stable;
}

}  // namespace weir::broker
