#include "traffic/web.h"

#include <fmt/format.h>

#include "traffic/render.h"
#include "traffic/vocabulary.h"

namespace weir::traffic {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::array<std::string_view, 14> kPages = {
    "/",       "/accounts/", "/login", "/cards/", "/loans/", "/mortgage/calculator", "/branches/", "/contact",
    "/about/", "/careers",   "/help/", "/rates",  "/news/",  "/accounts/open"};
constexpr std::array<std::string_view, 10> kAssets = {
    "/assets/site.css",    "/assets/app.js", "/assets/vendor.js", "/img/logo.svg",     "/img/hero.jpg",
    "/fonts/harbor.woff2", "/favicon.ico",   "/img/cards.png",    "/assets/print.css", "/img/branch-map.png"};
constexpr std::array<std::string_view, 8> kSearches = {"opening+hours",  "lost+card",      "o%27neill+branch",
                                                       "select+account", "transfer+limit", "mortgage+rates",
                                                       "union+street",   "drop+off+box"};
constexpr std::array<std::string_view, 8> kVisitorAgents = {
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 "
    "Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 "
    "Edg/138.0.0.0"};

// What bots that nobody invited ask every server on the internet for; here nothing of it exists.
constexpr std::array<std::string_view, 8> kProbes = {"/wp-login.php", "/robots.txt", "/admin/",         "/phpmyadmin/",
                                                     "/xmlrpc.php",   "/old/",       "/administrator/", "/backup.zip"};

class WebStream final : public Stream {
 public:
  WebStream(const Company& company, std::uint64_t seed) : company_(company), random_(mix(seed, "web")) {
    pages_.build(zipf_weights(kPages.size()));
  }

  Intensity begin_step(const Presence& presence, Timeline& timeline) override;
  void arrive(EventTime time, Timeline& timeline) override;

 private:
  void add_visit(EventTime time, Timeline& timeline);
  void add_assets(EventTime time, std::string_view client, std::string_view agent, Timeline& timeline);
  void add_search(WebRequest request, Timeline& timeline);
  void add_crawler(EventTime time, Timeline& timeline);
  void add_probe(EventTime time, Timeline& timeline);
  void add_health_check(EventTime time, Timeline& timeline);
  void choose_client(std::uint64_t visitor);

