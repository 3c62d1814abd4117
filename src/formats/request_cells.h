#pragma once

// The parts of a request's URL under the names that Sigma's proxy and webserver rules use. A URL is written in two
// forms (RFC 9112, section 3.2), absolute and from the path on, and rules of the same field expect either, so c-uri and
// cs-uri of a proxy may be two cells of one row. docs/formats.md, "URLs", has the table.

#include <string_view>

#include "event/batch.h"
#include "event/field.h"

namespace weir::formats {

// Views into the URL; empty where it has no such part.
struct UrlParts {
  std::string_view host;    // Without port, user and the brackets of IPv6.
  std::string_view target;  // Path and query: what an origin server is asked for.
  std::string_view path;
  std::string_view query;      // Without "?".
  std::string_view extension;  // "exe" of the path's last segment.
};

// Reads "http://host/path?query", "/path?query" and "host:443" (CONNECT).
UrlParts split_url(std::string_view url);

class RequestCells {
 public:
  explicit RequestCells(event::FieldNames& names);

  // c-uri and cs-host, and, if rules read them: cs-uri, r-dns, c-uri-stem, cs-uri-stem, c-uri-query, cs-uri-query,
  // c-uri-extension.
  void add_proxy_url(event::Batch& batch, std::string_view url) const;
  // The same without c-uri and cs-host themselves, for rows that have columns for these.
  void add_proxy_parts(event::Batch& batch, std::string_view url, const UrlParts& parts) const;
  // cs-uri-query holds the whole target, since most webserver rules look for the path there, and then the query alone.
  void add_webserver_target(event::Batch& batch, std::string_view target) const;

  const event::Field* c_uri() const { return c_uri_; }
  const event::Field* cs_host() const { return cs_host_; }

 private:
  const event::Field* c_uri_;
  const event::Field* cs_uri_;
  const event::Field* cs_host_;
  const event::Field* r_dns_;
  const event::Field* c_uri_stem_;
  const event::Field* cs_uri_stem_;
  const event::Field* c_uri_query_;
  const event::Field* cs_uri_query_;
  const event::Field* c_uri_extension_;
};

}  // namespace weir::formats
