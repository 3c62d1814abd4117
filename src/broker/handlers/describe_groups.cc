#include "wire/messages/describe_groups.h"

#include <algorithm>

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_describe_groups(Request& request, Call call) {
  wire::DescribeGroupsRequest body;
  if (!read_body(request, call, body)) return;
  wire::DescribeGroupsResponse response;
  for (const std::string& id : body.groups) {
    wire::DescribeGroupsResponse::DescribedGroup entry;
    entry.group_id = id;
    const GroupCoordinator::Group* group = request.broker.groups().find(id);
    if (group == nullptr || group->classic() == nullptr) {
      entry.group_state = "Dead";
      if (call.version() >= 6) {
        entry.error_code = wire::ErrorCode::group_id_not_found;
        entry.error_message = group == nullptr ? fmt::format("Group {} not found.", id)
                                               : fmt::format("Group {} is not a classic group.", id);
      }
      response.groups.push_back(std::move(entry));
      continue;
    }
    const ClassicGroup& classic = *group->classic();
    entry.group_state = std::string(name_of(classic.state()));
    entry.protocol_type = classic.protocol_type();
    const bool is_stable = classic.state() == ClassicGroup::State::stable;
    if (is_stable) entry.protocol_data = classic.protocol();
    for (const auto& [member_id, member] : classic.members()) {
      wire::DescribeGroupsResponse::DescribedGroupMember described;
      described.member_id = member.id;
      described.group_instance_id = member.instance_id;
      described.client_id = member.client_id;
      described.client_host = member.client_host;
      if (is_stable) {
        const auto own = std::ranges::find(member.protocols, classic.protocol(), &ClassicGroup::Protocol::name);
        if (own != member.protocols.end()) described.member_metadata = own->metadata;
        described.member_assignment = member.assignment;
      }
      entry.members.push_back(std::move(described));
    }
    response.groups.push_back(std::move(entry));
  }
  call.answer(response);
}

}  // namespace weir::broker
