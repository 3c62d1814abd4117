#include "oracle/item.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "oracle/encoding.h"
#include "oracle/text.h"

namespace weir::oracle {

namespace {

using Texts = std::vector<SigmaText>;

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_boolean(const yaml::Node& value) {
  return value.is_scalar() && !value.quoted() &&
         one_of(value.text(), {"true", "True", "TRUE", "false", "False", "FALSE"});
}

// YAML 1.2.2, section 10.3.2, and hexadecimal and octal numbers.
bool is_number(const yaml::Node& value) {
  if (!value.is_scalar() || value.quoted()) return false;
  const std::string& text = value.text();
  if (text.starts_with("0x") && text.size() > 2)
    return text.find_first_not_of("0123456789abcdefABCDEF", 2) == text.npos;
  if (text.starts_with("0o") && text.size() > 2) return text.find_first_not_of("01234567", 2) == text.npos;
  return read_number(text).has_value();
}

bool is_string(const yaml::Node& value) {
  return value.is_scalar() && !is_boolean(value) && !is_number(value);
}

std::optional<Comparison> comparison_of(std::string_view modifier) {
  if (modifier == "lt") return Comparison::lt;
  if (modifier == "lte") return Comparison::lte;
  if (modifier == "gt") return Comparison::gt;
  if (modifier == "gte") return Comparison::gte;
  return std::nullopt;
}

std::optional<TimePart> time_part_of(std::string_view modifier) {
  if (modifier == "minute") return TimePart::minute;
  if (modifier == "hour") return TimePart::hour;
  if (modifier == "day") return TimePart::day;
  if (modifier == "week") return TimePart::week;
  if (modifier == "month") return TimePart::month;
  if (modifier == "year") return TimePart::year;
  return std::nullopt;
}

// A placeholder's texts in place of each %name% of a Sigma text (rules specification, "Placeholders").
Result<std::vector<std::string>> expand(std::string_view written, const Placeholders& placeholders) {
  std::vector<std::string> all{""};
  const auto append = [&](std::string_view text) {
    for (std::string& one : all) one += text;
  };
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\' && i + 1 < written.size()) {
      append(written[i + 1] == '%' ? written.substr(i + 1, 1) : written.substr(i, 2));
      ++i;
      continue;
    }
    const std::size_t end = written[i] == '%' ? written.find('%', i + 1) : written.npos;
    if (end == written.npos || end == i + 1) {
      append(written.substr(i, 1));
      continue;
    }
    const auto found = placeholders.find(written.substr(i + 1, end - i - 1));
    if (found == placeholders.end()) {
      return fail(ErrorKind::user, "no values for the placeholder {}", written.substr(i, end - i + 1));
    }
    std::vector<std::string> more;
    for (const std::string& one : all) {
      for (const std::string& value : found->second) more.push_back(one + value);
    }
    all = std::move(more);
    i = end;
  }
  return all;
}

// Applies the modifiers of one value in the order written.
class ValueReader {
 public:
  ValueReader(const yaml::Node& value, const Placeholders& placeholders) : value_(value), placeholders_(placeholders) {
    if (value.is_scalar()) {
      texts_.push_back(parse_sigma_text(is_number(value) ? plain_number_text(value.text()) : value.text()));
    }
    if (value.is_null()) test_.kind = Test::Kind::null;
  }

  Status apply(std::string_view modifier) {
    if (value_.is_null()) return fail(ErrorKind::user, "'{}' does not go with null", modifier);
    TRY(step(modifier));
    ++applied_;
    return {};
  }

  // Any of the texts (or the one test that is no text) is enough. A keyword is looked for anywhere in a value unless
  // modifiers said where.
  NodePtr finish(const std::string& field) {
    std::vector<NodePtr> leaves;
    if (test_.kind != Test::Kind::pattern) {
      leaves.push_back(leaf(field, test_));
      return leaves.front();
    }
    for (SigmaText& text : texts_) {
      if (field.empty() && !open_front_ && !open_back_) {
        text.open_front();
        text.open_back();
      }
      Test test;
      test.cased = test_.cased;
      test.pattern = to_pattern(text, test.cased);
      leaves.push_back(leaf(field, std::move(test)));
    }
    return leaves.size() == 1 ? leaves.front() : join(Node::Kind::any_of, std::move(leaves));
  }

 private:
  static NodePtr leaf(const std::string& field, Test test) {
    Node node;
    node.kind = Node::Kind::leaf;
    node.field = field;
    node.test = std::move(test);
    return std::make_shared<const Node>(std::move(node));
  }

