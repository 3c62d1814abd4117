#include "broker/groups/classic_group.h"

#include <algorithm>
#include <random>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace weir::broker {
namespace {

std::string lower(std::string_view name) {
  std::string text(name);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// Runs a script of lines: what happens, and after `→` all answers that it gives rise to, by the number of the request
// that is answered: joins and syncs are numbered from 1, in the order of the script.
//   join ID [instance=…] [protocols=range:DATA,sticky] [session=S] [rebalance=S] [v3]     ID - is none; fresh ids are
//   f1, f2…
//     → 1 GENERATION PROTOCOL ID [leads MEMBERS]
//   sync ID GENERATION [A=x,B=y] [instance=…]      → 1 ASSIGNMENT
//   beat, commit ID GENERATION [instance=…]; leave ID [instance=…]; wait S; state stable 3
class Script {
 public:
  explicit Script(GroupLimits limits) : group_("g", limits) {}

  void run(const std::string& script) {
    std::istringstream lines(script);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t begin = line.find_first_not_of(' ');
      if (begin == std::string::npos) continue;
      line.erase(0, begin);
      SCOPED_TRACE(line);
      const std::size_t arrow = line.find("→");
      const std::string told = step(line.substr(0, arrow));
      std::string expected = arrow == std::string::npos ? "" : line.substr(arrow + std::string("→ ").size());
      while (!expected.empty() && expected.back() == ' ') expected.pop_back();
      EXPECT_EQ(told, expected);
    }
  }

 private:
  std::string step(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    std::string who;
    words >> verb >> who;
    std::vector<std::string> rest;
    for (std::string word; words >> word;) rest.push_back(word);
    if (who == "-") who.clear();
    ClassicGroup::Outbox out;
    std::string code;
    if (verb == "join") {
      join(who, rest, out);
    } else if (verb == "sync") {
      sync(who, rest, out);
    } else if (verb == "beat") {
      wire::HeartbeatRequest request;
      request.member_id = who;
      request.generation_id = std::stoi(rest.at(0));
      request.group_instance_id = value_of(rest, "instance");
      code = lower(wire::name_of(group_.heartbeat(request, now_)));
    } else if (verb == "commit") {
      code = lower(wire::name_of(group_.check_commit(who, value_of(rest, "instance"), std::stoi(rest.at(0)),
                                                     value_of(rest, "txn").has_value(), now_)));
    } else if (verb == "leave") {
      code = lower(wire::name_of(group_.leave(who, value_of(rest, "instance"), now_, out)));
    } else if (verb == "wait") {
      now_.steady += std::chrono::seconds(std::stoi(who));
      group_.tick(now_, out);
    } else if (verb == "state") {
      EXPECT_EQ(lower(name_of(group_.state())), who);
      EXPECT_EQ(std::to_string(group_.generation()), rest.at(0));
    } else {
      ADD_FAILURE() << "what is " << verb << "?";
    }
    std::string told = code;
    const auto add = [&](const std::string& text) { told += (told.empty() ? "" : "; ") + text; };
    std::ranges::sort(out.joins, {}, [](const auto& entry) { return entry.first; });
    std::ranges::sort(out.syncs, {}, [](const auto& entry) { return entry.first; });
    for (const auto& [waiter, response] : out.joins) add(fmt::format("{} {}", waiter, text_of(response)));
    for (const auto& [waiter, response] : out.syncs) {
      add(fmt::format("{} {}", waiter,
                      response.error_code == wire::ErrorCode::none ? "'" + response.assignment + "'"
                                                                   : lower(wire::name_of(response.error_code))));
    }
    return told;
  }

  static std::optional<std::string> value_of(const std::vector<std::string>& words, const std::string& key) {
    for (const std::string& word : words) {
      if (word == key) return "";
      if (word.starts_with(key + "=")) return word.substr(key.size() + 1);
    }
    return std::nullopt;
  }

  static std::string text_of(const wire::JoinGroupResponse& response) {
    if (response.error_code != wire::ErrorCode::none) {
      return lower(wire::name_of(response.error_code)) +
             (response.error_code == wire::ErrorCode::member_id_required ? " " + response.member_id : "");
    }
    std::string text =
        fmt::format("{} {} {}", response.generation_id, response.protocol_name.value_or("?"), response.member_id);
    if (response.leader != response.member_id) return text;
    text += " leads ";
    for (const auto& member : response.members) {
      text += (member.member_id == response.members.front().member_id ? "" : ",") + member.member_id;
    }
    return text + (response.skip_assignment ? " skip" : "");
  }

  void join(const std::string& who, const std::vector<std::string>& rest, ClassicGroup::Outbox& out) {
    wire::JoinGroupRequest request;
    request.member_id = who;
    request.protocol_type = value_of(rest, "type").value_or("consumer");
    request.session_timeout_ms = std::stoi(value_of(rest, "session").value_or("10")) * 1000;
    request.rebalance_timeout_ms = std::stoi(value_of(rest, "rebalance").value_or("60")) * 1000;
    request.group_instance_id = value_of(rest, "instance");
    std::istringstream protocols(value_of(rest, "protocols").value_or("range"));
    for (std::string name; std::getline(protocols, name, ',');) {
      const std::size_t colon = name.find(':');
      request.protocols.push_back({name.substr(0, colon), colon == std::string::npos ? "" : name.substr(colon + 1)});
    }
    const std::string fresh = who.empty() ? fmt::format("f{}", ++last_fresh_) : "unused";
    group_.join(request, {"client", "/host"}, !value_of(rest, "v3"), fresh, ++last_waiter_, now_, out);
  }

  void sync(const std::string& who, const std::vector<std::string>& rest, ClassicGroup::Outbox& out) {
    wire::SyncGroupRequest request;
    request.member_id = who;
    request.generation_id = std::stoi(rest.at(0));
    request.group_instance_id = value_of(rest, "instance");
    if (rest.size() > 1 && !rest[1].starts_with("instance")) {
      std::istringstream assignments(rest[1]);
      for (std::string word; std::getline(assignments, word, ',');) {
        const std::size_t equals = word.find('=');
        request.assignments.push_back({word.substr(0, equals), word.substr(equals + 1)});
      }
    }
    group_.sync(request, ++last_waiter_, now_, out);
  }

  ClassicGroup group_;
  Now now_{SteadyTime(std::chrono::hours(1)), 1'000'000};
  Waiter last_waiter_ = 0;
  int last_fresh_ = 0;
};

void check(const std::string& script, GroupLimits limits = {}) {
  Script(limits).run(script);
}

TEST(ClassicGroup, AsksDynamicMembersToJoinAgainWithTheirIdFromVersion4On) {
  check(R"(
    join -         → 1 member_id_required f1
    state empty 0
    join f1        → 2 1 range f1 leads f1
    join X         → 3 unknown_member_id
  )");
  check(R"(
    join - v3            → 1 1 range f1 leads f1
  )");
  check(R"(
    join - instance=i    → 1 1 range f1 leads f1
  )");
}

TEST(ClassicGroup, LetsTheLeaderAssignWhenAllHaveCome) {
  check(R"(
    join - v3                → 1 1 range f1 leads f1
    sync f1 1 f1=x           → 2 'x'
    state stable 1
    join - v3
    beat f1 1                → rebalance_in_progress
    sync f1 1                → 4 rebalance_in_progress
    join f1                  → 3 2 range f2; 5 2 range f1 leads f1,f2
    state completingrebalance 2
    sync f2 2
    beat f2 2                → none
    commit f2 2              → rebalance_in_progress
    sync f1 2 f1=a,f2=b      → 6 'b'; 7 'a'
    commit f2 2              → none
    commit f2 1              → illegal_generation
    beat f2 1                → illegal_generation
    beat X 2                 → unknown_member_id
    sync f2 1                → 8 illegal_generation
    sync f2 2                → 9 'b'
  )");
}

TEST(ClassicGroup, ElectsWhatMostPreferAmongWhatAllKnow) {
  check(R"(
    join - v3 protocols=range,sticky,mine   → 1 1 range f1 leads f1
    join - v3 protocols=sticky,range
    join - v3 protocols=sticky,range
    join - v3 protocols=other               → 4 inconsistent_group_protocol
    join - v3 type=connect                  → 5 inconsistent_group_protocol
    join f1 protocols=range,sticky,mine     → 2 2 sticky f2; 3 2 sticky f3; 6 2 sticky f1 leads f1,f2,f3
  )");
}

TEST(ClassicGroup, MakesAnotherTheLeaderWhenTheLeaderGoes) {
  check(R"(
    join - v3             → 1 1 range f1 leads f1
    join - v3
    join f1               → 2 2 range f2; 3 2 range f1 leads f1,f2
    sync f1 2 f1=a,f2=b   → 4 'a'
    leave f1              → none
    leave f1              → unknown_member_id
    beat f2 2             → rebalance_in_progress
    join f2               → 5 3 range f2 leads f2
    leave f2              → none
    state empty 4
  )");
}

TEST(ClassicGroup, RemovesSilentMembers) {
  check(R"(
    join - v3 session=10    → 1 1 range f1 leads f1
    sync f1 1 f1=a          → 2 'a'
    wait 9
    beat f1 1               → none
    wait 9
    state stable 1
    wait 1
    state empty 2
    beat f1 1               → unknown_member_id
  )");
}

TEST(ClassicGroup, GoesOnWithoutThoseThatDoNotComeInTime) {
  check(R"(
    join - v3 session=60 rebalance=20    → 1 1 range f1 leads f1
    sync f1 1                            → 2 ''
    join - v3 session=60 rebalance=20
    wait 19
    beat f1 1                            → rebalance_in_progress
    wait 1                               → 3 2 range f2 leads f2
    beat f1 2                            → unknown_member_id
  )");
}

TEST(ClassicGroup, DoesNotWaitForeverForItsLeaderToAssign) {
  check(R"(
    join - v3 session=60 rebalance=20    → 1 1 range f1 leads f1
    join - v3 session=60 rebalance=20
    join f1 session=60 rebalance=20      → 2 2 range f2; 3 2 range f1 leads f1,f2
    sync f2 2
    wait 20                              → 4 rebalance_in_progress
    join f2 session=60                   → 5 3 range f2 leads f2
  )");
}

TEST(ClassicGroup, ForgetsIdsThatNobodyJoinsWith) {
  check(R"(
    join - session=10     → 1 member_id_required f1
    join - session=10     → 2 member_id_required f2
    leave f2              → none
    join - instance=i
    wait 10               → 3 1 range f3 leads f3
    join f1               → 4 unknown_member_id
  )");
}

TEST(ClassicGroup, KeepsTheGenerationWhenAStaticMemberComesBack) {
  check(R"(
    join - instance=i protocols=range:d        → 1 1 range f1 leads f1
    sync f1 1 f1=a instance=i                  → 2 'a'
    join - instance=i protocols=range:d        → 3 1 range f2 leads f2 skip
    sync f2 1 instance=i                       → 4 'a'
    state stable 1
    beat f1 1 instance=i                       → fenced_instance_id
    commit f1 1 instance=i                     → fenced_instance_id
    sync f1 1 instance=i                       → 5 fenced_instance_id
    beat f1 1                                  → unknown_member_id
    beat f2 1 instance=j                       → unknown_member_id
    leave - instance=i                         → none
    leave - instance=i                         → unknown_member_id
    state empty 2
  )");
}

TEST(ClassicGroup, RebalancesWhenAStaticMemberComesBackWithOtherTopics) {
  check(R"(
    join - instance=i protocols=range:d        → 1 1 range f1 leads f1
    sync f1 1 f1=a                             → 2 'a'
    join - instance=i protocols=range:e        → 3 2 range f2 leads f2
    state completingrebalance 2
  )");
}

TEST(ClassicGroup, RebalancesWhenItsLeaderJoinsAgain) {
  check(R"(
    join - v3                → 1 1 range f1 leads f1
    sync f1 1 f1=a           → 2 'a'
    join f1                  → 3 2 range f1 leads f1
  )");
}

TEST(ClassicGroup, TakesCommitsFromOutsideOnlyWhileItIsEmpty) {
  check(R"(
    commit - -1              → none
    join - v3                → 1 1 range f1 leads f1
    sync f1 1 f1=a           → 2 'a'
    commit - -1              → unknown_member_id
    commit - -1 txn          → none
    commit f1 1              → none
  )");
}

TEST(ClassicGroup, RefusesWhatIsOutOfBounds) {
  check(R"(
    join - v3 session=5      → 1 invalid_session_timeout
    join - v3 type=          → 2 inconsistent_group_protocol
    join - v3                → 3 1 range f3 leads f3
    join - v3                → 4 group_max_size_reached
  )",
        {.members_max = 1});
}

