#include "traffic/vocabulary.h"

#include <array>

#include <fmt/format.h>

#include "traffic/random.h"

namespace weir::traffic {
namespace {

constexpr std::array<std::string_view, 64> kFirstNames = {
    "Amara",  "Anders", "Anika",  "Arjun",  "Beatriz", "Bruno",  "Camila", "Carlos", "Chloe", "Daniel", "Deepa",
    "Diego",  "Elena",  "Emma",   "Erik",   "Fatima",  "Felix",  "Grace",  "Hanna",  "Hugo",  "Ines",   "Isaac",
    "Ivan",   "Jana",   "Joao",   "Jonas",  "Julia",   "Kai",    "Kavya",  "Laura",  "Leo",   "Lina",   "Lucas",
    "Maria",  "Marta",  "Mateus", "Maya",   "Mei",     "Miguel", "Mira",   "Nadia",  "Neha",  "Nina",   "Noah",
    "Olivia", "Oscar",  "Paula",  "Pedro",  "Petra",   "Priya",  "Rahul",  "Rosa",   "Ruth",  "Samuel", "Sara",
    "Sofia",  "Stefan", "Tariq",  "Teresa", "Thomas",  "Vera",   "Victor", "Wei",    "Yusuf"};

constexpr std::array<std::string_view, 96> kLastNames = {
    "abbott",   "almeida",  "anders",  "baker",   "bauer",  "becker",   "bennett", "berg",   "brandt",   "brooks",
    "carter",   "castro",   "chan",    "clark",   "cole",   "costa",    "cruz",    "das",    "desai",    "diaz",
    "dietrich", "duarte",   "ellis",   "engel",   "evans",  "ferreira", "fischer", "foster", "franke",   "garcia",
    "goh",      "gomes",    "graf",    "gray",    "gupta",  "haas",     "hansen",  "harris", "hoffmann", "hughes",
    "iyer",     "jansen",   "joshi",   "kapoor",  "keller", "khan",     "klein",   "kohl",   "koenig",   "kumar",
    "lang",     "larsen",   "lee",     "lehmann", "lim",    "lopes",    "marques", "mehta",  "mendes",   "meyer",
    "moreira",  "morgan",   "mueller", "murphy",  "nair",   "neumann",  "ng",      "nunes",  "oliveira", "ong",
    "parker",   "patel",    "pereira", "peters",  "pinto",  "price",    "rao",     "reed",   "ribeiro",  "richter",
    "rocha",    "roth",     "santos",  "schmidt", "schulz", "sharma",   "silva",   "singh",  "sousa",    "stein",
    "tan",      "teixeira", "vogel",   "wagner",  "wood",   "zimmer"};

constexpr std::array<std::string_view, 6> kAgents = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 "
    "Edg/138.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36 "
    "Edg/137.0.0.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"};

struct NamedSite {
  std::string_view host;
  bool tls;
  SiteKind kind;
};

constexpr std::array<NamedSite, kSitesOfAll> kCommon = {{
    {"mail.harborlane.example", true, SiteKind::page},       {"www.findall.example", true, SiteKind::page},
    {"intranet.harborlane.example", false, SiteKind::page},  {"calendar.harborlane.example", true, SiteKind::page},
    {"chat.teamroom.example", true, SiteKind::page},         {"meet.teamroom.example", true, SiteKind::media},
    {"www.morningpost.example", true, SiteKind::page},       {"docs.worksuite.example", true, SiteKind::storage},
    {"www.weathernow.example", false, SiteKind::page},       {"files.worksuite.example", true, SiteKind::storage},
    {"www.openencyclopedia.example", true, SiteKind::page},  {"maps.findall.example", true, SiteKind::page},
    {"www.videohall.example", true, SiteKind::media},        {"hr.peopledesk.example", true, SiteKind::page},
    {"www.shopstreet.example", true, SiteKind::page},        {"translate.findall.example", true, SiteKind::page},
    {"update.worksuite.example", false, SiteKind::software}, {"www.railplanner.example", true, SiteKind::page},
    {"radio.cityfm.example", false, SiteKind::media},        {"www.lunchmenu.example", false, SiteKind::page},
}};

constexpr std::array<std::array<std::string_view, kSitesOfDepartment>, 7> kOfDepartment = {{
    {"git.harborlane.example", "www.codequestions.example", "packages.librarian.example", "ci.harborlane.example",
     "docs.cloudharbor.example", "registry.containers.example", "lists.kerneltalk.example", "blog.buildfast.example"},
    {"status.cloudharbor.example", "monitor.harborlane.example", "support.switchworks.example",
     "kb.serverdoctor.example", "console.cloudharbor.example", "tickets.harborlane.example",
     "downloads.serverdoctor.example", "advisories.certwatch.example"},
    {"crm.sellwell.example", "www.businessnet.example", "events.tradefair.example", "quotes.sellwell.example",
     "www.companyindex.example", "travel.bookfast.example", "maps.routefinder.example", "sign.paperless.example"},
    {"erp.harborlane.example", "www.marketfigures.example", "tax.gov-portal.example", "bank.clearinghouse.example",
     "audit.ledgerline.example", "rates.marketfigures.example", "invoices.paperless.example",
     "www.fiscaltimes.example"},
    {"jobs.talentpool.example", "www.businessnet.example", "payroll.peopledesk.example", "learn.courseroom.example",
     "www.labourlaw.example", "benefits.peopledesk.example", "surveys.askaround.example", "sign.paperless.example"},
    {"helpdesk.harborlane.example", "kb.harborlane.example", "phone.callcentre.example", "chat.callcentre.example",
     "kb.serverdoctor.example", "remote.harborlane.example", "status.cloudharbor.example", "forum.usersclub.example"},
    {"board.harborlane.example", "www.fiscaltimes.example", "reports.harborlane.example", "travel.bookfast.example",
     "www.marketfigures.example", "www.businessnet.example", "sign.paperless.example", "www.theeconomy.example"},
}};

constexpr std::array<std::string_view, 40> kWords = {
    "alpine",  "amber",   "arcade", "aurora",  "bamboo",  "beacon", "breeze",  "candle",  "canyon", "cedar",
    "citrus",  "cobalt",  "coral",  "cosmos",  "dune",    "ember",  "falcon",  "fern",    "forest", "garden",
    "glacier", "harvest", "island", "jasmine", "lantern", "lemon",  "maple",   "meadow",  "mosaic", "nordic",
    "orchard", "pebble",  "pepper", "prairie", "quartz",  "river",  "saffron", "thunder", "velvet", "willow"};

constexpr std::array<std::string_view, 20> kThings = {
    "books",  "bikes", "cook",   "deals", "garage", "guide",  "guitar", "health",  "homes",  "hotels",
    "market", "mag",   "museum", "photo", "school", "sports", "store",  "tickets", "travel", "wiki"};

// 198.19.128.0/17 plays the world's web servers.
std::string server_address(std::string_view host) {
  const std::uint64_t hash = mix(7, host);
  return fmt::format("198.19.{}.{}", 128 + hash % 128, 1 + (hash >> 8) % 254);
}

Site make_site(std::string_view host, bool tls, SiteKind kind) {
  return {std::string(host), server_address(host), tls, kind};
}

std::vector<Site> make_sites() {
  std::vector<Site> sites;
  for (const NamedSite& site : kCommon) sites.push_back(make_site(site.host, site.tls, site.kind));
  for (const auto& department : kOfDepartment) {
    for (const std::string_view host : department) sites.push_back(make_site(host, true, SiteKind::page));
  }
  for (std::size_t i = 0; i < kSitesOfTail; ++i) {
    const std::string host =
        fmt::format("www.{}{}.example", kWords[i % kWords.size()], kThings[(i / kWords.size()) % kThings.size()]);
    sites.push_back(make_site(host, mix(11, i) % 100 < 70, mix(12, i) % 10 == 0 ? SiteKind::media : SiteKind::page));
  }
  return sites;
}

constexpr std::array<std::string_view, 14> kSubjects = {"Budget",   "Offer",    "Minutes",   "Forecast", "Contract",
                                                        "Report",   "Plan",     "Invoice",   "Roadmap",  "Training",
                                                        "Customer", "Overview", "Checklist", "Statement"};
constexpr std::array<std::string_view, 6> kEndings = {"docx", "xlsx", "pptx", "pdf", "docx", "csv"};

}  // namespace

