#include "traffic/proxy.h"

#include "traffic/render.h"
#include "traffic/vocabulary.h"

namespace weir::traffic {
namespace {

using std::chrono::microseconds;

constexpr std::uint32_t kPagesPerHour = 24;

class ProxyStream final : public Stream {
 public:
  ProxyStream(const Company& company, std::uint64_t seed);

  Intensity begin_step(const Presence& presence, Timeline& timeline) override;
  void arrive(EventTime time, Timeline& timeline) override;

 private:
  void add_page(EventTime time, const User& user, const Site& site, Timeline& timeline);
  void add_request(EventTime time, const User& user, const Site& site, bool is_page, Timeline& timeline);
  void add_update_check(EventTime time, const User& user, Timeline& timeline);
  void make_path(const Site& site, bool is_page);

  const Company& company_;
  Random random_;
  BusyUsers users_;
  AliasTable preference_;
  const Presence* presence_ = nullptr;
  std::string url_;  // Scratch, so that a request allocates nothing.
  std::string hierarchy_;
};

std::vector<std::uint32_t> pages_per_hour(const Company& company) {
  std::vector<std::uint32_t> pages;
  for (const User& user : company.users) pages.push_back(kPagesPerHour * kPerHour * user.diligence / 100);
  return pages;
}

ProxyStream::ProxyStream(const Company& company, std::uint64_t seed)
    : company_(company), random_(mix(seed, "proxy")), users_(pages_per_hour(company)) {
  preference_.build(zipf_weights(company.users.front().sites.size()));
}

Intensity ProxyStream::begin_step(const Presence& presence, Timeline&) {
  presence_ = &presence;
  return users_.begin_step(presence);
}

void ProxyStream::arrive(EventTime time, Timeline& timeline) {
  const User& user = company_.users[users_.pick(random_)];
  if (random_.chance(25)) return add_update_check(time, user, timeline);
  add_page(time, user, all_sites()[user.sites[preference_.pick(random_)]], timeline);
}

// A page, then what it pulls in within the next seconds.
void ProxyStream::add_page(EventTime time, const User& user, const Site& site, Timeline& timeline) {
  add_request(time, user, site, true, timeline);
  const std::uint32_t parts = site.tls ? random_.below(4) : 2 + random_.below(7);
  EventTime at = time;
  for (std::uint32_t i = 0; i < parts; ++i) {
    at += microseconds(random_.between(20'000, 600'000));
    const bool own = random_.chance(site.tls ? 150 : 600);
    add_request(at, user, own ? site : random_.pick(embedded_sites()), false, timeline);
  }
}

void ProxyStream::make_path(const Site& site, bool is_page) {
  url_.assign(site.tls ? "" : "http://");
  append(url_, site.host);
  if (site.tls) {
    append(url_, ":443");
    return;
  }
  const std::uint32_t depth = random_.below(3);
  for (std::uint32_t i = 0; i < depth; ++i) {
    url_.push_back('/');
    append(url_, path_word(random_.below(40)));
  }
  if (is_page) {
    append(url_, random_.chance(300) ? "/?" : "/");
  } else {
    append(url_, "/");
    append_hex(url_, random_.next(), 8);
    append(url_, random_.chance(500) ? ".png" : random_.chance(500) ? ".js" : ".css");
  }
}

void ProxyStream::add_request(EventTime time, const User& user, const Site& site, bool is_page, Timeline& timeline) {
  make_path(site, is_page);
  ProxyRequest request{.time = time,
                       .client = proxy_client(user, presence_->at_home(user.number)),
                       .url = url_,
                       .user = user.login,
                       .agent = user.agent};
  request.method = site.tls ? "CONNECT" : random_.chance(40) ? "POST" : "GET";
  request.bytes = random_.heavy_tailed(site.kind == SiteKind::media ? 20'000 : 1'200, 12);
  request.elapsed = static_cast<std::uint32_t>(random_.heavy_tailed(site.tls ? 900 : 15, 9));
  request.type = "-";
  const std::uint32_t draw = random_.below(1000);
  hierarchy_.assign("HIER_DIRECT/");
  append(hierarchy_, site.address);
  if (draw < 4) {
    request.result = draw < 2 ? "TCP_DENIED/403" : "TCP_DENIED/407";
    request.bytes = 3'900 + draw;
    request.elapsed = 0;
    if (draw >= 2) request.user = "-";
    hierarchy_.assign("HIER_NONE/-");
    request.type = "text/html";
  } else if (site.tls) {
    request.result = draw < 12 ? "TCP_TUNNEL/503" : "TCP_TUNNEL/200";
  } else {
    request.type = is_page                 ? "text/html"
                   : url_.ends_with("png") ? "image/png"
                   : url_.ends_with("js")  ? "application/javascript"
                                           : "text/css";
    request.result = draw < 620   ? "TCP_MISS/200"
                     : draw < 800 ? "TCP_MEM_HIT/200"
                     : draw < 900 ? "TCP_REFRESH_UNMODIFIED/304"
                     : draw < 960 ? "TCP_MISS/302"
                     : draw < 990 ? "TCP_MISS/404"
                                  : "TCP_MISS_ABORTED/000";
    if (draw >= 620 && draw < 800) hierarchy_.assign("HIER_NONE/-");
  }
  request.hierarchy = hierarchy_;
  timeline.add(time, [&](std::string& out) { append_proxy_line(out, request); });
}

// Programs that are not browsers fetch their updates, with their own user agents.
void ProxyStream::add_update_check(EventTime time, const User& user, Timeline& timeline) {
  struct Updater {
    std::string_view agent, url, type;
  };
  static constexpr std::array<Updater, 4> kUpdaters = {{
      {"Microsoft-Delivery-Optimization/10.0", "http://update.worksuite.example/filestreamingservice/files/",
       "application/octet-stream"},
      {"Windows-Update-Agent/10.0.10011.16384 Client-Protocol/2.51",
       "http://update.worksuite.example/v9/windowsupdate/", "application/vnd.ms-cab-compressed"},
      {"Microsoft-CryptoAPI/10.0", "http://ocsp.certwatch.example/status/", "application/ocsp-response"},
      {"Microsoft BITS/7.8", "http://update.worksuite.example/definitions/", "application/octet-stream"},
  }};
  const Updater& updater = random_.pick(kUpdaters);
  url_.assign(updater.url);
  append_hex(url_, random_.next(), 12);
  const ProxyRequest request{.time = time,
                             .elapsed = static_cast<std::uint32_t>(random_.heavy_tailed(20, 8)),
                             .client = proxy_client(user, presence_->at_home(user.number)),
                             .result = random_.chance(400) ? "TCP_HIT/200" : "TCP_MISS/200",
                             .bytes = random_.heavy_tailed(2'000, 12),
                             .method = "GET",
                             .url = url_,
                             .user = "-",
                             .hierarchy = "HIER_DIRECT/198.19.200.14",
                             .type = updater.type,
                             .agent = updater.agent};
  timeline.add(time, [&](std::string& out) { append_proxy_line(out, request); });
}

}  // namespace

std::string_view proxy_client(const User& user, bool at_home) {
  return at_home ? user.vpn_address : user.address;
}

void append_proxy_line(std::string& out, const ProxyRequest& request) {
  append_epoch_millis(out, request.time);
  out.push_back(' ');
  append_padded(out, request.elapsed, 6, ' ');
  for (const std::string_view text : {request.client, request.result}) {
    out.push_back(' ');
    append(out, text);
  }
  out.push_back(' ');
  append_number(out, request.bytes);
  for (const std::string_view text : {request.method, request.url, request.user, request.hierarchy, request.type}) {
    out.push_back(' ');
    append(out, text);
  }
  append(out, " \"");
  append(out, request.agent);
  out.push_back('"');
}

std::unique_ptr<Stream> make_proxy_stream(const Company& company, std::uint64_t seed) {
  return std::make_unique<ProxyStream>(company, seed);
}

}  // namespace weir::traffic
