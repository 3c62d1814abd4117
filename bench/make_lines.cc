// Makes lines of proxies and web servers for benchmarks: any amount, from a seed, and as varied as in life (sites by
// Zipf's law, paths and queries that mostly come once, thousands of clients).
//
//   make_lines proxy-json|combined BYTES SEED > lines
//
// proxy-json: one event a line with the fields that Sigma's proxy rules read, about 450 bytes.
// combined:   Apache's combined log format.

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "event/time.h"
#include "traffic/random.h"
#include "traffic/render.h"
#include "traffic/vocabulary.h"

namespace weir {
namespace {

using namespace traffic;

constexpr std::array<std::string_view, 6> kExtensions = {"html", "js", "css", "png", "json", "woff2"};
constexpr std::array<std::string_view, 4> kQueryKeys = {"id", "session", "q", "page"};

class LineMaker {
 public:
  explicit LineMaker(std::uint64_t seed) : random_(seed) {
    site_.build(zipf_weights(all_sites().size()));
    client_.build(zipf_weights(kClients));
    page_.build(zipf_weights(kPages));
  }

  void add_proxy_event(std::string& out) {
    begin_request();
    const Site& site = all_sites()[site_.pick(random_)];
    const std::uint32_t client = client_.pick(random_);
    add_text(out, "{\"timestamp\":\"", [&] { append_iso_time(out, time_); });
    add_text(out, ",\"c-ip\":\"", [&] { add_address(out, 10, client); });
    add_text(out, ",\"cs-username\":\"", [&] { add_user(out, client); });
    add_text(out, ",\"cs-method\":\"", [&] { append(out, method_); });
    add_text(out, ",\"c-uri\":\"", [&] {
      append(out, site.tls ? "https://" : "http://");
      append(out, site.host);
      append(out, path_);
      append(out, query_);
    });
    add_text(out, ",\"cs-host\":\"", [&] { append(out, site.host); });
    add_text(out, ",\"c-uri-extension\":\"", [&] { append(out, kExtensions[kind_]); });
    add_text(out, ",\"c-uri-query\":\"", [&] { append(out, query_.empty() ? query_ : query_.substr(1)); });
    add_text(out, ",\"c-useragent\":\"", [&] { add_agent(out, client); });
    append(out, ",\"sc-status\":");
    append_number(out, status_);
    append(out, ",\"sc-bytes\":");
    append_number(out, bytes_);
    add_text(out, ",\"dst_ip\":\"", [&] { append(out, site.address); });
    append(out, "}\n");
  }

  void add_combined_line(std::string& out) {
    begin_request();
    const std::uint32_t client = client_.pick(random_);
    add_address(out, 20 + client % 180, client);
    append(out, " - ");
    if (random_.chance(30)) {
      add_user(out, client);
    } else {
      append(out, "-");
    }
    append(out, " [");
    append_web_time(out, time_);
    append(out, "] \"");
    append(out, method_);
    append(out, " ");
    append(out, path_);
    append(out, query_);
    append(out, " HTTP/1.1\" ");
    append_number(out, status_);
    append(out, " ");
    append_number(out, bytes_);
    append(out, " \"");
    if (random_.chance(400)) {
      append(out, "-");
    } else {
      append(out, "https://www.shop.example/");
      append(out, path_word(page_.pick(random_)));
      append(out, "/");
    }
    append(out, "\" \"");
    add_agent(out, client);
    append(out, "\"\n");
  }

 private:
  static constexpr std::size_t kClients = 20'000;
  static constexpr std::size_t kPages = 5'000;

  template <typename Value>
  static void add_text(std::string& out, std::string_view before, const Value& value) {
    append(out, before);
    value();
    append(out, "\"");
  }

  // What both kinds of line tell of a request.
  void begin_request() {
    time_ += std::chrono::microseconds(random_.below(4'000));
    kind_ = random_.below(kExtensions.size());
    method_ = random_.chance(80) ? "POST" : random_.chance(20) ? "HEAD" : "GET";
    const std::uint32_t draw = random_.below(1'000);
    status_ = draw < 850 ? 200 : draw < 920 ? 304 : draw < 960 ? 302 : draw < 992 ? 404 : draw < 997 ? 403 : 500;
    bytes_ = random_.heavy_tailed(300, 12);
    path_.clear();
    const std::uint32_t page = page_.pick(random_);
    const std::uint32_t depth = 1 + page % 3;
    for (std::uint32_t i = 0; i < depth; ++i) {
      append(path_, "/");
      append(path_, path_word(page / (i + 1)));
    }
    append(path_, "/");
    // Three of ten names are one page's own, the others come once.
    if (random_.chance(300)) {
      append_number(path_, page);
    } else {
      append_hex(path_, random_.next(), 10);
    }
    append(path_, ".");
    append(path_, kExtensions[kind_]);
    query_.clear();
    if (random_.chance(400)) add_query();
  }

  void add_query() {
    const std::uint32_t count = 1 + random_.below(3);
    for (std::uint32_t i = 0; i < count; ++i) {
      append(query_, i == 0 ? "?" : "&");
      append(query_, random_.pick(kQueryKeys));
      append(query_, "=");
      append_hex(query_, random_.next(), 8);
    }
  }

  static void add_address(std::string& out, std::uint32_t first, std::uint32_t client) {
    const auto host = static_cast<std::uint32_t>(mix(client, "address"));
    append_number(out, first);
    for (const int shift : {16, 8, 0}) {
      append(out, ".");
      append_number(out, host >> shift & 255);
    }
  }

  static void add_user(std::string& out, std::uint32_t client) {
    append(out, first_names()[client % first_names().size()]);
    append(out, ".");
    append(out, last_names()[client / 7 % last_names().size()]);
  }

  // A client has one browser, of one of many builds.
  static void add_agent(std::string& out, std::uint32_t client) {
    append(out, browser_agents()[client % browser_agents().size()]);
    append(out, " Build/");
    append_number(out, mix(client, "build") % 400);
  }

  Random random_;
  AliasTable site_;
  AliasTable client_;
  AliasTable page_;
  EventTime time_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
  std::uint32_t kind_ = 0;
  std::string_view method_;
  std::uint64_t status_ = 0;
  std::uint64_t bytes_ = 0;
  std::string path_;
  std::string query_;
};

int run(std::string_view kind, std::uint64_t wanted, std::uint64_t seed) {
  LineMaker maker(seed);
  std::string out;
  for (std::uint64_t written = 0; written < wanted;) {
    out.clear();
    while (out.size() < (1 << 20)) {
      if (kind == "combined") {
        maker.add_combined_line(out);
      } else {
        maker.add_proxy_event(out);
      }
    }
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) return 4;
    written += out.size();
  }
  return std::fflush(stdout) == 0 ? 0 : 4;
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  const std::string_view kind = argc == 4 ? argv[1] : "";
  if (kind != "proxy-json" && kind != "combined") {
    std::fprintf(stderr, "usage: make_lines proxy-json|combined BYTES SEED\n");
    return 3;
  }
  return weir::run(kind, std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10));
}