  const Company& company_;
  Random random_;
  AliasTable pages_;
  std::string client_, target_, referer_;  // Scratch.
};

Intensity WebStream::begin_step(const Presence& presence, Timeline&) {
  const std::uint64_t visits_per_hour = 200 + company_.users.size() * 6;
  return visits_per_hour * public_activity(company_, presence.time());
}

void WebStream::arrive(EventTime time, Timeline& timeline) {
  const std::uint32_t draw = random_.below(1000);
  if (draw < 20) return add_probe(time, timeline);
  if (draw < 90) return add_crawler(time, timeline);
  if (draw < 200) return add_health_check(time, timeline);
  add_visit(time, timeline);
}

// 198.19.0.0/17 holds the visitors: an eighth of a /16 for each city.
void WebStream::choose_client(std::uint64_t visitor) {
  const std::uint64_t hash = mix(41, visitor);
  const std::uint64_t city = hash % all_cities().size();
  client_.assign("198.19.");
  append_number(client_, all_cities()[city].block * 8 + (hash >> 8) % 8);
  client_.push_back('.');
  append_number(client_, 1 + (hash >> 16) % 254);
}

void WebStream::add_visit(EventTime time, Timeline& timeline) {
  const std::uint64_t visitor = random_.below(company_.customers * 4);
  choose_client(visitor);
  const std::string_view agent = kVisitorAgents[mix(42, visitor) % kVisitorAgents.size()];
  const std::string_view page = kPages[pages_.pick(random_)];
  WebRequest request{
      .time = time, .client = client_, .target = page, .bytes = random_.heavy_tailed(4'000, 6), .agent = agent};
  if (random_.chance(500)) request.referer = "https://www.findall.example/";
  if (random_.chance(60)) return add_search(request, timeline);
  if (page == "/login" && random_.chance(700)) {
    request.method = "POST";
    request.status = random_.chance(70) ? 401 : 302;
    request.bytes = 412;
  } else if (random_.chance(15)) {
    request.status = 404;
  } else if (random_.chance(2)) {
    request.status = 500;
  }
  timeline.add(time, [&](std::string& out) { append_web_line(out, request); });
  if (request.status == 200) {
    referer_.assign("https://www.harborlane.example");
    append(referer_, page);
    add_assets(time, client_, agent, timeline);
  }
}

void WebStream::add_search(WebRequest request, Timeline& timeline) {
  target_.assign("/search?q=");
  append(target_, random_.pick(kSearches));
  append(target_, "&page=");
  append_number(target_, 1 + random_.below(3));
  request.target = target_;
  timeline.add(request.time, [&](std::string& out) { append_web_line(out, request); });
}

void WebStream::add_assets(EventTime time, std::string_view client, std::string_view agent, Timeline& timeline) {
  const std::uint32_t count = random_.below(6);
  EventTime at = time;
  for (std::uint32_t i = 0; i < count; ++i) {
    at += milliseconds(random_.between(10, 350));
    const bool cached = random_.chance(300);
    const WebRequest request{.time = at,
                             .client = client,
                             .target = random_.pick(kAssets),
                             .status = cached ? 304u : 200u,
                             .bytes = cached ? 0 : random_.heavy_tailed(3'000, 8),
                             .referer = referer_,
                             .agent = agent};
    timeline.add(at, [&](std::string& out) { append_web_line(out, request); });
  }
}

void WebStream::add_crawler(EventTime time, Timeline& timeline) {
  target_.assign("/news/");
  append(target_, path_word(random_.below(40)));
  target_.push_back('-');
  append_number(target_, 2015 + random_.below(11));
  client_.assign("198.19.240.");
  append_number(client_, 1 + random_.below(20));
  const WebRequest request{.time = time,
                           .client = client_,
                           .target = random_.chance(80) ? std::string_view("/robots.txt") : std::string_view(target_),
                           .bytes = random_.heavy_tailed(2'000, 5),
                           .agent = "Mozilla/5.0 (compatible; FindallBot/3.1; +https://www.findall.example/bot)"};
  timeline.add(time, [&](std::string& out) { append_web_line(out, request); });
}

void WebStream::add_probe(EventTime time, Timeline& timeline) {
  client_.assign("192.0.2.");
  append_number(client_, 1 + random_.below(120));
  const WebRequest request{.time = time,
                           .client = client_,
                           .target = random_.pick(kProbes),
                           .status = 404,
                           .bytes = 196,
                           .agent = random_.chance(500) ? "Mozilla/5.0" : "Go-http-client/1.1"};
  timeline.add(time, [&](std::string& out) { append_web_line(out, request); });
}

void WebStream::add_health_check(EventTime time, Timeline& timeline) {
  const WebRequest request{
      .time = time, .client = "10.1.0.5", .target = "/healthz", .bytes = 2, .agent = "harbor-probe/2.4"};
  timeline.add(time, [&](std::string& out) { append_web_line(out, request); });
}

}  // namespace

void append_web_line(std::string& out, const WebRequest& request) {
  append(out, request.client);
  append(out, " - ");
  append(out, request.user);
  append(out, " [");
  append_web_time(out, request.time);
  append(out, "] \"");
  append(out, request.method);
  out.push_back(' ');
  append_json_inside(out, request.target);  // Quotes and backslashes are escaped alike.
  append(out, " HTTP/1.1\" ");
  append_number(out, request.status);
  out.push_back(' ');
  if (request.bytes == 0) {
    out.push_back('-');
  } else {
    append_number(out, request.bytes);
  }
  append(out, " \"");
  append_json_inside(out, request.referer);
  append(out, "\" \"");
  append_json_inside(out, request.agent);
  out.push_back('"');
}

std::unique_ptr<Stream> make_web_stream(const Company& company, std::uint64_t seed) {
  return std::make_unique<WebStream>(company, seed);
}

}  // namespace weir::traffic