// Random joins, syncs, leaves and waits. Whatever happens, each request is answered once; and when all come back, they
// meet in one generation with one leader, and everybody gets what the leader gave them.
class Generated {
 public:
  explicit Generated(std::uint32_t seed) : random_(seed) {}

  void run() {
    for (int step = 0; step < 200 && !testing::Test::HasFailure(); ++step) take_a_step();
    settle();
  }

 private:
  struct Client {
    std::string id;
    int generation = 0;
    bool leads = false;
    std::vector<std::string> others;
    std::string assignment;
    std::optional<Waiter> waits_for;
    bool is_joined = false;
    bool is_synced = false;
  };

  int pick(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  void take_a_step() {
    if (clients_.empty() || (clients_.size() < 6 && pick(8) == 0)) clients_.emplace_back();
    const auto which = static_cast<std::size_t>(pick(static_cast<int>(clients_.size())));
    if (pick(20) == 0) {
      ClassicGroup::Outbox out;
      if (!clients_[which].id.empty()) group_.leave(clients_[which].id, std::nullopt, now_, out);
      clients_[which].id.clear();
      clients_[which].is_joined = clients_[which].is_synced = false;
      deliver(out);
      if (!clients_[which].waits_for) clients_.erase(clients_.begin() + static_cast<std::ptrdiff_t>(which));
      return;
    }
    if (pick(20) == 0) return wait(std::chrono::seconds(pick(15)));
    proceed(clients_[which]);
  }

  void wait(std::chrono::seconds time) {
    now_.steady += time;
    ClassicGroup::Outbox out;
    group_.tick(now_, out);
    deliver(out);
  }

  // What a client does next.
  void proceed(Client& client) {
    if (client.waits_for) return;
    ClassicGroup::Outbox out;
    if (!client.is_joined) {
      wire::JoinGroupRequest request;
      request.member_id = client.id;
      request.protocol_type = "consumer";
      request.session_timeout_ms = 10'000;
      request.rebalance_timeout_ms = 20'000;
      request.protocols.push_back({"range", ""});
      client.waits_for = ++last_waiter_;
      group_.join(request, {}, true, fmt::format("m{}", last_waiter_), last_waiter_, now_, out);
    } else if (!client.is_synced) {
      wire::SyncGroupRequest request;
      request.member_id = client.id;
      request.generation_id = client.generation;
      if (client.leads) {
        for (const std::string& id : client.others) {
          request.assignments.push_back({id, fmt::format("{} in {}", id, client.generation)});
        }
      }
      client.waits_for = ++last_waiter_;
      group_.sync(request, last_waiter_, now_, out);
    } else {
      wire::HeartbeatRequest request;
      request.member_id = client.id;
      request.generation_id = client.generation;
      const auto code = group_.heartbeat(request, now_);
      if (code != wire::ErrorCode::none) forget(client, code);
    }
    deliver(out);
  }

  static void forget(Client& client, wire::ErrorCode code) {
    client.is_joined = client.is_synced = client.leads = false;
    if (code == wire::ErrorCode::unknown_member_id) client.id.clear();
  }

  Client& waiting_for(Waiter waiter) {
    const auto client = std::ranges::find(clients_, std::optional(waiter), &Client::waits_for);
    EXPECT_NE(client, clients_.end()) << "request " << waiter << " is answered twice";
    static Client nobody;
    if (client == clients_.end()) return nobody;
    client->waits_for.reset();
    return *client;
  }

  void deliver(const ClassicGroup::Outbox& out) {
    for (const auto& [waiter, response] : out.joins) {
      Client& client = waiting_for(waiter);
      if (response.error_code != wire::ErrorCode::none) {
        forget(client, response.error_code);
        if (response.error_code == wire::ErrorCode::member_id_required) client.id = response.member_id;
        continue;
      }
      client.id = response.member_id;
      client.generation = response.generation_id;
      client.leads = response.leader == response.member_id;
      client.others.clear();
      for (const auto& member : response.members) client.others.push_back(member.member_id);
      client.is_joined = true;
    }
    for (const auto& [waiter, response] : out.syncs) {
      Client& client = waiting_for(waiter);
      if (response.error_code != wire::ErrorCode::none) {
        forget(client, response.error_code);
        continue;
      }
      client.assignment = response.assignment;
      client.is_synced = true;
    }
  }

  void settle() {
    for (int round = 0; round < 60; ++round) {
      for (Client& client : clients_) proceed(client);
      wait(std::chrono::seconds(1));
    }
    EXPECT_EQ(group_.members().size(), clients_.size());
    EXPECT_EQ(group_.state(), clients_.empty() ? ClassicGroup::State::empty : ClassicGroup::State::stable);
    for (const Client& client : clients_) {
      EXPECT_EQ(client.generation, group_.generation());
      EXPECT_EQ(client.leads, client.id == group_.leader());
      EXPECT_EQ(client.assignment, fmt::format("{} in {}", client.id, group_.generation()));
    }
  }

  std::mt19937 random_;
  Now now_{SteadyTime(std::chrono::hours(1)), 1'000'000};
  ClassicGroup group_{"g"};
  std::vector<Client> clients_;
  Waiter last_waiter_ = 0;
};

TEST(ClassicGroup, AnswersEachRequestOnceAndSettles) {
  const std::uint32_t first = std::random_device()();
  for (std::uint32_t seed = first; seed < first + 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Generated(seed).run();
  }
}

}  // namespace
}  // namespace weir::broker
