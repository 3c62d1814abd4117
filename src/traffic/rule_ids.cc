#include "traffic/rule_ids.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace weir::traffic {
namespace {

// Held against rules/ by a test.
constexpr std::array<OwnRule, 20> kRules = {{
    {"web/sql_injection", "180a963a-1a0c-4c38-ae01-b35309287618"},
    {"web/path_traversal", "af06c283-2b7a-41ff-9505-813f0280e703"},
    {"web/log4shell_lookup", "0bbb894c-2fcb-4ff3-ab47-18d7458db10d"},
    {"web/web_shell_command", "f08042c2-ac54-4c55-82b0-aba9685e9930"},
    {"proxy/listed_bad_address", "01489401-6643-4085-97e9-9999bd0b8b1e"},
    {"proxy/command_and_control_agent", "1caccd10-1430-44d0-9ea1-a41709142b18"},
    {"windows/lsass_dump_comsvcs", "b04ac931-e95d-4588-a1a7-22c7b0726e73"},
    {"windows/powershell_encoded_command", "c57c7eab-0a48-4639-8eb9-03ac02aeb7c4"},
    {"windows/certutil_download", "ebb2454c-fa09-44ba-96b4-a20b60d983d7"},
    {"windows/rundll32_script_or_user_folder", "b3481b62-84dd-4b77-8074-691601e1aefe"},
    {"windows/member_added_to_administrators", "b2bff128-8d59-4068-8a34-a6f6d3d3d6b8"},
    {"windows/event_log_cleared", "85bd1af6-6e23-49a3-b5ea-e58c5714cce1"},
    {"windows/shadow_copies_deleted", "88fa3c47-b42b-4328-acd4-c2e41ce16545"},
    {"windows/office_starts_script_host", "8d86fbdf-1cf7-4b3d-917f-2ce372c84b1c"},
    {"windows/scheduled_task_from_user_folder", "e21b6731-5367-44b2-b4c7-97ee0b8bf55e"},
    {"aws/trail_stopped", "a6750628-7666-4e7a-9167-82bf57a26d41"},
    {"aws/root_login_without_mfa", "ad4aa5a9-5e9e-4266-95e4-281d89aeeb25"},
    {"aws/security_group_open_to_world", "917429e0-cbcd-43d1-87af-9dc6c155d4ad"},
    {"aws/access_key_for_other_user", "dfe06e7e-f7aa-4816-b7d2-824f67e9996b"},
    {"linux/sshd_root_login_from_outside", "5b7976c0-aea5-4b82-8c1a-2ae4c52b4a20"},
}};

}  // namespace

std::string_view rule_id(std::string_view path) {
  const auto found = std::ranges::find(kRules, path, &OwnRule::path);
  CHECK(found != kRules.end());
  return found->id;
}

std::span<const OwnRule> own_rules() {
  return kRules;
}

}  // namespace weir::traffic
