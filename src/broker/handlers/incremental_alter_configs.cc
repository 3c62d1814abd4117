#include "wire/messages/incremental_alter_configs.h"

#include "broker/handlers/config_change.h"
#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_incremental_alter_configs(Request& request, Call call) {
  wire::IncrementalAlterConfigsRequest body;
  if (!read_body(request, call, body)) return;
  wire::IncrementalAlterConfigsResponse response;
  for (const auto& resource : body.resources) {
    std::vector<ConfigChange> changes;
    for (const auto& config : resource.configs) {
      changes.push_back({config.name, static_cast<ConfigOperation>(config.config_operation), config.value});
    }
    const ConfigOutcome outcome = change_config(request.broker, resource.resource_type, resource.resource_name, changes,
                                                ConfigBase::current, body.validate_only);
    response.responses.push_back({outcome.code, outcome.message, resource.resource_type, resource.resource_name});
  }
  call.answer(response);
}

}  // namespace weir::broker
