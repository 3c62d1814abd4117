#include "kafka/server_error.h"

namespace weir::kafka {

namespace {

using wire::ErrorCode;

struct Meaning {
  ErrorKind kind = ErrorKind::external;
  std::string_view advice;
};

Meaning meaning_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::unknown_topic_or_partition: return {ErrorKind::user, "`weir topic list` shows what there is"};
    case ErrorCode::topic_already_exists:
      return {ErrorKind::user, "choose another name, or change it with `weir topic alter`"};
    case ErrorCode::invalid_topic_exception:
      return {ErrorKind::user, "names have 1 to 249 letters, digits, '.', '_' and '-'"};
    case ErrorCode::group_id_not_found: return {ErrorKind::user, "`weir group list` shows what there is"};
    case ErrorCode::non_empty_group:
    case ErrorCode::unknown_member_id:
    case ErrorCode::illegal_generation:
    case ErrorCode::rebalance_in_progress:
    case ErrorCode::group_subscribed_to_topic:
      return {ErrorKind::user, "stop the group's members first; `weir group describe` shows them"};
    case ErrorCode::topic_authorization_failed:
    case ErrorCode::group_authorization_failed:
    case ErrorCode::cluster_authorization_failed:
    case ErrorCode::transactional_id_authorization_failed:
      return {ErrorKind::user, "this user is not allowed to; log in as another, or have an ACL added"};
    case ErrorCode::sasl_authentication_failed: return {ErrorKind::user, "check user and password"};
    case ErrorCode::invalid_replication_factor:
      return {ErrorKind::user, "there must be as many brokers; leave --replicas out to take the cluster's default"};
    case ErrorCode::invalid_config:
    case ErrorCode::invalid_partitions:
    case ErrorCode::invalid_replica_assignment:
    case ErrorCode::invalid_request:
    case ErrorCode::invalid_group_id:
    case ErrorCode::policy_violation:
    case ErrorCode::topic_deletion_disabled:
    case ErrorCode::offset_out_of_range:
    case ErrorCode::offset_metadata_too_large: return {ErrorKind::user, ""};
    case ErrorCode::corrupt_message: return {ErrorKind::corrupt, ""};
    default: return {};
  }
}

}  // namespace

bool is_passing(ErrorCode code) {
  switch (code) {
    case ErrorCode::leader_not_available:
    case ErrorCode::not_leader_or_follower:
    case ErrorCode::broker_not_available:
    case ErrorCode::replica_not_available:
    case ErrorCode::coordinator_load_in_progress:
    case ErrorCode::coordinator_not_available:
    case ErrorCode::not_coordinator:
    case ErrorCode::not_controller:
    case ErrorCode::fenced_leader_epoch:
    case ErrorCode::unknown_leader_epoch:
    case ErrorCode::offset_not_available:
    case ErrorCode::unstable_offset_commit:
    case ErrorCode::throttling_quota_exceeded: return true;
    default: return false;
  }
}

Error server_error(std::string_view doing, ErrorCode code, const std::optional<std::string>& message) {
  const Meaning meaning = meaning_of(code);
  std::string text = fmt::format("cannot {}: {}", doing, wire::name_of(code));
  if (code == ErrorCode::unknown_server_error || wire::name_of(code) == "UNKNOWN_ERROR_CODE") {
    text += fmt::format(" ({})", static_cast<int>(code));
  }
  if (message && !message->empty()) text += ": " + *message;
  if (!meaning.advice.empty()) text += fmt::format("; {}", meaning.advice);
  return {meaning.kind, std::move(text)};
}

}  // namespace weir::kafka
