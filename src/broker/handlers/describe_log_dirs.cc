#include "wire/messages/describe_log_dirs.h"

#include <algorithm>

#include "broker/handlers/handlers.h"

namespace weir::broker {

void handle_describe_log_dirs(Request& request, Call call) {
  wire::DescribeLogDirsRequest body;
  if (!read_body(request, call, body)) return;
  wire::DescribeLogDirsResponse response;
  wire::DescribeLogDirsResponse::DescribeLogDirsResult folder;
  folder.log_dir = request.broker.log().path();
  if (const auto space = request.broker.log().space()) {
    folder.total_bytes = static_cast<std::int64_t>(space->total_bytes);
    folder.usable_bytes = static_cast<std::int64_t>(space->free_bytes);
  }
  for (const log::Topic* topic : request.broker.log().topics()) {
    const auto is_this = [&](const auto& wanted) { return wanted.topic == topic->name; };
    const auto wanted = body.topics ? std::ranges::find_if(*body.topics, is_this)
                                    : std::vector<wire::DescribeLogDirsRequest::DescribableLogDirTopic>::iterator();
    if (body.topics && wanted == body.topics->end()) continue;
    wire::DescribeLogDirsResponse::DescribeLogDirsTopic entry;
    entry.name = topic->name;
    for (std::size_t i = 0; i < topic->partitions.size(); ++i) {
      const auto index = static_cast<std::int32_t>(i);
      if (body.topics && std::ranges::find(wanted->partitions, index) == wanted->partitions.end()) continue;
      entry.partitions.push_back({index, static_cast<std::int64_t>(topic->partitions[i]->size_bytes()), 0, false});
    }
    folder.topics.push_back(std::move(entry));
  }
  response.results.push_back(std::move(folder));
  call.answer(response);
}

}  // namespace weir::broker