std::span<const std::string_view> first_names() {
  return kFirstNames;
}
std::span<const std::string_view> last_names() {
  return kLastNames;
}
std::span<const std::string_view> browser_agents() {
  return kAgents;
}

const std::vector<Site>& all_sites() {
  static const std::vector<Site> kSites = make_sites();
  return kSites;
}

std::span<const Site> embedded_sites() {
  static const std::vector<Site> kSites = {make_site("static.fastedge.example", true, SiteKind::media),
                                           make_site("fonts.findall.example", true, SiteKind::page),
                                           make_site("metrics.countup.example", true, SiteKind::page),
                                           make_site("ads.bannerhub.example", false, SiteKind::page),
                                           make_site("img.fastedge.example", false, SiteKind::media),
                                           make_site("cdn.scripthouse.example", true, SiteKind::page)};
  return kSites;
}

std::string_view path_word(std::uint32_t number) {
  return kWords[number % kWords.size()];
}

std::string document_name(std::uint64_t number) {
  const std::uint64_t hash = mix(21, number);
  return fmt::format("{}_{}_{}.{}", kSubjects[hash % kSubjects.size()], kWords[(hash >> 8) % kWords.size()],
                     100 + (hash >> 16) % 900, kEndings[(hash >> 32) % kEndings.size()]);
}

}  // namespace weir::traffic
