#include "formats/request_cells.h"

#include "formats/lines.h"

namespace weir::formats {
namespace {

std::size_t find_char(std::string_view text, char c) {
  const void* at = text.empty() ? nullptr : std::memchr(text.data(), c, text.size());
  return at == nullptr ? text.size() : static_cast<std::size_t>(static_cast<const char*>(at) - text.data());
}

// "user@host:port" → "host" (RFC 3986, section 3.2).
std::string_view host_of(std::string_view authority) {
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  if (authority.starts_with('[')) return authority.substr(1, authority.find(']') - 1);
  return authority.substr(0, find_char(authority, ':'));
}

std::string_view extension_of(std::string_view path) {
  constexpr std::size_t kExtensionBytesMax = 16;
  const std::size_t shown = std::min(path.size(), kExtensionBytesMax + 1);
  for (std::size_t i = 1; i <= shown; ++i) {
    const char c = path[path.size() - i];
    if (c == '.') return path.substr(path.size() - i + 1);
    if (c == '/') return {};
  }
  return {};
}

void split_target(std::string_view target, UrlParts& parts) {
  parts.target = target;
  const std::size_t mark = find_char(target, '?');
  parts.path = target.substr(0, mark);
  if (mark < target.size()) parts.query = target.substr(mark + 1);
  parts.extension = extension_of(parts.path);
}

}  // namespace

UrlParts split_url(std::string_view url) {
  UrlParts parts;
  if (url.empty()) return parts;
  if (url.front() == '/') {
    split_target(url, parts);
    return parts;
  }
  std::string_view rest = url;
  const std::size_t colon = find_char(url, ':');
  if (url.substr(colon).starts_with("://")) rest = url.substr(colon + 3);
  std::size_t authority = 0;
  while (authority < rest.size() && rest[authority] != '/' && rest[authority] != '?' && rest[authority] != '#') {
    ++authority;
  }
  parts.host = host_of(rest.substr(0, authority));
  split_target(rest.substr(authority), parts);
  return parts;
}

RequestCells::RequestCells(event::FieldNames& names)
    : c_uri_(names.resolve("c-uri")),
      cs_uri_(names.resolve("cs-uri")),
      cs_host_(names.resolve("cs-host")),
      r_dns_(names.resolve("r-dns")),
      c_uri_stem_(names.resolve("c-uri-stem")),
      cs_uri_stem_(names.resolve("cs-uri-stem")),
      c_uri_query_(names.resolve("c-uri-query")),
      cs_uri_query_(names.resolve("cs-uri-query")),
      c_uri_extension_(names.resolve("c-uri-extension")) {}

void RequestCells::add_proxy_url(event::Batch& batch, std::string_view url) const {
  if (url.empty() || url == "-") return;
  const UrlParts parts = split_url(url);
  batch.add(c_uri_, event::ValueKind::string, url);
  if (!parts.host.empty()) batch.add(cs_host_, event::ValueKind::string, parts.host);
  add_if_read(batch, cs_uri_, url);
  add_proxy_parts(batch, url, parts);
}

void RequestCells::add_proxy_parts(event::Batch& batch, std::string_view url, const UrlParts& parts) const {
  if (!parts.host.empty()) add_if_read(batch, r_dns_, parts.host);
  if (parts.target.empty()) return;
  if (parts.target.size() != url.size()) {
    add_if_read(batch, c_uri_, parts.target);
    add_if_read(batch, cs_uri_, parts.target);
  }
  add_if_read(batch, c_uri_stem_, parts.path);
  add_if_read(batch, cs_uri_stem_, parts.path);
  if (!parts.query.empty()) {
    add_if_read(batch, c_uri_query_, parts.query);
    add_if_read(batch, cs_uri_query_, parts.query);
  }
  if (!parts.extension.empty()) add_if_read(batch, c_uri_extension_, parts.extension);
}

void RequestCells::add_webserver_target(event::Batch& batch, std::string_view target) const {
  const UrlParts parts = split_url(target);
  batch.add(cs_uri_query_, event::ValueKind::string, target);
  if (!parts.query.empty()) add_if_read(batch, cs_uri_query_, parts.query);
  add_if_read(batch, cs_uri_stem_, parts.path);
  add_if_read(batch, c_uri_, target);
  add_if_read(batch, cs_uri_, target);
  if (!parts.query.empty()) add_if_read(batch, c_uri_query_, parts.query);
  if (!parts.extension.empty()) add_if_read(batch, c_uri_extension_, parts.extension);
  if (!parts.host.empty()) add_if_read(batch, cs_host_, parts.host);
}

}  // namespace weir::formats
