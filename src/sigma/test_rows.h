#pragma once

// Rules and events as the tests of this module write them down: a rule is the text of its detection, an event a list of
// values.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "event/batch.h"
#include "sigma/document.h"
#include "sigma/plan.h"
#include "sigma/rule_set.h"

namespace weir::sigma {

using event::ValueKind;

// The tree of one rule, given what stands under `detection:` as a flow map: "{s: {A: x}, condition: s}".
inline Expr condition_of(std::string_view detection) {
  const ParsedFile file =
      parse_file("test.yml", fmt::format("title: T\nlogsource: {{product: windows}}\ndetection: {}\n", detection));
  for (const Diagnostic& diagnostic : file.diagnostics) {
    if (diagnostic.severity == Severity::error) ADD_FAILURE() << diagnostic.message << "\n" << detection;
  }
  return file.rules.empty() ? Expr{} : file.rules.front().condition;
}

// The single test of one item, "A|contains: 'x'".
inline FieldTest field_test(std::string_view item) {
  const Expr condition = condition_of(fmt::format("{{s: {{{}}}, condition: s}}", item));
  const Expr* expr = &condition;
  while (expr->kind != ExprKind::leaf && expr->children.size() == 1) expr = &expr->children.front();
  EXPECT_EQ(expr->kind, ExprKind::leaf) << item;
  return expr->leaf == nullptr ? FieldTest{} : *expr->leaf;
}

// Variants of product windows, numbered as they stand.
inline std::vector<Variant> variants_of(const std::vector<std::string>& detections) {
  std::vector<Variant> variants;
  for (const std::string& detection : detections) {
    variants.push_back({static_cast<std::uint32_t>(variants.size()), {"windows", "", ""}, condition_of(detection)});
  }
  return variants;
}

inline Plan plan_of(const std::vector<std::string>& detections) {
  return Plan(variants_of(detections));
}

struct Value {
  std::string field;
  std::string text;
  ValueKind kind = ValueKind::string;
};
using Values = std::vector<Value>;

// A batch of events, with the texts that its cells borrow.
class TestRows {
 public:
  explicit TestRows(const event::FieldTable& table) : names_(table) {}

  const event::Row& add(const Values& values, const event::Logsource* logsource = &windows()) {
    batch_.begin_row();
    for (const Value& value : values) batch_.add(names_.resolve(value.field), value.kind, keep(value.text));
    return finish(logsource, {}, false);
  }

  // `raw`: the record's bytes, in which each value stands as `values` has it, escapes and all.
  const event::Row& add_verbatim(const Values& values, std::string_view raw) {
    batch_.begin_row();
    for (const Value& value : values) {
      batch_.add(names_.resolve(value.field), value.kind, keep(value.text), value.kind == ValueKind::string);
    }
    return finish(&windows(), keep(raw), true);
  }

  event::Batch& batch() { return batch_; }

  void clear() {
    batch_.clear();
    texts_.clear();
  }

  static const event::Logsource& windows() {
    static const event::Logsource kSource{"windows", {}, {}};
    return kSource;
  }

 private:
  std::string_view keep(std::string_view text) { return texts_.emplace_back(text); }
  const event::Row& finish(const event::Logsource* logsource, std::string_view raw, bool verbatim) {
    batch_.finish_row(batch_.rows().size(), logsource, raw, verbatim);
    return batch_.rows().back();
  }

  event::FieldNames names_;
  event::Batch batch_;
  std::deque<std::string> texts_;
};

}  // namespace weir::sigma
