#pragma once

// What every Sigma document says about itself: title, id, level, tags … (Sigma rules specification, "Components"), and
// the logsource. Mistakes go to the reporter.

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "event/logsource.h"
#include "sigma/reporter.h"
#include "sigma/rule.h"
#include "yaml/node.h"

namespace weir::sigma {

// `document` is a map. `body_keys` are the keys that only this kind of document has: "detection", "logsource".
std::shared_ptr<const RuleInfo> read_info(const yaml::Node& document, std::string_view path,
                                          std::span<const std::string_view> body_keys, Reporter& reporter);

// The logsource of a rule or filter; it must name a category, a product or a service.
event::LogsourceSelector read_logsource(const yaml::Node& document, Reporter& reporter);

// A key that is absent where it must stand: an error that points at what was probably meant.
void report_missing_key(const yaml::Node& map, std::string_view key, std::string_view owner, Reporter& reporter);

// Warns of keys that are probably misspelled: near a known one that is absent. Mandatory ones are known, too, but their
// absence is an error of its own.
void warn_of_misspelled_keys(const yaml::Node& map, std::span<const std::string_view> known,
                             std::span<const std::string_view> mandatory, Reporter& reporter);

// A text or a list of texts, all as texts; anything else is an error.
std::vector<std::string> read_texts(const yaml::Node& node, std::string_view name, Reporter& reporter);

// The same of texts that name other documents.
std::vector<Reference> read_references(const yaml::Node& node, std::string_view name, Reporter& reporter);

// The entry of a map's key; null if absent.
const yaml::Node::Entry* find_entry(const yaml::Node& map, std::string_view key);

}  // namespace weir::sigma
