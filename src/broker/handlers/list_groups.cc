#include "wire/messages/list_groups.h"

#include <algorithm>
#include <cctype>

#include "broker/handlers/handlers.h"

namespace weir::broker {

namespace {

bool is_same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

bool is_wanted(std::string_view word, const std::vector<std::string>& filter) {
  return filter.empty() || std::ranges::any_of(filter, [&](const auto& wanted) { return is_same_word(word, wanted); });
}

}  // namespace

void handle_list_groups(Request& request, Call call) {
  wire::ListGroupsRequest body;
  if (!read_body(request, call, body)) return;
  wire::ListGroupsResponse response;
  for (const GroupCoordinator::Group* group : request.broker.groups().groups()) {
    wire::ListGroupsResponse::ListedGroup entry;
    entry.group_id = group->id;
    const ClassicGroup* classic = group->classic();
    entry.protocol_type = classic == nullptr ? "consumer" : classic->protocol_type();
    entry.group_state = std::string(group->state_name());
    entry.group_type = classic == nullptr ? "consumer" : "classic";
    if (is_wanted(entry.group_state, body.states_filter) && is_wanted(entry.group_type, body.types_filter)) {
      response.groups.push_back(std::move(entry));
    }
  }
  call.answer(response);
}

}  // namespace weir::broker
