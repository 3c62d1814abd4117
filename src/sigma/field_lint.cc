// Fields that the logsource does not have, by the table in taxonomy/fields.yml. The table is ours, so that a mistake in
// it is a broken promise and not an error.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/check.h"
#include "base/embedded.h"
#include "base/text.h"
#include "sigma/lint.h"
#include "sigma/parameters.h"
#include "sigma/reporter.h"

extern "C" {
extern const char weir_taxonomy_data[];
extern const std::size_t weir_taxonomy_size;
}

namespace weir::sigma {

namespace {

struct KnownFields {
  std::set<std::string, std::less<>> names;
  std::vector<std::string> globs;

  void add(const std::string& name) {
    if (name.contains('*')) {
      globs.push_back(name);
    } else {
      names.insert(name);
    }
  }
  bool has(std::string_view field) const {
    return names.contains(field) ||
           std::ranges::any_of(globs, [&](const std::string& glob) { return fits_glob(field, glob); });
  }
};

// By "product/category".
using Taxonomy = std::map<std::string, KnownFields, std::less<>>;

Taxonomy read_taxonomy(std::string_view text) {
  const yaml::Documents documents = yaml::parse(text);
  CHECK(documents.errors.empty() && documents.roots.size() == 1);
  const yaml::Node* every = documents.roots.front().find("every");
  const yaml::Node* logsources = documents.roots.front().find("logsources");
  CHECK(every != nullptr && logsources != nullptr);
  Taxonomy taxonomy;
  for (const yaml::Node& logsource : logsources->items()) {
    const yaml::Node* category = logsource.find("category");
    const yaml::Node* product = logsource.find("product");
    const yaml::Node* fields = logsource.find("fields");
    CHECK(category != nullptr && product != nullptr && fields != nullptr);
    for (const std::string& of_product : texts_of(*product)) {
      for (const std::string& of_category : texts_of(*category)) {
        KnownFields& known = taxonomy[fmt::format("{}/{}", of_product, of_category)];
        for (const std::string& name : texts_of(*fields)) known.add(name);
        if (const yaml::Node* common = every->find(of_product)) {
          for (const std::string& name : texts_of(*common)) known.add(name);
        }
      }
    }
  }
  return taxonomy;
}

const KnownFields* find_known(const event::LogsourceSelector& logsource) {
  static const Taxonomy kTaxonomy = [] {
    const std::vector<EmbeddedFile> files = read_embedded(weir_taxonomy_data, weir_taxonomy_size);
    CHECK_EQ(files.size(), 1u);
    return read_taxonomy(files.front().bytes);
  }();
  // A service may give the category's events other fields.
  if (logsource.category.empty() || (!logsource.service.empty() && logsource.service != "sysmon")) return nullptr;
  const auto known = kTaxonomy.find(fmt::format("{}/{}", logsource.product, logsource.category));
  return known == kTaxonomy.end() ? nullptr : &known->second;
}

void look_at(const Rule& rule, const KnownFields& known, const Expr& expr, std::set<std::string>& told,
             std::vector<Diagnostic>& found) {
  for (const Expr& child : expr.children) look_at(rule, known, child, told, found);
  if (expr.kind != ExprKind::leaf) return;
  const FieldTest& leaf = *expr.leaf;
  if (leaf.field.empty() || known.has(leaf.field) || !told.insert(leaf.field).second) return;
  const std::vector<std::string_view> names(known.names.begin(), known.names.end());
  std::string hint = did_you_mean(leaf.field, names);
  if (hint.empty()) hint = "correct the name, or give a pipeline that maps it to one (--pipeline FILE)";
  found.push_back(
      {Severity::warning, "unknown-field", rule.info->path, leaf.key_mark,
       static_cast<std::uint32_t>(std::max<std::size_t>(1, leaf.field.size())),
       fmt::format("events of {} have no field '{}'", event::to_string(rule.logsource), shortened(leaf.field)),
       std::move(hint)});
}

}  // namespace

void find_unknown_fields(const Rule& rule, std::vector<Diagnostic>& found) {
  const KnownFields* known = find_known(rule.logsource);
  std::set<std::string> told;
  if (known != nullptr) look_at(rule, *known, rule.condition, told, found);
}

}  // namespace weir::sigma
