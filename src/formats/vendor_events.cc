#include "formats/vendor_events.h"

#include "formats/lines.h"
#include "formats/syslog_header.h"

namespace weir::formats {

std::size_t find_signature(std::string_view line, std::string_view signature) {
  // A syslog header is short; a signature far behind is part of some message.
  constexpr std::size_t kHeaderBytesMax = 512;
  const std::size_t at = line.substr(0, kHeaderBytesMax).find(signature);
  if (at == std::string_view::npos) return at;
  std::size_t end = at + signature.size();
  while (end < line.size() && (is_digit(line[end]) || line[end] == '.')) ++end;
  const bool version = end > at + signature.size() && end < line.size() && line[end] == '|';
  return version && (at == 0 || !is_alpha(line[at - 1])) ? at : std::string_view::npos;
}

std::optional<std::string_view> take_header_part(std::string_view& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '|') {
      const std::string_view part = text.substr(0, i);
      text.remove_prefix(i + 1);
      return part;
    }
  }
  return std::nullopt;
}

std::string_view time_before(std::string_view line, std::size_t signature_at) {
  if (signature_at == 0) return {};
  const auto header = read_syslog_header(line.substr(0, signature_at));
  return header ? header->timestamp : std::string_view();
}

VendorAliases::VendorAliases(event::FieldNames& names) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"src", "src_ip"},
      {"dst", "dst_ip"},
      {"spt", "src_port"},
      {"dpt", "dst_port"},
      {"srcPort", "src_port"},
      {"dstPort", "dst_port"},
      {"suser", "username"},
      {"usrName", "username"},
      {"act", "action"},
      {"request", "c-uri"},
      {"requestMethod", "cs-method"},
      {"requestClientApplication", "c-useragent"},
      {"dhost", "cs-host"},
      {"url", "c-uri"},
      {"fname", "Filename"},
      {"requestCookies", "cs-cookie"}};
  for (const auto& [key, name] : kNames) {
    const event::Field* field = names.resolve(name);
    if (field->id != event::kUnread) entries_.push_back({key, field});
  }
}

void VendorAliases::add(std::string_view key, event::ValueKind kind, std::string_view value,
                        event::Batch& batch) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) batch.add(entry.field, kind, value);
  }
}

}  // namespace weir::formats
