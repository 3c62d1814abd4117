#include "sigma/metadata.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.h"
#include "sigma/scalar.h"

namespace weir::sigma {

namespace {

constexpr std::size_t kTitleSizeMax = 256;

constexpr std::array<std::string_view, 16> kInfoKeys = {
    "id",   "related", "name",   "taxonomy", "status",         "description", "license",    "author",
    "date", "tags",    "fields", "level",    "falsepositives", "scope",       "references", "modified"};

constexpr std::array<std::string_view, 5> kStatuses = {"stable", "test", "experimental", "deprecated", "unsupported"};
constexpr std::array<std::string_view, 6> kRelations = {"derived", "obsolete", "merged",
                                                        "renamed", "similar",  "correlation"};

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string(word);
  return out;
}

std::string choice_hint(std::string_view word, std::span<const std::string_view> words) {
  const std::string near = did_you_mean(word, {words.begin(), words.end()});
  return near.empty() ? "one of " + listed(words) : near;
}

// xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : hex_value(text[i]) < 0) return false;
  }
  return true;
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return hash;
}

// A stable id for a rule that has none: a UUID of version 8 (RFC 9562, section 5.8) over path and title.
std::string make_id(std::string_view path, std::string_view title) {
  constexpr std::uint64_t kOffset = 0xCBF29CE484222325;
  const std::string both = fmt::format("{}\n{}", path, title);
  const std::uint64_t high = (fnv1a(both, kOffset) & ~std::uint64_t{0xF000}) | 0x8000;
  const std::uint64_t low = (fnv1a(both, ~kOffset) & ~(std::uint64_t{3} << 62)) | (std::uint64_t{1} << 63);
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, high >> 16 & 0xFFFF, high & 0xFFFF, low >> 48,
                     low & 0xFFFFFFFFFFFF);
}

// YYYY-MM-DD with a day that the calendar has.
bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const std::optional<std::int64_t> year = parse_int(text.substr(0, 4));
  const std::optional<std::int64_t> month = parse_int(text.substr(5, 2));
  const std::optional<std::int64_t> day = parse_int(text.substr(8, 2));
  if (!year || !month || !day || *month < 1 || *month > 12 || *day < 1) return false;
  constexpr std::int64_t kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (*year % 4 == 0 && *year % 100 != 0) || *year % 400 == 0;
  return *day <= kDays[*month - 1] - (*month == 2 && !leap ? 1 : 0);
}

// namespace.name, of lower-case letters, digits, '_', '-' and further dots.
bool is_tag(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == text.size()) return false;
  return std::ranges::all_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.'; });
}

// The scalars of a text or a list of texts.
std::vector<const yaml::Node*> text_nodes(const yaml::Node& node, std::string_view name, Reporter& reporter) {
  if (node.is_scalar()) return {&node};
  std::vector<const yaml::Node*> nodes;
  if (node.is_map()) {
    reporter.error("bad-type", reporter.value(node), fmt::format("'{}' must be a list of texts", name));
    return nodes;
  }
  for (const yaml::Node& item : node.items()) {
    if (item.is_scalar()) {
      nodes.push_back(&item);
    } else if (!item.is_null()) {
      reporter.error("bad-type", reporter.value(item), fmt::format("'{}' must be a list of texts", name));
    }
  }
  return nodes;
}

class InfoReader {
 public:
  InfoReader(const yaml::Node& document, std::string_view path, Reporter& reporter)
      : document_(document), path_(path), reporter_(reporter) {}

  RuleInfo read() {
    RuleInfo info;
    info.path = path_;
    info.mark = document_.mark();
    info.title = read_title();
    info.id = read_id(info.title);
    info.id_place = place_of("id");
    info.name = text("name");
    info.name_place = place_of("name");
    info.status = choice("status", "bad-status", kStatuses);
    info.description = text("description");
    info.author = joined(texts("author"));
    info.date = date("date");
    info.modified = date("modified");
    if (info.modified.empty()) info.modified = info.date;
    info.license = text("license");
    info.taxonomy = text("taxonomy");
    parse_level(choice("level", "bad-level", level_names()), info.level);
    info.tags = read_tags();
    info.references = texts("references");
    info.fields = texts("fields");
    info.falsepositives = texts("falsepositives");
    info.related = read_related();
    return info;
  }

 private:
  // A key with nothing behind it is as good as absent.
  const yaml::Node* find(std::string_view key) const {
    const yaml::Node* node = document_.find(key);
    return node == nullptr || node->is_null() ? nullptr : node;
  }

