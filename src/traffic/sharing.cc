#include "traffic/sharing.h"

#include <fmt/format.h>

#include "traffic/proxy.h"
#include "traffic/render.h"
#include "traffic/vocabulary.h"

namespace weir::traffic {
namespace {

constexpr std::uint32_t kActionsPerHour = 5;
constexpr std::uint32_t kDocumentsOfUser = 60;

class SharingStream final : public Stream {
 public:
  SharingStream(const Company& company, std::uint64_t seed);

  Intensity begin_step(const Presence& presence, Timeline&) override {
    presence_ = &presence;
    return users_.begin_step(presence);
  }
  void arrive(EventTime time, Timeline& timeline) override;

 private:
  const Company& company_;
  Random random_;
  BusyUsers users_;
  AliasTable documents_;
  const Presence* presence_ = nullptr;
};

std::vector<std::uint32_t> actions_per_hour(const Company& company) {
  std::vector<std::uint32_t> actions;
  for (const User& user : company.users) actions.push_back(kActionsPerHour * kPerHour * user.sharing_percent / 100);
  return actions;
}

SharingStream::SharingStream(const Company& company, std::uint64_t seed)
    : company_(company), random_(mix(seed, "sharing")), users_(actions_per_hour(company)) {
  documents_.build(zipf_weights(kDocumentsOfUser));
}

void SharingStream::arrive(EventTime time, Timeline& timeline) {
  const User& user = company_.users[users_.pick(random_)];
  const std::string file = document_name(mix(user.number, documents_.pick(random_)));
  const std::string folder = fmt::format("/{}/{}", name_of(user.department), path_word(user.number));
  std::string target;
  SharingAction action{.time = time,
                       .user = user.login,
                       .department = name_of(user.department),
                       .action = "edited",
                       .file = file,
                       .folder = folder,
                       .size = random_.heavy_tailed(8'000, 10),
                       .address = proxy_client(user, presence_->at_home(user.number))};
  const std::uint32_t draw = random_.below(1000);
  if (draw < 420)
    action.action = "downloaded";
  else if (draw < 620)
    action.action = "uploaded";
  else if (draw < 640)
    action.action = "deleted";
  else if (draw < 760) {
    action.action = "shared";
    const bool outside = random_.chance(user.department == Department::sales ? 300 : 50);
    target = outside ? fmt::format("contact{}@partner{}.example", random_.below(40), user.number % 30)
                     : fmt::format("{}@{}", company_.users[random_.pick(user.colleagues)].login, kDomain);
    action.target_type = outside ? "external" : "internal";
  }
  if (random_.chance(250)) action.client = "web";
  action.target = target;
  timeline.add(time, [&](std::string& out) { append_sharing_line(out, action); });
}

}  // namespace

void append_sharing_line(std::string& out, const SharingAction& action) {
  append(out, "{\"time\":\"");
  append_iso_time(out, action.time);
  append_json_member(out, "user", action.user);
  append_json_member(out, "department", action.department);
  append_json_member(out, "action", action.action);
  append_json_member(out, "file", action.file);
  append_json_member(out, "folder", action.folder);
  append(out, "\",\"size\":");
  append_number(out, action.size);
  append(out, ",\"ip\":\"");
  append(out, action.address);
  if (!action.target.empty()) {
    append_json_member(out, "target", action.target);
    append_json_member(out, "target_type", action.target_type);
  }
  append_json_member(out, "client", action.client);
  append(out, "\"}");
}

std::unique_ptr<Stream> make_sharing_stream(const Company& company, std::uint64_t seed) {
  return std::make_unique<SharingStream>(company, seed);
}

}  // namespace weir::traffic
