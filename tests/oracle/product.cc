#include "oracle/product.h"

#include <algorithm>
#include <deque>

#include "base/json_text.h"
#include "event/batch.h"
#include "sigma/document.h"
#include "sigma/matcher.h"
#include "sigma/pipeline.h"
#include "sigma/plan.h"
#include "sigma/rule_set.h"

namespace weir::oracle {

namespace {

const sigma::Diagnostic* first_error(const std::vector<sigma::Diagnostic>& diagnostics) {
  for (const sigma::Diagnostic& one : diagnostics) {
    if (one.severity == sigma::Severity::error) return &one;
  }
  return nullptr;
}

std::string placeholder_pipeline(const Placeholders& placeholders) {
  std::string text = "name: test\npriority: 10\nvars: {";
  for (const auto& [name, values] : placeholders) {
    if (text.back() != '{') text += ", ";
    append_json_string(text, name);
    text += ": [";
    for (const std::string& value : values) {
      if (text.back() != '[') text += ", ";
      append_json_string(text, value);
    }
    text += ']';
  }
  return text + "}\ntransformations:\n  - id: fill\n    type: value_placeholders\n";
}

event::ValueKind kind_of(ValueKind kind) {
  switch (kind) {
    case ValueKind::null: return event::ValueKind::null;
    case ValueKind::string: return event::ValueKind::string;
    case ValueKind::number: return event::ValueKind::number;
    case ValueKind::boolean: return event::ValueKind::boolean;
    case ValueKind::json: return event::ValueKind::json;
  }
  return event::ValueKind::null;
}

Result<std::vector<sigma::Variant>> read_variants(std::string_view rule_text, const Placeholders& placeholders) {
  std::vector<sigma::ParsedFile> files;
  files.push_back(sigma::parse_file("generated.yml", rule_text));
  const std::size_t failed = files.back().failed;
  sigma::RuleSet set = sigma::link(std::move(files));
  const sigma::Diagnostic* error = first_error(set.diagnostics);
  if (failed != 0 || set.rules.empty())
    return fail(ErrorKind::user, "{}", error == nullptr ? "no rule" : error->message);
  std::vector<std::shared_ptr<const sigma::Pipeline>> pipelines;
  if (!placeholders.empty()) {
    std::vector<sigma::Diagnostic> diagnostics;
    pipelines.push_back(sigma::Pipeline::parse("test.yml", placeholder_pipeline(placeholders), diagnostics));
    if (pipelines.back() == nullptr) return fail(ErrorKind::user, "the test's pipeline was refused");
  }
  sigma::VariantSet variants = sigma::make_variants(set.rules, pipelines);
  if (!variants.unusable.empty()) return fail(ErrorKind::user, "no variant could be made");
  return std::move(variants.variants);
}

}  // namespace

Result<std::vector<std::vector<bool>>> evaluate_together(std::span<const RuleSource> sources,
                                                         const std::vector<Event>& events, ProductOptions options) {
  std::vector<sigma::Variant> all;
  for (std::uint32_t rule = 0; rule < sources.size(); ++rule) {
    TRY(std::vector<sigma::Variant> variants, read_variants(sources[rule].text, *sources[rule].placeholders));
    for (sigma::Variant& variant : variants) {
      variant.rule = rule;
      all.push_back(std::move(variant));
    }
  }
  const auto plan = std::make_shared<const sigma::Plan>(all);
  // Short pauses, so that most events are matched with what was learnt from those before.
  sigma::Matcher matcher(plan, {.remember = options.remember, .events_before_study = 1, .events_studied = 4});
  event::FieldNames names(plan->field_table());
  event::Batch batch;
  std::deque<event::Logsource> logsources;
  for (const Event& event : events) {
    logsources.push_back({event.logsource.product, event.logsource.categories, event.logsource.services});
    batch.begin_row();
    for (const Value& value : event.values) batch.add(names.resolve(value.field), kind_of(value.kind), value.text);
    batch.finish_row(logsources.size() - 1, &logsources.back(), {});
  }
  std::vector<std::vector<bool>> verdicts(sources.size(), std::vector<bool>(events.size()));
  for (std::size_t event = 0; event < events.size(); ++event) {
    for (const std::uint32_t rule : matcher.match(batch, batch.rows()[event])) verdicts[rule][event] = true;
  }
  return verdicts;
}

Verdicts evaluate_with_product(std::string_view rule_text, const Placeholders& placeholders,
                               const std::vector<Event>& events, ProductOptions options) {
  const RuleSource source{rule_text, &placeholders};
  TRY(const std::vector<std::vector<bool>> verdicts, evaluate_together(std::span(&source, 1), events, options));
  return verdicts.front();
}

}  // namespace weir::oracle
