#include "sigma/pipeline.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/check.h"
#include "base/embedded.h"
#include "base/text.h"
#include "sigma/parameters.h"
#include "sigma/pipeline_run.h"
#include "sigma/transformation.h"
#include "yaml/node.h"

extern "C" {
extern const char weir_pipelines_data[];
extern const std::size_t weir_pipelines_size;
}

namespace weir::sigma {

struct Pipeline::Parsed {
  std::string name;
  int priority = 0;
  PlaceholderLists lists;
  std::vector<std::shared_ptr<const Transformation>> transformations;
};

namespace {

// What writes queries for other engines (`postprocessing`, `finalizers`, `allowed_backends`) has no meaning here.
constexpr std::array<std::string_view, 7> kKeys = {
    "name", "priority", "vars", "transformations", "postprocessing", "finalizers", "allowed_backends"};

PlaceholderLists read_lists(const Parameters& parameters, const yaml::Node& vars) {
  PlaceholderLists lists;
  if (!vars.is_map() && !vars.is_null()) parameters.error(vars, "'vars' must be a map from names to lists");
  for (const yaml::Node::Entry& entry : vars.entries()) {
    lists[entry.key] = texts_of(entry.value);
    if (lists[entry.key].empty()) {
      parameters.error(entry.value, fmt::format("the list '{}' has no values", shortened(entry.key)));
    }
  }
  return lists;
}

// The first leaf that still waits for values; null if there is none.
const FieldTest* find_waiting(const Expr& expr) {
  if (expr.kind == ExprKind::leaf) {
    return std::holds_alternative<PlaceholderTest>(expr.leaf->test) ? expr.leaf.get() : nullptr;
  }
  for (const Expr& child : expr.children) {
    if (const FieldTest* waiting = find_waiting(child)) return waiting;
  }
  return nullptr;
}

// A built-in pipeline speaks of categories. It must not lead a rule that names a product or a service, too, to another
// one's events.
bool stays_within(const event::LogsourceSelector& variant, const event::LogsourceSelector& rule) {
  return (rule.product.empty() || rule.product == variant.product) &&
         (rule.service.empty() || rule.service == variant.service);
}

Diagnostic about(const Rule& rule, yaml::Mark mark, std::string code, std::string message, std::string hint) {
  Diagnostic diagnostic;
  diagnostic.code = std::move(code);
  diagnostic.path = rule.info->path;
  diagnostic.mark = mark;
  diagnostic.message = std::move(message);
  diagnostic.hint = std::move(hint);
  return diagnostic;
}

}  // namespace

Pipeline::Pipeline(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Pipeline::~Pipeline() = default;
const std::string& Pipeline::name() const {
  return parsed_->name;
}
int Pipeline::priority() const {
  return parsed_->priority;
}

std::shared_ptr<const Pipeline> Pipeline::parse(std::string_view path, std::string_view text,
                                                std::vector<Diagnostic>& diagnostics) {
  Reporter reporter(path, text, diagnostics);
  const yaml::Documents documents = yaml::parse(text);
  for (const yaml::ParseError& error : documents.errors) reporter.error("yaml", {error.mark, 1}, error.message);
  if (!documents.errors.empty()) return nullptr;
  if (documents.roots.size() != 1 || !documents.roots.front().is_map()) {
    reporter.error("pipeline", {}, "a pipeline file holds one map", "write 'transformations:' with a list");
    return nullptr;
  }
  const yaml::Node& root = documents.roots.front();
  const Parameters parameters(root, "pipeline", reporter);
  parameters.check_keys(kKeys);
  auto parsed = std::make_unique<Parsed>();
  parsed->name = parameters.text("name", path);
  if (const yaml::Node* priority = root.find("priority")) {
    const std::optional<std::int64_t> number = parse_int(priority->text());
    if (!number || *number < -1'000'000 || *number > 1'000'000) {
      parameters.error(*priority, "'priority' must be a whole number", "lower ones are applied first");
    }
    parsed->priority = static_cast<int>(number.value_or(0));
  }
  if (const yaml::Node* vars = root.find("vars")) parsed->lists = read_lists(parameters, *vars);
  if (const yaml::Node* transformations = root.find("transformations")) {
    if (!transformations->is_sequence()) parameters.error(*transformations, "'transformations' must be a list");
    for (const yaml::Node& node : transformations->items()) {
      auto transformation = Transformation::read(node, reporter);
      if (transformation) parsed->transformations.push_back(std::move(transformation));
    }
  }
  if (reporter.errors() != 0) return nullptr;
  return std::shared_ptr<const Pipeline>(new Pipeline(std::move(parsed)));
}

bool Pipeline::speaks_of(const Rule& rule) const {
  const PipelineRun run{rule, parsed_->lists, {}, {}, {}, {}, {}, {}};
  return std::ranges::any_of(parsed_->transformations,
                             [&](const auto& each) { return each->changes_rules() && each->applies_to(run); });
}

bool Pipeline::apply(Rule& rule, std::string& refusal) const {
  PipelineRun run{rule, parsed_->lists, {}, {}, {}, {}, {}, {}};
  for (const auto& transformation : parsed_->transformations) transformation->apply(rule, run);
  refusal = run.refusal;
  return refusal.empty();
}

const std::vector<std::shared_ptr<const Pipeline>>& builtin_pipelines() {
  static const auto kPipelines = [] {
    std::vector<std::shared_ptr<const Pipeline>> made;
    std::vector<Diagnostic> diagnostics;
    for (const EmbeddedFile& file : read_embedded(weir_pipelines_data, weir_pipelines_size)) {
      made.push_back(Pipeline::parse(file.path, file.bytes, diagnostics));
      CHECK(made.back() != nullptr);  // Ours, and tested.
    }
    return made;
  }();
  return kPipelines;
}

VariantSet make_variants(const std::vector<Rule>& rules, const std::vector<std::shared_ptr<const Pipeline>>& user) {
  std::vector<std::shared_ptr<const Pipeline>> ordered = user;
  std::ranges::stable_sort(ordered, {}, [](const auto& pipeline) { return pipeline->priority(); });
  VariantSet set;
  for (std::uint32_t index = 0; index < rules.size(); ++index) {
    Rule rule = rules[index];
    std::string refusal;
    const bool taken =
        std::ranges::all_of(ordered, [&](const auto& pipeline) { return pipeline->apply(rule, refusal); });
    if (!taken) {
      set.diagnostics.push_back(about(rule, rule.info->mark, "pipeline-refusal", refusal, ""));
      set.unusable.push_back(index);
      continue;
    }
    if (const FieldTest* waiting = find_waiting(rule.condition)) {
      set.diagnostics.push_back(
          about(rule, waiting->mark, "placeholder-without-list",
                fmt::format("no list fills the placeholder in '{}'",
                            shortened(std::get<PlaceholderTest>(waiting->test).text)),
                "give one under `vars:` of a pipeline with `value_placeholders` (--pipeline FILE)"));
      set.unusable.push_back(index);
      continue;
    }
    set.variants.push_back({index, rule.logsource, rule.condition});
    for (const auto& pipeline : builtin_pipelines()) {
      if (!pipeline->speaks_of(rule)) continue;
      Rule variant = rule;
      if (pipeline->apply(variant, refusal) && stays_within(variant.logsource, rule.logsource)) {
        set.variants.push_back({index, variant.logsource, std::move(variant.condition)});
      }
    }
  }
  return set;
}

}  // namespace weir::sigma