  Place place_of(std::string_view key) {
    const yaml::Node* node = find(key);
    return node == nullptr ? Place{document_.mark(), 1} : reporter_.value(*node);
  }

  std::string text(std::string_view key) {
    const yaml::Node* node = find(key);
    if (node == nullptr) return {};
    if (node->is_scalar()) return node->text();
    reporter_.error("bad-type", reporter_.value(*node), fmt::format("'{}' must be a text", key));
    return {};
  }

  std::vector<std::string> texts(std::string_view key) {
    const yaml::Node* node = find(key);
    return node == nullptr ? std::vector<std::string>() : read_texts(*node, key, reporter_);
  }

  static std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
    return out;
  }

  std::string read_title() {
    const yaml::Node* node = find("title");
    if (node == nullptr) {
      report_missing_key(document_, "title", "the document", reporter_);
      return {};
    }
    const std::string title = text("title");
    if (node->is_scalar() && trim(title).empty()) {
      reporter_.error("bad-title", reporter_.value(*node), "the title is empty", "say what the rule detects");
    }
    if (title.size() > kTitleSizeMax) {
      reporter_.warning("bad-title", reporter_.value(*node),
                        fmt::format("the title is longer than {} characters", kTitleSizeMax), "shorten it");
    }
    return title;
  }

  std::string read_id(std::string_view title) {
    const yaml::Node* node = find("id");
    if (node == nullptr) return make_id(path_, title);
    std::string id = text("id");
    if (id.empty()) return make_id(path_, title);
    if (!is_uuid(id)) {
      reporter_.warning("bad-id", reporter_.value(*node), fmt::format("the id '{}' is no UUID", shortened(id)),
                        "make one: 8-4-4-4-12 hexadecimal digits, such as 929a690e-bef0-4204-a928-ef5e620d6fcc");
    }
    return id;
  }

  std::string choice(std::string_view key, std::string_view code, std::span<const std::string_view> words) {
    const yaml::Node* node = find(key);
    if (node == nullptr) return {};
    std::string word = text(key);
    if (node->is_scalar() && std::ranges::find(words, word) == words.end()) {
      reporter_.error(code, reporter_.value(*node), fmt::format("'{}' is no {}", shortened(word), key),
                      choice_hint(word, words));
      return {};
    }
    return word;
  }

  std::string date(std::string_view key) {
    const yaml::Node* node = find(key);
    if (node == nullptr) return {};
    std::string date = text(key);
    if (node->is_scalar() && !is_date(date)) {
      std::string proposal = date;
      std::ranges::replace(proposal, '/', '-');
      reporter_.warning("bad-date", reporter_.value(*node),
                        fmt::format("'{}' is no date of the form YYYY-MM-DD", shortened(date)),
                        is_date(proposal) ? fmt::format("write {}", proposal) : "");
    }
    return date;
  }

  std::vector<std::string> read_tags() {
    const yaml::Node* node = find("tags");
    if (node == nullptr) return {};
    if (node->is_sequence()) {
      for (const yaml::Node& item : node->items()) {
        if (item.is_scalar()) check_tag(item);
      }
    }
    return texts("tags");
  }

  void check_tag(const yaml::Node& item) {
    if (is_tag(item.text())) return;
    const std::string lowered = lower(item.text());
    reporter_.warning("bad-tag", reporter_.value(item),
                      fmt::format("'{}' is no tag of the form namespace.name", shortened(item.text())),
                      is_tag(lowered) ? fmt::format("write '{}'", shortened(lowered))
                                      : "lower-case letters, digits, '_' and '-', with a dot behind the namespace");
  }

  std::vector<RelatedRule> read_related() {
    std::vector<RelatedRule> related;
    const yaml::Node* node = find("related");
    if (node == nullptr) return related;
    if (!node->is_sequence()) {
      reporter_.warning("bad-related", reporter_.value(*node), "'related' must be a list of maps with id and type");
      return related;
    }
    for (const yaml::Node& item : node->items()) {
      const yaml::Node* id = item.find("id");
      const yaml::Node* type = item.find("type");
      if (id == nullptr || !id->is_scalar() || type == nullptr || !type->is_scalar()) {
        reporter_.warning("bad-related", reporter_.value(item), "a related rule needs id and type");
        continue;
      }
      if (std::ranges::find(kRelations, type->text()) == kRelations.end()) {
        reporter_.warning("bad-related", reporter_.value(*type),
                          fmt::format("'{}' is no type of relation", shortened(type->text())),
                          choice_hint(type->text(), kRelations));
      }
      related.push_back({id->text(), type->text()});
    }
    return related;
  }

  const yaml::Node& document_;
  const std::string_view path_;
  Reporter& reporter_;
};

}  // namespace