  Status step(std::string_view modifier) {
    if (one_of(modifier, {"startswith", "endswith", "contains"})) return place(modifier);
    if (modifier == "cased") return set_cased();
    if (one_of(modifier, {"windash", "base64", "base64offset", "utf16le", "utf16be", "utf16", "wide"}))
      return transform(modifier);
    if (modifier == "expand") return expand_placeholders();
    if (modifier == "re") return set_regex();
    if (one_of(modifier, {"i", "m", "s"})) return set_regex_flag(modifier);
    if (modifier == "cidr") return set_cidr();
    if (modifier == "exists") return set_exists();
    if (modifier == "fieldref") return set_field_ref();
    if (const auto comparison = comparison_of(modifier)) return set_comparison(*comparison);
    if (const auto part = time_part_of(modifier)) return set_time(*part);
    return fail(ErrorKind::user, "unknown modifier '{}'", modifier);
  }

  Status need_text(std::string_view modifier) const {
    if (test_.kind == Test::Kind::pattern) return {};
    return fail(ErrorKind::user, "'{}' does not go with the modifiers before it", modifier);
  }
  // The modifiers of the appendix' sections "String Modifiers" and "Specific Modifiers" speak of strings.
  Status need_string(std::string_view modifier) const {
    TRY(need_text(modifier));
    if (is_string(value_)) return {};
    return fail(ErrorKind::user, "'{}' needs a string", modifier);
  }
  Status need_first(std::string_view modifier) const {
    if (applied_ == 0) return {};
    return fail(ErrorKind::user, "'{}' needs an unmodified value", modifier);
  }

  Status place(std::string_view modifier) {
    const bool starts = modifier != "endswith";
    const bool ends = modifier != "startswith";
    if (test_.kind == Test::Kind::field_ref) {
      test_.starts = test_.starts || starts;
      test_.ends = test_.ends || ends;
      return {};
    }
    TRY(need_text(modifier));
    open_back_ = open_back_ || starts;
    open_front_ = open_front_ || ends;
    for (SigmaText& text : texts_) {
      if (starts) text.open_back();
      if (ends) text.open_front();
    }
    return {};
  }

  Status set_cased() {
    if (test_.kind != Test::Kind::field_ref) TRY(need_text("cased"));
    test_.cased = true;
    return {};
  }

  Status transform(std::string_view modifier) {
    TRY(need_string(modifier));
    Texts result;
    for (const SigmaText& text : texts_) {
      TRY(const Texts more, transformed(text, modifier));
      result.insert(result.end(), more.begin(), more.end());
    }
    texts_ = std::move(result);
    transformed_ = true;
    return {};
  }

  static Result<Texts> transformed(const SigmaText& text, std::string_view modifier) {
    if (modifier == "windash") {
      if (windash_places(text) > kWindashPlacesMax)
        return fail(ErrorKind::user, "windash: more than {} dashes", kWindashPlacesMax);
      return windash(text);
    }
    if (modifier == "base64" || modifier == "base64offset") {
      if (text.has_wildcard()) return fail(ErrorKind::user, "'{}' does not go with wildcards", modifier);
      Texts result;
      const std::string bytes = text.plain();
      for (const std::string& one : modifier == "base64" ? std::vector{base64(bytes)} : base64_at_offsets(bytes)) {
        result.push_back(SigmaText{{Piece{Piece::Kind::bytes, one}}});
      }
      return result;
    }
    SigmaText wide = text;
    for (Piece& piece : wide.pieces) piece.bytes = utf16(piece.bytes, modifier == "utf16be");
    if (modifier == "utf16") wide.pieces.insert(wide.pieces.begin(), Piece{Piece::Kind::bytes, "\xFF\xFE"});
    return Texts{wide};
  }

  Status expand_placeholders() {
    TRY(need_string("expand"));
    if (transformed_) return fail(ErrorKind::user, "'expand' must stand before encodings");
    TRY(const std::vector<std::string> values, expand(value_.text(), placeholders_));
    texts_.clear();
    for (const std::string& value : values) {
      texts_.push_back(parse_sigma_text(value));
      // The wildcards that were put around the text before it was expanded stand around each value.
      if (open_front_) texts_.back().open_front();
      if (open_back_) texts_.back().open_back();
    }
    return {};
  }

  Status set_regex() {
    TRY(need_first("re"));
    TRY(need_string("re"));
    test_.kind = Test::Kind::regex;
    return compile_regex();
  }

  Status set_regex_flag(std::string_view flag) {
    if (test_.kind != Test::Kind::regex) return fail(ErrorKind::user, "'{}' stands after 're' only", flag);
    if (flag == "i") regex_flags_.ignore_case = true;
    if (flag == "m") regex_flags_.multi_line = true;
    if (flag == "s") regex_flags_.dot_all = true;
    return compile_regex();
  }

