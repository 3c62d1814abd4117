#include "formats/w3c_header.h"

#include "formats/lines.h"

namespace weir::formats {
namespace {

// The value of "#Name: value"; nothing for another directive.
std::optional<std::string_view> value_of(std::string_view line, std::string_view name) {
  if (line.size() <= name.size() + 1 || !equals_ignoring_case(line.substr(1, name.size()), name)) return std::nullopt;
  if (line[name.size() + 1] != ':') return std::nullopt;
  return trim(line.substr(name.size() + 2));
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

void W3cHeader::apply(std::string_view line) {
  if (const auto text = value_of(line, "Software")) software = valid_name(*text);
  if (const auto text = value_of(line, "Date")) date = valid_name(text->substr(0, text->find(' ')));
  auto fields = value_of(line, "Fields");
  if (!fields) return;
  columns.clear();
  comma_separated = contains(*fields, ",") && !contains(*fields, " ");
  std::string_view rest = *fields;
  while (!rest.empty() && columns.size() < kColumnsMax) {
    std::string_view name = comma_separated ? take_until(rest, ',') : take_token(rest);
    while (name.ends_with('\t')) name.remove_suffix(1);
    if (!name.empty()) columns.push_back(valid_name(name));
  }
}

bool W3cHeader::has(std::string_view column) const {
  return std::ranges::find(columns, column) != columns.end();
}

bool W3cHeader::plus_is_blank() const {
  return contains(software, "Internet Information") || contains(software, "Microsoft HTTP Server");
}

W3cKind W3cHeader::kind() const {
  if (contains(software, "Firewall") && has("src-ip")) return W3cKind::firewall;
  if (contains(software, "Internet Information")) return W3cKind::webserver;
  for (const std::string_view maker :
       {"SGOS", "Blue Coat", "ProxySG", "Proxy", "Web Cache", "Squid", "IronPort", "AsyncOS", "McAfee Web Gateway",
        "Internet Security and Acceleration", "Threat Management"}) {
    if (contains(software, maker)) return W3cKind::proxy;
  }
  for (const std::string_view column : {"cs-uri-scheme", "s-hierarchy", "sc-filter-result", "r-host", "r-ip",
                                        "s-supplier-name", "cs-categories", "x-bluecoat-application-name"}) {
    if (has(column)) return W3cKind::proxy;
  }
  return W3cKind::webserver;
}

bool W3cHeader::names_its_kind() const {
  return kind() != W3cKind::webserver || contains(software, "Internet Information") || has("cs-uri-stem") ||
         has("cs-uri-query");
}

Cut W3cSplitter::cut(std::string_view data, bool at_end) {
  LineSplitter lines;
  Cut cut = lines.cut(data, at_end);
  cut.context = header_;
  read_directives(data.substr(0, cut.size));
  return cut;
}

void W3cSplitter::read_directives(std::string_view bytes) {
  std::shared_ptr<W3cHeader> next;
  for_each_directive(bytes, [&](std::string_view line) {
    if (next == nullptr) next = std::make_shared<W3cHeader>(*header_);
    next->apply(line);
  });
  if (next != nullptr) header_ = std::move(next);
}

}  // namespace weir::formats
