// Filling placeholders (Sigma rules specification, "Placeholders"): `%name%` becomes each value of a list.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "sigma/change.h"
#include "sigma/modifier.h"

namespace weir::sigma {

namespace {

constexpr std::size_t kTextsMax = 100'000;

// A placeholder's values, or null if this step does not fill it.
using Filling = std::function<const std::vector<std::string>*(std::string_view name)>;

// A percent sign of a value must not open a placeholder.
std::string with_escaped_percents(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size())
      text += value[i++];
    else if (value[i] == '%')
      text += '\\';
    text += value[i];
  }
  return text;
}

std::string without_percent_escapes(std::string text) {
  for (std::size_t at = text.find("\\%"); at != std::string::npos; at = text.find("\\%", at + 1)) text.erase(at, 1);
  return text;
}

// All texts that come of filling in what `filling` knows; nothing if they are too many.
std::optional<std::vector<std::string>> filled(std::string_view text, const Filling& filling) {
  std::vector<std::string> texts = {""};
  for (const PlaceholderPart& part : split_placeholders(text)) {
    const std::vector<std::string>* values = part.is_placeholder ? filling(part.text) : nullptr;
    const std::vector<std::string> as_it_is = {part.is_placeholder ? fmt::format("%{}%", part.text) : part.text};
    if (texts.size() * (values ? values->size() : 1) > kTextsMax) return std::nullopt;
    std::vector<std::string> longer;
    for (const std::string& each : texts) {
      for (const std::string& value : values ? *values : as_it_is) {
        longer.push_back(each + (values ? with_escaped_percents(value) : value));
      }
    }
    texts = std::move(longer);
  }
  return texts;
}

std::optional<Expr> fill(PipelineRun& run, const FieldTest& leaf, const Filling& filling) {
  const auto* waiting = std::get_if<PlaceholderTest>(&leaf.test);
  if (waiting == nullptr) return std::nullopt;
  const std::vector<PlaceholderPart> parts = split_placeholders(waiting->text);
  const auto is_filled = [&](const PlaceholderPart& part) {
    return part.is_placeholder && filling(part.text) != nullptr;
  };
  if (std::ranges::none_of(parts, is_filled)) return std::nullopt;
  const auto texts = filled(waiting->text, filling);
  if (!texts) {
    run.refusal = fmt::format("filling the placeholders of '{}' makes more than {} values", waiting->text, kTextsMax);
    return std::nullopt;
  }
  std::vector<Expr> alternatives;
  for (const std::string& text : *texts) {
    if (std::ranges::any_of(split_placeholders(text), &PlaceholderPart::is_placeholder)) {
      PlaceholderTest rest = *waiting;
      rest.text = text;
      alternatives.push_back(leaf_like(leaf, std::move(rest)));
      continue;
    }
    auto tests = fill_placeholder(*waiting, waiting->later_modifiers ? without_percent_escapes(text) : text);
    if (!tests) {
      run.refusal = fmt::format("the value '{}' of a placeholder: {}", shortened(text), tests.error().message);
      return std::nullopt;
    }
    for (ValueTest& test : *tests) alternatives.push_back(leaf_like(leaf, std::move(test)));
  }
  return joined(ExprKind::any_of, std::move(alternatives));
}

// Which placeholders a step speaks of: `include` or `exclude`.
std::function<bool(std::string_view)> read_choice(const Parameters& parameters) {
  if (parameters.find("include") != nullptr && parameters.find("exclude") != nullptr) {
    parameters.error(*parameters.find("exclude"), "'include' and 'exclude' exclude each other");
  }
  return [has_include = parameters.find("include") != nullptr, include = parameters.texts("include"),
          exclude = parameters.texts("exclude")](std::string_view name) {
    if (has_include) return std::ranges::find(include, name) != include.end();
    return std::ranges::find(exclude, name) == exclude.end();
  };
}

Change read_value_placeholders(const Parameters& parameters) {
  return change_of_values([chosen = read_choice(parameters)](PipelineRun& run, const FieldTest& leaf) {
    return fill(run, leaf, [&](std::string_view name) -> const std::vector<std::string>* {
      const auto it = run.lists.find(name);
      return it == run.lists.end() || !chosen(name) ? nullptr : &it->second;
    });
  });
}

Change read_wildcard_placeholders(const Parameters& parameters) {
  return change_of_values([chosen = read_choice(parameters)](PipelineRun& run, const FieldTest& leaf) {
    static const std::vector<std::string> kStar = {"*"};
    return fill(run, leaf, [&](std::string_view name) { return chosen(name) ? &kStar : nullptr; });
  });
}

}  // namespace

std::span<const ChangeType> placeholder_changes() {
  static constexpr std::array<ChangeType, 2> kTypes = {{
      {"value_placeholders", {"include", "exclude"}, read_value_placeholders},
      {"wildcard_placeholders", {"include", "exclude"}, read_wildcard_placeholders},
  }};
  return kTypes;
}

}  // namespace weir::sigma
