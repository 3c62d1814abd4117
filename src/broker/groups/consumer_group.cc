#include "broker/groups/consumer_group.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "broker/groups/topic_pattern.h"

namespace weir::broker {

using std::chrono::milliseconds;
using wire::ErrorCode;

namespace {

using Request = ConsumerGroup::Request;
using Response = ConsumerGroup::Response;
using Member = ConsumerGroup::Member;

// From this version on members make their ids themselves (KIP-1082).
constexpr int kOwnIdVersion = 1;
// The first version of OffsetCommit that has a member epoch.
constexpr int kMemberEpochVersion = 9;

Response refused(ErrorCode code, std::string message) {
  Response response;
  response.error_code = code;
  response.error_message = std::move(message);
  return response;
}

std::optional<Response> invalid(std::string message) {
  return refused(ErrorCode::invalid_request, std::move(message));
}

// What is wrong with the request itself, whatever the group.
std::optional<Response> refusal_of_request(const Request& request, int version) {
  const bool is_joining = request.member_epoch == ConsumerGroup::kJoining;
  if (request.member_id.empty() && (version >= kOwnIdVersion || !is_joining))
    return invalid("MemberId can't be empty.");
  if (request.instance_id && request.instance_id->empty()) return invalid("InstanceId can't be empty.");
  if (request.rack_id && request.rack_id->empty()) return invalid("RackId can't be empty.");
  if (request.member_epoch < ConsumerGroup::kLeavingForAWhile) return invalid("MemberEpoch is invalid.");
  if (request.member_epoch == ConsumerGroup::kLeavingForAWhile && !request.instance_id) {
    return invalid("InstanceId can't be null.");
  }
  if (is_joining) {
    if (request.rebalance_timeout_ms == -1) return invalid("RebalanceTimeoutMs must be provided in first request.");
    if (!request.topic_partitions || !request.topic_partitions->empty()) {
      return invalid("TopicPartitions must be empty when (re-)joining.");
    }
    if (!request.subscribed_topic_names && !request.subscribed_topic_regex) {
      return invalid("SubscribedTopicNames or SubscribedTopicRegex must be set in first request.");
    }
  }
  if (request.server_assignor && find_assignor(*request.server_assignor) == nullptr) {
    return refused(ErrorCode::unsupported_assignor,
                   fmt::format("ServerAssignor {} is not supported. Supported assignors: uniform, range.",
                               *request.server_assignor));
  }
  if (request.subscribed_topic_regex && !request.subscribed_topic_regex->empty()) {
    if (const auto pattern = TopicPattern::parse(*request.subscribed_topic_regex); !pattern) {
      return refused(ErrorCode::invalid_regular_expression, pattern.error().message);
    }
  }
  return std::nullopt;
}

// Everything that a member can say of itself: the client wants to be told everything too.
bool is_full(const Request& request) {
  return request.rebalance_timeout_ms != -1 && request.topic_partitions &&
         (request.subscribed_topic_names || request.subscribed_topic_regex);
}

PartitionSet without(const PartitionSet& from, const PartitionSet& what) {
  PartitionSet rest;
  std::ranges::set_difference(from, what, std::inserter(rest, rest.end()));
  return rest;
}

PartitionSet common(const PartitionSet& a, const PartitionSet& b) {
  PartitionSet both;
  std::ranges::set_intersection(a, b, std::inserter(both, both.end()));
  return both;
}

// A member that does not say what it has may have everything.
bool may_own_any(const std::optional<PartitionSet>& owned, const PartitionSet& of) {
  return !owned || !common(*owned, of).empty();
}

}  // namespace

std::string_view name_of(ConsumerGroup::State state) {
  switch (state) {
    case ConsumerGroup::State::empty: return "Empty";
    case ConsumerGroup::State::reconciling: return "Reconciling";
    case ConsumerGroup::State::stable: return "Stable";
  }
  return "Unknown";
}

ConsumerGroup::State ConsumerGroup::state() const {
  if (members_.empty()) return State::empty;
  const bool have_all_arrived = std::ranges::all_of(members_, [&](const auto& entry) {
    return entry.second.state == MemberState::stable && entry.second.epoch == epoch_;
  });
  return have_all_arrived ? State::stable : State::reconciling;
}

// ---------------------------------------------------------------- heartbeats

Response ConsumerGroup::heartbeat(const Request& request, const Client& client, std::string fresh_id, int version,
                                  Now now, Changes& changes) {
  if (auto refusal = refusal_of_request(request, version)) return std::move(*refusal);
  if (request.member_epoch == kJoining) {
    return join(request, client, request.member_id.empty() ? std::move(fresh_id) : request.member_id, now, changes);
  }
  if (request.member_epoch < 0) return leave(request, now, changes);
  if (auto refusal = refusal_of_member(request)) return std::move(*refusal);
  return carry_on(members_.at(request.member_id), false, request, client, now, changes);
}

Response ConsumerGroup::join(const Request& request, const Client& client, std::string member_id, Now now,
                             Changes& changes) {
  if (auto refusal = refusal_of_join(request, member_id)) return std::move(*refusal);
  if (request.instance_id) {
    const auto predecessor = static_ids_.find(*request.instance_id);
    if (predecessor != static_ids_.end()) {
      Member& member = take_over(predecessor->second, member_id, changes);
      return carry_on(member, false, request, client, now, changes);
    }
  }
  const auto [entry, is_new] = members_.try_emplace(member_id);
  Member& member = entry->second;
  if (is_new) {
    member.id = member_id;
    member.instance_id = request.instance_id;
    if (member.instance_id) static_ids_[*member.instance_id] = member.id;
    changes.subscriptions.insert(member.id);
  }
  return carry_on(member, is_new, request, client, now, changes);
}

ConsumerGroup::Refusal ConsumerGroup::refusal_of_join(const Request& request, const std::string& member_id) const {
  if (request.instance_id) {
    const auto predecessor = static_ids_.find(*request.instance_id);
    if (predecessor != static_ids_.end()) {
      if (predecessor->second == member_id || members_.at(predecessor->second).epoch == kLeavingForAWhile) return {};
      return refused(
          ErrorCode::unreleased_instance_id,
          fmt::format("Static member {} with instance id {} cannot join the group because the instance id is "
                      "owned by member {}, which has not left.",
                      member_id, *request.instance_id, predecessor->second));
    }
  }
  const auto known = members_.find(member_id);
  if (known != members_.end() && known->second.instance_id != request.instance_id) {
    return invalid(fmt::format("member {} has another instance id", member_id));
  }
  if (known == members_.end() && members_.size() >= limits_.members_max) {
    return refused(ErrorCode::group_max_size_reached,
                   fmt::format("The group has reached its maximum size of {} members.", limits_.members_max));
  }
  return {};
}

// Whether the request comes from a member, in an epoch that it can be in.
ConsumerGroup::Refusal ConsumerGroup::refusal_of_member(const Request& request) const {
  if (request.instance_id) {
    const auto known = static_ids_.find(*request.instance_id);
    if (known == static_ids_.end()) {
      return refused(ErrorCode::unknown_member_id, fmt::format("Instance id {} is unknown.", *request.instance_id));
    }
    if (known->second != request.member_id) {
      return refused(ErrorCode::fenced_instance_id,
                     fmt::format("Static member {} with instance id {} was fenced by member {}.", request.member_id,
                                 *request.instance_id, known->second));
    }
  }
  const auto found = members_.find(request.member_id);
  if (found == members_.end()) {
    return refused(ErrorCode::unknown_member_id,
                   fmt::format("Member {} is not a member of group {}.", request.member_id, id_));
  }
  const Member& member = found->second;
  if (request.member_epoch < 0 || request.member_epoch == member.epoch) return {};
  // The answer that told it of its epoch may have been lost.
  const bool is_one_behind = request.member_epoch == member.previous_epoch && request.topic_partitions &&
                             without(partition_set(*request.topic_partitions), member.assigned).empty();
  if (member.epoch > 0 && is_one_behind) return {};
  return refused(
      ErrorCode::fenced_member_epoch,
      fmt::format("The member's epoch {} is not its epoch {} of the group coordinator. The member must abandon "
                  "all its partitions and rejoin.",
                  request.member_epoch, member.epoch));
}

Response ConsumerGroup::carry_on(Member& member, bool needs_new_target, const Request& request, const Client& client,
                                 Now now, Changes& changes) {
  const PartitionSet assigned_before = member.assigned;
  const bool has_missed_an_answer = request.member_epoch != member.epoch;
  member.session_deadline = now.steady + limits_.session_timeout;
  needs_new_target |= update_subscription(member, request, client, changes);
  if (needs_new_target) retarget(true, now, changes);
  std::optional<PartitionSet> owned;
  if (request.topic_partitions) owned = partition_set(*request.topic_partitions);
  reconcile(member, owned, now, changes);
  return answer(member, has_missed_an_answer || is_full(request) || member.assigned != assigned_before);
}

// A static member is back under another id, or the same: it has what it had (KIP-848, "Static Membership").
ConsumerGroup::Member& ConsumerGroup::take_over(const std::string& old_id, const std::string& new_id,
                                                Changes& changes) {
  auto node = members_.extract(old_id);
  Member& member = node.mapped();
  for (const std::string& id : {member.id, new_id}) {
    changes.subscriptions.insert(id);
    changes.targets.insert(id);
    changes.assignments.insert(id);
  }
  if (member.epoch == kLeavingForAWhile) set_epoch(member, kJoining);
  for (const PartitionSet* partitions : {&member.assigned, &member.revoking}) {
    for (const PartitionKey& key : *partitions) owners_.at(key) = new_id;
  }
  static_ids_[*member.instance_id] = new_id;
  node.key() = new_id;
  member.id = new_id;
  return members_.insert(std::move(node)).position->second;
}

// Whether the assignments have to be made anew.
bool ConsumerGroup::update_subscription(Member& member, const Request& request, const Client& client,
                                        Changes& changes) {
  Member updated = member;
  updated.client_id = client.id;
  updated.client_host = client.host;
  if (request.rack_id) updated.rack_id = request.rack_id;
  if (request.rebalance_timeout_ms != -1) {
    updated.rebalance_timeout = milliseconds(std::max(request.rebalance_timeout_ms, 0));
  }
  if (request.server_assignor) updated.assignor = request.server_assignor;
  if (request.subscribed_topic_names) {
    updated.topic_names = {request.subscribed_topic_names->begin(), request.subscribed_topic_names->end()};
  }
  if (request.subscribed_topic_regex) updated.topic_regex = *request.subscribed_topic_regex;
  const bool is_other_subscription = updated.topic_names != member.topic_names ||
                                     updated.topic_regex != member.topic_regex || updated.assignor != member.assignor;
  if (is_other_subscription) updated.topics = resolve(updated);
  if (is_other_subscription || updated.client_id != member.client_id || updated.client_host != member.client_host ||
      updated.rack_id != member.rack_id || updated.rebalance_timeout != member.rebalance_timeout) {
    changes.subscriptions.insert(member.id);
  }
  member = std::move(updated);
  return is_other_subscription;
}

Response ConsumerGroup::leave(const Request& request, Now now, Changes& changes) {
  if (auto refusal = refusal_of_member(request)) return std::move(*refusal);
  Response response;
  response.member_id = request.member_id;
  response.member_epoch = request.member_epoch;
  if (request.member_epoch == kLeaving) {
    remove(request.member_id, changes);
    retarget(true, now, changes);
    return response;
  }
  Member& member = members_.at(request.member_id);
  set_epoch(member, kLeavingForAWhile);
  release(member, member.revoking);
  member.revoking.clear();
  member.state = MemberState::stable;
  member.revocation_deadline.reset();
  member.session_deadline = now.steady + limits_.session_timeout;
  changes.assignments.insert(member.id);
  return response;
}

Response ConsumerGroup::answer(const Member& member, bool with_assignment) const {
  Response response;
  response.member_id = member.id;
  response.member_epoch = member.epoch;
  response.heartbeat_interval_ms = static_cast<std::int32_t>(limits_.heartbeat_interval.count());
  if (with_assignment) {
    response.assignment.emplace();
    response.assignment->topic_partitions = by_topic<Response::TopicPartitions>(member.assigned);
  }
  return response;
}

// ---------------------------------------------------------------- targets

std::set<log::TopicId> ConsumerGroup::resolve(const Member& member) const {
  std::set<log::TopicId> resolved;
  for (const std::string& name : member.topic_names) {
    if (const auto topic = topics_->find(name); topic != topics_->end()) resolved.insert(topic->second.id);
  }
  if (member.topic_regex.empty()) return resolved;
  const auto pattern = TopicPattern::parse(member.topic_regex);
  if (!pattern) return resolved;  // Only of a row that another release stored.
  for (const auto& [name, topic] : *topics_) {
    if (!topic.is_internal && pattern->matches(name)) resolved.insert(topic.id);
  }
  return resolved;
}

void ConsumerGroup::set_topics(std::shared_ptr<const GroupTopics> topics, Now now, Changes& changes) {
  topics_ = std::move(topics);
  for (auto& [id, member] : members_) member.topics = resolve(member);
  retarget(false, now, changes);
}

// The assignor that most members prefer among those that prefer one; of equals the one that comes first by name.
std::string_view ConsumerGroup::assignor() const {
  std::map<std::string_view, std::size_t> votes;
  for (const auto& [id, member] : members_) {
    if (member.assignor) ++votes[*member.assignor];
  }
  if (votes.empty()) return kAssignorDefault;
  return std::ranges::max_element(votes, {}, [](const auto& entry) { return entry.second; })->first;
}

// Without `is_new_epoch` there is one only if somebody's target changes.
void ConsumerGroup::retarget(bool is_new_epoch, Now now, Changes& changes) {
  std::vector<Subscriber> subscribers;
  subscribers.reserve(members_.size());
  PartitionCounts counts;
  for (const auto& [name, topic] : *topics_) counts[topic.id] = topic.partitions;
  for (const auto& [id, member] : members_) {
    subscribers.push_back({member.instance_id.value_or(id), member.topics, member.target});
  }
  const Assignor assign = find_assignor(assignor());
  std::vector<PartitionSet> targets = assign(subscribers, counts);
  auto target = targets.begin();
  for (auto& [id, member] : members_) {
    if (member.target != *target) {
      member.target = std::move(*target);
      changes.targets.insert(id);
      is_new_epoch = true;
    }
    ++target;
    if (member.epoch != kLeavingForAWhile) continue;
    // It is away and reads nothing: others need not wait for what it will not get back.
    const PartitionSet lost = without(member.assigned, member.target);
    if (lost.empty()) continue;
    release(member, lost);
    member.assigned = common(member.assigned, member.target);
    changes.assignments.insert(id);
  }
  if (!is_new_epoch) return;
  ++epoch_;
  changes.epoch = true;
  if (members_.empty()) empty_since_ = now.wall;
}

// ---------------------------------------------------------------- reconciliation

void ConsumerGroup::reconcile(Member& member, const std::optional<PartitionSet>& owned, Now now, Changes& changes) {
  if (member.state == MemberState::stable && member.epoch == epoch_) return;
  if (member.state == MemberState::unrevoked && may_own_any(owned, member.revoking)) return;
  const PartitionSet assigned_before = member.assigned;
  const auto epoch_before = member.epoch;
  const auto state_before = member.state;
  std::int32_t epoch = member.epoch;
  if (member.state == MemberState::unrevoked) {
    release(member, member.revoking);
    member.revoking.clear();
    member.revocation_deadline.reset();
    ++epoch;  // It has made a step, though there may be more to give up before it reaches the group's epoch.
  }
  move_towards_target(member, epoch, owned, now);
  if (member.assigned != assigned_before || member.epoch != epoch_before || member.state != state_before) {
    changes.assignments.insert(member.id);
  }
}

void ConsumerGroup::move_towards_target(Member& member, std::int32_t epoch, const std::optional<PartitionSet>& owned,
                                        Now now) {
  PartitionSet surplus = without(member.assigned, member.target);
  member.assigned = common(member.assigned, member.target);
  if (may_own_any(owned, surplus) && !surplus.empty()) {
    member.state = MemberState::unrevoked;
    member.revoking = std::move(surplus);
    member.revocation_deadline = now.steady + member.rebalance_timeout;
    return set_epoch(member, epoch);
  }
  release(member, surplus);
  member.state = MemberState::stable;
  for (const PartitionKey& key : without(member.target, member.assigned)) {
    if (owners_.contains(key)) {
      member.state = MemberState::unreleased;
    } else {
      own(member, key);
      member.assigned.insert(key);
    }
  }
  set_epoch(member, epoch_);
}

void ConsumerGroup::set_epoch(Member& member, std::int32_t epoch) {
  if (member.epoch == epoch) return;
  member.previous_epoch = member.epoch;
  member.epoch = epoch;
}

void ConsumerGroup::own(const Member& member, const PartitionKey& partition) {
  const bool was_free = owners_.emplace(partition, member.id).second;
  CHECK(was_free);  // Two members would read the same records.
}

void ConsumerGroup::release(const Member& member, const PartitionSet& partitions) {
  for (const PartitionKey& key : partitions) {
    const auto owner = owners_.find(key);
    CHECK(owner != owners_.end());
    CHECK_EQ(owner->second, member.id);
    owners_.erase(owner);
  }
}

// ---------------------------------------------------------------- going and coming back

void ConsumerGroup::remove(const std::string& member_id, Changes& changes) {
  const auto node = members_.extract(member_id);
  CHECK(!node.empty());
  const Member& member = node.mapped();
  release(member, member.assigned);
  release(member, member.revoking);
  if (member.instance_id) static_ids_.erase(*member.instance_id);
  changes.subscriptions.insert(member_id);
  changes.targets.insert(member_id);
  changes.assignments.insert(member_id);
}

void ConsumerGroup::tick(Now now, Changes& changes) {
  std::vector<std::string> gone;
  for (const auto& [id, member] : members_) {
    const bool clings = member.revocation_deadline && *member.revocation_deadline <= now.steady;
    if (clings || member.session_deadline <= now.steady) gone.push_back(id);
  }
  if (gone.empty()) return;
  for (const std::string& id : gone) remove(id, changes);
  retarget(true, now, changes);
}

std::optional<SteadyTime> ConsumerGroup::next_deadline() const {
  std::optional<SteadyTime> next;
  for (const auto& [id, member] : members_) {
    const SteadyTime deadline =
        std::min(member.session_deadline, member.revocation_deadline.value_or(member.session_deadline));
    if (!next || deadline < *next) next = deadline;
  }
  return next;
}

void ConsumerGroup::restore(Stored stored, Now now, Changes& changes) {
  epoch_ = stored.epoch.value_or(0);
  members_ = std::move(stored.members);
  // What is left of members whose subscription is forgotten.
  std::erase_if(members_, [](const auto& entry) { return entry.second.id.empty(); });
  for (auto& [id, member] : members_) {
    member.session_deadline = now.steady + limits_.session_timeout;
    if (member.state == MemberState::unrevoked) member.revocation_deadline = now.steady + member.rebalance_timeout;
    if (member.instance_id) static_ids_[*member.instance_id] = id;
    for (PartitionSet* partitions : {&member.assigned, &member.revoking}) {
      // weir stores no partition twice; should a row say so all the same, the first one holds.
      std::erase_if(*partitions, [&](const PartitionKey& key) { return !owners_.try_emplace(key, id).second; });
    }
    member.topics = resolve(member);
  }
  retarget(false, now, changes);
}

// ---------------------------------------------------------------- offsets

ErrorCode ConsumerGroup::check_commit(const std::string& member_id, const std::optional<std::string>& instance_id,
                                      std::int32_t epoch, std::optional<int> version) const {
  // One that is in no group may commit as long as nobody else is (tools, and consumers that assign by hand).
  if (epoch < 0 && members_.empty()) return ErrorCode::none;
  const bool is_transactional = !version;
  if (is_transactional && epoch == -1 && member_id.empty() && !instance_id) return ErrorCode::none;
  const auto member = members_.find(member_id);
  if (member == members_.end()) return ErrorCode::unknown_member_id;
  if (version && *version < kMemberEpochVersion) return ErrorCode::unsupported_version;
  return epoch == member->second.epoch ? ErrorCode::none : ErrorCode::stale_member_epoch;
}

ErrorCode ConsumerGroup::check_fetch(const std::optional<std::string>& member_id, std::int32_t epoch) const {
  if (!member_id && epoch < 0) return ErrorCode::none;
  const auto member = members_.find(member_id.value_or(""));
  if (member == members_.end()) return ErrorCode::unknown_member_id;
  return epoch == member->second.epoch ? ErrorCode::none : ErrorCode::stale_member_epoch;
}

bool ConsumerGroup::is_subscribed_to(const std::string& topic) const {
  const auto found = topics_->find(topic);
  return std::ranges::any_of(members_, [&](const auto& entry) {
    const Member& member = entry.second;
    return member.topic_names.contains(topic) || (found != topics_->end() && member.topics.contains(found->second.id));
  });
}

}  // namespace weir::broker