  Status compile_regex() {
    TRY(test_.regex, Regex::compile(value_.text(), regex_flags_));
    return {};
  }

  Status set_cidr() {
    TRY(need_first("cidr"));
    TRY(need_string("cidr"));
    const auto network = read_network(value_.text());
    if (!network) return fail(ErrorKind::user, "'{}' is no network", value_.text());
    test_.kind = Test::Kind::cidr;
    test_.network = *network;
    return {};
  }

  Status set_exists() {
    TRY(need_first("exists"));
    if (!is_boolean(value_)) return fail(ErrorKind::user, "'exists' needs true or false");
    test_.kind = Test::Kind::exists;
    test_.expected = lower(value_.text()) == "true";
    return {};
  }

  Status set_field_ref() {
    TRY(need_string("fieldref"));
    if (texts_.size() != 1 || texts_.front().has_wildcard())
      return fail(ErrorKind::user, "'fieldref' needs the name of a field");
    test_.kind = Test::Kind::field_ref;
    test_.other_field = texts_.front().plain();
    return {};
  }

  Status set_comparison(Comparison comparison) {
    // `hour|gte: 22` compares the part of the date.
    if (test_.kind == Test::Kind::time && test_.comparison == Comparison::eq) {
      test_.comparison = comparison;
      return {};
    }
    TRY(need_first("comparison"));
    TRY(read_own_number());
    test_.kind = Test::Kind::number;
    test_.comparison = comparison;
    return {};
  }

  Status set_time(TimePart part) {
    TRY(need_first("time part"));
    TRY(read_own_number());
    test_.kind = Test::Kind::time;
    test_.part = part;
    return {};
  }

  Status read_own_number() {
    const auto number = read_number(is_number(value_) ? plain_number_text(value_.text()) : value_.text());
    if (!number) return fail(ErrorKind::user, "'{}' is no number", value_.text());
    test_.number = *number;
    return {};
  }

  const yaml::Node& value_;
  const Placeholders& placeholders_;
  Texts texts_;
  Test test_;
  RegexFlags regex_flags_;
  int applied_ = 0;
  bool open_front_ = false;  // endswith or contains was said,
  bool open_back_ = false;   // startswith or contains.
  bool transformed_ = false;
};

Status check_value(const yaml::Node& value, bool in_list) {
  if (value.is_map() || value.is_sequence())
    return fail(ErrorKind::user, "a value must be a string, a number, a boolean or null");
  // Rules specification, "Special Field Values".
  if (in_list && value.is_null()) return fail(ErrorKind::user, "null cannot be part of a list of values");
  return {};
}

}  // namespace

NodePtr join(Node::Kind kind, std::vector<NodePtr> children) {
  Node node;
  node.kind = kind;
  node.children = std::move(children);
  return std::make_shared<const Node>(std::move(node));
}

Result<NodePtr> read_item(std::string_view key, const yaml::Node& value, const Placeholders& placeholders) {
  std::vector<std::string_view> modifiers = split(key, '|');
  const std::string field(modifiers.front());
  modifiers.erase(modifiers.begin());
  const bool all = std::erase(modifiers, "all") != 0;
  const bool negated = std::erase(modifiers, "neq") != 0;

  const bool list = value.is_sequence();
  const std::size_t count = list ? value.items().size() : 1;
  if (count == 0) return fail(ErrorKind::user, "'{}' has no values", key);
  if (all && count == 1) return fail(ErrorKind::user, "'{}': 'all' needs several values", key);
  std::vector<NodePtr> tests;
  for (std::size_t i = 0; i < count; ++i) {
    const yaml::Node& one = list ? value.items()[i] : value;
    TRY(check_value(one, list));
    if (field.empty() && (one.is_null() || std::count(modifiers.begin(), modifiers.end(), "exists") != 0)) {
      return fail(ErrorKind::user, "'{}' needs a field", key);
    }
    ValueReader reader(one, placeholders);
    for (const std::string_view modifier : modifiers) TRY(reader.apply(modifier));
    tests.push_back(reader.finish(field));
  }
  NodePtr node = join(all ? Node::Kind::all_of : Node::Kind::any_of, std::move(tests));
  if (negated) node = join(Node::Kind::negation, {node});
  return node;
}

Result<NodePtr> read_keyword(const yaml::Node& value, const Placeholders& placeholders) {
  TRY(check_value(value, true));
  return ValueReader(value, placeholders).finish("");
}

}  // namespace weir::oracle
