#include "wire/messages/alter_configs.h"

#include "broker/handlers/config_change.h"
#include "broker/handlers/handlers.h"

namespace weir::broker {

// The old call: what it does not name goes back to its default.
void handle_alter_configs(Request& request, Call call) {
  wire::AlterConfigsRequest body;
  if (!read_body(request, call, body)) return;
  wire::AlterConfigsResponse response;
  for (const auto& resource : body.resources) {
    std::vector<ConfigChange> changes;
    for (const auto& config : resource.configs) {
      changes.push_back({config.name, config.value ? ConfigOperation::set : ConfigOperation::remove, config.value});
    }
    const ConfigOutcome outcome = change_config(request.broker, resource.resource_type, resource.resource_name, changes,
                                                ConfigBase::nothing, body.validate_only);
    response.responses.push_back({outcome.code, outcome.message, resource.resource_type, resource.resource_name});
  }
  call.answer(response);
}

}  // namespace weir::broker
