#include "event/logsource.h"

#include <algorithm>

#include <fmt/ranges.h>

#include "base/text.h"

namespace weir::event {

bool LogsourceSelector::selects(const Logsource& source) const {
  const auto holds = [](const std::vector<std::string>& names, const std::string& wanted) {
    return wanted.empty() || std::ranges::find(names, wanted) != names.end();
  };
  return (product.empty() || product == source.product) && holds(source.categories, category) &&
         holds(source.services, service);
}

Result<Logsource> parse_logsource(std::string_view text) {
  Logsource source;
  for (const std::string_view part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    const std::string_view name = trim(part.substr(0, equals));
    const std::string value = equals == std::string_view::npos ? "" : lower(trim(part.substr(equals + 1)));
    if (value.empty()) {
      return fail(ErrorKind::user, "logsource '{}': '{}' needs the form product=…, category=… or service=…", text,
                  part);
    }
    if (name == "product") {
      source.product = value;
    } else if (name == "category") {
      source.categories.push_back(value);
    } else if (name == "service") {
      source.services.push_back(value);
    } else {
      return fail(ErrorKind::user, "logsource '{}': unknown part '{}' (known: product, category, service)", text, name);
    }
  }
  return source;
}

namespace {

std::string spelled(const std::string& part) {
  return part.empty() ? "*" : part;
}
std::string spelled(const std::vector<std::string>& parts) {
  return parts.empty() ? "*" : fmt::format("{}", fmt::join(parts, "+"));
}

}  // namespace

std::string to_string(const Logsource& source) {
  return fmt::format("{}/{}/{}", spelled(source.product), spelled(source.categories), spelled(source.services));
}

std::string to_string(const LogsourceSelector& selector) {
  return fmt::format("{}/{}/{}", spelled(selector.product), spelled(selector.category), spelled(selector.service));
}

}  // namespace weir::event