std::shared_ptr<const RuleInfo> read_info(const yaml::Node& document, std::string_view path,
                                          std::span<const std::string_view> body_keys, Reporter& reporter) {
  std::vector<std::string_view> mandatory(body_keys.begin(), body_keys.end());
  mandatory.push_back("title");
  warn_of_misspelled_keys(document, kInfoKeys, mandatory, reporter);
  return std::make_shared<const RuleInfo>(InfoReader(document, path, reporter).read());
}

event::LogsourceSelector read_logsource(const yaml::Node& document, Reporter& reporter) {
  event::LogsourceSelector selector;
  const yaml::Node* node = document.find("logsource");
  if (node == nullptr) {
    report_missing_key(document, "logsource", "the document", reporter);
    return selector;
  }
  if (!node->is_map()) {
    reporter.error("bad-logsource", reporter.value(*node), "'logsource' must be a map",
                   "write 'category:', 'product:' or 'service:' under it");
    return selector;
  }
  constexpr std::array<std::string_view, 4> kKnown = {"category", "product", "service", "definition"};
  const std::size_t errors = reporter.errors();
  const auto read_part = [&](std::string_view key) -> std::string {
    const yaml::Node* part = node->find(key);
    if (part == nullptr || part->is_null()) return {};
    if (part->is_scalar()) return part->text();
    reporter.error("bad-logsource", reporter.value(*part), fmt::format("'{}' must be a text", key));
    return {};
  };
  selector = {read_part("product"), read_part("category"), read_part("service")};
  const bool names_nothing = selector.product.empty() && selector.category.empty() && selector.service.empty();
  if (names_nothing && errors == reporter.errors()) {
    reporter.error("bad-logsource", reporter.key(*find_entry(document, "logsource")),
                   "the logsource names no category, product or service", "name at least one of them");
  }
  warn_of_misspelled_keys(*node, kKnown, {}, reporter);
  return selector;
}

void report_missing_key(const yaml::Node& map, std::string_view key, std::string_view owner, Reporter& reporter) {
  const std::array<std::string_view, 1> wanted = {key};
  for (const yaml::Node::Entry& entry : map.entries()) {
    if (!equals_ignoring_case(entry.key, key) && nearest(lower(entry.key), wanted).empty()) continue;
    reporter.error("missing-key", reporter.key(entry), fmt::format("{} has no '{}'", owner, key),
                   fmt::format("did you mean '{}'?", key));
    return;
  }
  reporter.error("missing-key", {map.mark(), 1}, fmt::format("{} has no '{}'", owner, key),
                 fmt::format("add '{}:'", key));
}

void warn_of_misspelled_keys(const yaml::Node& map, std::span<const std::string_view> known,
                             std::span<const std::string_view> mandatory, Reporter& reporter) {
  std::vector<std::string_view> all(known.begin(), known.end());
  all.insert(all.end(), mandatory.begin(), mandatory.end());
  for (const yaml::Node::Entry& entry : map.entries()) {
    if (std::ranges::find(all, entry.key) != all.end()) continue;
    const std::string lowered = lower(entry.key);
    std::string_view meant = nearest(lowered, all);
    if (const auto same = std::ranges::find(all, lowered); same != all.end()) meant = *same;
    // Short words are near to many others, and documents may have keys of their own.
    if (meant.empty() || (meant.size() < 5 && meant != lowered) || map.find(meant) != nullptr) continue;
    if (std::ranges::find(mandatory, meant) != mandatory.end()) continue;
    reporter.warning("misspelled-key", reporter.key(entry), fmt::format("unknown key '{}'", shortened(entry.key)),
                     fmt::format("did you mean '{}'?", meant));
  }
}

std::vector<std::string> read_texts(const yaml::Node& node, std::string_view name, Reporter& reporter) {
  std::vector<std::string> texts;
  for (const yaml::Node* item : text_nodes(node, name, reporter)) texts.push_back(item->text());
  return texts;
}

std::vector<Reference> read_references(const yaml::Node& node, std::string_view name, Reporter& reporter) {
  std::vector<Reference> references;
  for (const yaml::Node* item : text_nodes(node, name, reporter)) {
    references.push_back({item->text(), reporter.value(*item)});
  }
  return references;
}

const yaml::Node::Entry* find_entry(const yaml::Node& map, std::string_view key) {
  for (const yaml::Node::Entry& entry : map.entries()) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

}  // namespace weir::sigma
