#include "broker/groups/consumer_group.h"

#include <algorithm>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "broker/groups/consumer_group_records.h"
#include "broker/groups/topic_pattern.h"

namespace weir::broker {
namespace {

using std::chrono::milliseconds;

log::TopicId id_of(const std::string& topic) {
  log::TopicId id{};
  std::ranges::copy(topic.substr(0, id.size()), id.begin());
  return id;
}

std::string name_of_id(const log::TopicId& id) {
  return {id.begin(), std::ranges::find(id, 0)};
}

std::string text_of(const PartitionSet& partitions) {
  std::string text;
  for (const PartitionKey& key : partitions) {
    text += fmt::format("{}{}/{}", text.empty() ? "" : ",", name_of_id(key.topic), key.partition);
  }
  return text.empty() ? "-" : text;
}

// "auth/0,web/3"; "-" is none.
PartitionSet partitions_of(const std::string& text) {
  PartitionSet partitions;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    const std::size_t slash = word.find('/');
    if (slash != std::string::npos)
      partitions.insert({id_of(word.substr(0, slash)), std::stoi(word.substr(slash + 1))});
  }
  return partitions;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The group as a restart would bring it back from the rows it has written.
ConsumerGroup restarted(const std::vector<Row>& rows, std::shared_ptr<const GroupTopics> topics,
                        ConsumerGroupLimits limits, Now now, ConsumerGroup::Changes& changes) {
  StoredConsumerGroups stored;
  for (const Row& row : rows) {
    StoredRow read{row.key, std::nullopt, {}};
    if (row.value) read.value = *row.value;
    const Status status = read_consumer_group_row(read, stored);
    EXPECT_TRUE(status) << status.error().message;
  }
  ConsumerGroup group("g", std::move(topics), limits);
  group.restore(std::move(stored["g"]), now, changes);
  return group;
}

// Runs a script of lines: what happens, and after `→` what the member is told.
//   topics auth=4 web=2                     all topics there are; __internal ones are internal
//   join A topics=auth,web regex=… assignor=… instance=… timeout=SECONDS v0
//   beat A EPOCH [owned=auth/0,…] [instance=…] [topics=…] [regex=…]        also EPOCH -1 and -2
//   wait SECONDS                            and the group ticks
//   commit A EPOCH [v8|txn], fetch A EPOCH
//   restart                                 from the rows that were written
//   → EPOCH PARTITIONS                      PARTITIONS is = if the assignment is not told, - if it is empty
//   → unknown_member_id                     an error
//   state stable 3 members=A,B
class Script {
 public:
  explicit Script(ConsumerGroupLimits limits) : limits_(limits) { group_.emplace("g", topics_, limits_); }

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
    words >> verb;
    std::string result;
    ConsumerGroup::Changes changes;
    if (verb == "topics") {
      auto topics = std::make_shared<GroupTopics>();
      while (words >> who) {
        const std::size_t equals = who.find('=');
        const std::string name = who.substr(0, equals);
        (*topics)[name] = {id_of(name), std::stoi(who.substr(equals + 1)), name.starts_with("__")};
      }
      topics_ = topics;
      group_->set_topics(topics_, now_, changes);
    } else if (verb == "wait") {
      int seconds = 0;
      words >> seconds;
      now_.steady += std::chrono::seconds(seconds);
      now_.wall += seconds * 1000;
      group_->tick(now_, changes);
    } else if (verb == "restart") {
      group_.emplace(restarted(rows_, topics_, limits_, now_, changes));
    } else if (verb == "state") {
      std::string state;
      std::int32_t epoch = 0;
      std::string members;
      words >> state >> epoch >> members;
      std::string own;
      for (const auto& [id, member] : group_->members()) own += (own.empty() ? "" : ",") + id;
      EXPECT_EQ(lower(std::string(name_of(group_->state()))), state);
      EXPECT_EQ(group_->epoch(), epoch);
      EXPECT_EQ("members=" + own, members);
    } else {
      std::int32_t epoch = 0;
      words >> who;
      if (verb != "join") words >> epoch;
      std::vector<std::string> rest;
      for (std::string word; words >> word;) rest.push_back(word);
      if (verb == "commit") {
        std::optional<int> version = 9;
        if (rest == std::vector<std::string>{"txn"}) version.reset();
        if (rest == std::vector<std::string>{"v8"}) version = 8;
        const auto code = group_->check_commit(who == "-" ? "" : who, std::nullopt, epoch, version);
        return lower(std::string(wire::name_of(code)));
      }
      if (verb == "fetch") {
        const auto member = who == "-" ? std::nullopt : std::optional(who);
        return lower(std::string(wire::name_of(group_->check_fetch(member, epoch))));
      }
      result = beat(verb == "join", who, epoch, rest, changes);
    }
    std::ranges::move(rows_of(*group_, changes), std::back_inserter(rows_));
    return result;
  }

  std::string beat(bool is_joining, const std::string& who, std::int32_t epoch, const std::vector<std::string>& rest,
                   ConsumerGroup::Changes& changes) {
    ConsumerGroup::Request request;
    request.group_id = "g";
    request.member_id = who;
    request.member_epoch = epoch;
    int version = 1;
    if (is_joining) {
      request.rebalance_timeout_ms = 60'000;
      request.topic_partitions.emplace();
    }
    for (const std::string& word : rest) {
      const std::size_t equals = word.find('=');
      const std::string key = word.substr(0, equals);
      const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
      if (key == "v0") version = 0;
      if (key == "instance") request.instance_id = value;
      if (key == "assignor") request.server_assignor = value;
      if (key == "regex") request.subscribed_topic_regex = value;
      if (key == "timeout") request.rebalance_timeout_ms = std::stoi(value) * 1000;
      if (key == "owned")
        request.topic_partitions = by_topic<ConsumerGroup::Request::TopicPartitions>(partitions_of(value));
      if (key == "topics") {
        request.subscribed_topic_names.emplace();
        std::istringstream names(value);
        for (std::string name; std::getline(names, name, ',');) request.subscribed_topic_names->push_back(name);
      }
    }
    if (version == 0) request.member_id.clear();
    const auto response = group_->heartbeat(request, {"client", "/host"}, who, version, now_, changes);
    if (response.error_code != wire::ErrorCode::none) {
      EXPECT_TRUE(changes.empty());
      return lower(std::string(wire::name_of(response.error_code)));
    }
    EXPECT_EQ(response.member_id, who);
    if (!response.assignment) return fmt::format("{} =", response.member_epoch);
    return fmt::format("{} {}", response.member_epoch, text_of(partition_set(response.assignment->topic_partitions)));
  }

  const ConsumerGroupLimits limits_;
  std::shared_ptr<const GroupTopics> topics_ = std::make_shared<GroupTopics>();
  std::optional<ConsumerGroup> group_;
  std::vector<Row> rows_;
  Now now_{SteadyTime(std::chrono::hours(1)), 1'000'000};
};

void check(const std::string& script, ConsumerGroupLimits limits = {}) {
  Script(limits).run(script);
}

TEST(ConsumerGroup, GivesTheFirstMemberEverythingAtOnce) {
  check(R"(
    topics auth=3 web=1
    state empty 0 members=
    join A topics=auth,web          → 1 auth/0,auth/1,auth/2,web/0
    state stable 1 members=A
    beat A 1                        → 1 =
  )");
}

TEST(ConsumerGroup, GivesPartitionsToOthersOnlyWhenTheirOwnerGaveThemUp) {
  check(R"(
    topics auth=4
    join A topics=auth                    → 1 auth/0,auth/1,auth/2,auth/3
    join B topics=auth                    → 2 -
    state reconciling 2 members=A,B
    beat A 1                              → 1 auth/0,auth/1
    beat B 2                              → 2 =
    beat A 1 owned=auth/0,auth/1,auth/2   → 1 =
    beat B 2                              → 2 =
    beat A 1 owned=auth/0,auth/1          → 2 =
    beat B 2                              → 2 auth/2,auth/3
    state stable 2 members=A,B
  )");
}

TEST(ConsumerGroup, RemovesAMemberThatDoesNotGiveUpInTime) {
  check(R"(
    topics auth=2
    join A topics=auth timeout=10  → 1 auth/0,auth/1
    join B topics=auth             → 2 -
    beat A 1                       → 1 auth/0
    wait 9
    beat A 1                       → 1 =
    wait 1
    beat A 1                       → unknown_member_id
    beat B 2                       → 3 auth/0,auth/1
  )");
}

TEST(ConsumerGroup, RemovesASilentMember) {
  check(R"(
    topics auth=2
    join A topics=auth    → 1 auth/0,auth/1
    wait 44
    join B topics=auth    → 2 -
    wait 1
    state reconciling 3 members=B
    beat B 2              → 3 auth/0,auth/1
  )");
}

TEST(ConsumerGroup, HandsOverWhatALeavingMemberHad) {
  check(R"(
    topics auth=2
    join A topics=auth    → 1 auth/0,auth/1
    join B topics=auth    → 2 -
    beat A -1             → -1 =
    beat B 2              → 3 auth/0,auth/1
    beat B -1             → -1 =
    state empty 4 members=
  )");
}

TEST(ConsumerGroup, KnowsTheEpochBeforeTheLastAsLongAsNothingIsLostByIt) {
  check(R"(
    topics auth=2
    join A topics=auth              → 1 auth/0,auth/1
    beat A 1 topics=auth,web        → 2 =
    beat A 1                        → fenced_member_epoch
    beat A 1 owned=auth/0           → 2 auth/0,auth/1
    beat A 1 owned=web/0            → fenced_member_epoch
    beat A 3                        → fenced_member_epoch
    beat X 1                        → unknown_member_id
    join A topics=auth,web          → 2 auth/0,auth/1
  )");
}

TEST(ConsumerGroup, MakesIdsForMembersOfVersion0Alone) {
  check(R"(
    topics auth=1
    join A topics=auth v0    → 1 auth/0
  )");
  ConsumerGroup group("g", std::make_shared<GroupTopics>());
  ConsumerGroup::Request request;
  request.subscribed_topic_names.emplace();
  request.topic_partitions.emplace();
  request.rebalance_timeout_ms = 1;
  ConsumerGroup::Changes changes;
  EXPECT_EQ(group.heartbeat(request, {}, "fresh", 1, {}, changes).error_code, wire::ErrorCode::invalid_request);
}

TEST(ConsumerGroup, RefusesWhatIsMissingFromAFirstRequest) {
  check(R"(
    join A                                → invalid_request
    join A topics=auth timeout=-1         → 1 -
    join B topics=auth owned=auth/0       → invalid_request
    join B topics=auth instance=          → invalid_request
    join B topics=auth assignor=sticky    → unsupported_assignor
    beat A -2                             → invalid_request
    beat A -3                             → invalid_request
  )");
}

TEST(ConsumerGroup, KeepsTheAssignmentOfAStaticMemberThatIsAway) {
  check(R"(
    topics auth=4
    join A topics=auth instance=i           → 1 auth/0,auth/1,auth/2,auth/3
    join B topics=auth instance=i           → unreleased_instance_id
    beat A -2 instance=i                    → -2 =
    beat A 1 instance=i                     → fenced_member_epoch
    join B topics=auth instance=i           → 1 auth/0,auth/1,auth/2,auth/3
    state stable 1 members=B
    beat A 1 instance=i                     → fenced_instance_id
    beat A 1                                → unknown_member_id
    beat B 1 instance=j                     → unknown_member_id
    beat B -2 instance=i                    → -2 =
    wait 45
    state empty 2 members=
  )");
}

TEST(ConsumerGroup, DoesNotWaitForAnAbsentStaticMemberToGiveUp) {
  check(R"(
    topics auth=2
    join A topics=auth instance=i           → 1 auth/0,auth/1
    beat A -2 instance=i                    → -2 =
    join B topics=auth                      → 2 auth/1
    join A topics=auth instance=i           → 2 auth/0
    state stable 2 members=A,B
  )");
}

TEST(ConsumerGroup, SubscribesByRegularExpression) {
  check(R"(
    topics auth=1 audit=1 web=1 __state=1
    join A regex=a.*              → 1 audit/0,auth/0
    join B regex=.*               → 2 web/0
    join C regex=a(               → invalid_regular_expression
    beat B 2 regex=(?P<n)         → invalid_regular_expression
    topics auth=1 audit=1 web=1 abc=1 __state=1
    beat A 1                      → 3 =
    beat B 2                      → 3 abc/0,web/0
    beat A 3 topics=web regex=    → 3 -
    beat A 3 owned=-              → 4 =
    beat B 3                      → 3 abc/0
    beat B 3 owned=abc/0          → 4 abc/0,audit/0,auth/0
    beat A 4                      → 4 web/0
    state stable 4 members=A,B
  )");
  check("join A regex=" + std::string(kTopicPatternBytesMax + 1, 'a') + " → invalid_regular_expression");
}

TEST(ConsumerGroup, FollowsTopicsThatAppearGrowAndVanish) {
  check(R"(
    topics other=1
    join A topics=auth    → 1 -
    topics other=2
    state stable 1 members=A
    topics auth=1
    beat A 1              → 2 auth/0
    topics auth=3
    beat A 2 owned=auth/0 → 3 auth/0,auth/1,auth/2
    topics
    beat A 3              → 3 -
    beat A 3 owned=-      → 4 =
    state stable 4 members=A
  )");
}

TEST(ConsumerGroup, DealsRangesIfMostMembersWantIt) {
  check(R"(
    topics auth=3 web=3
    join A topics=auth,web assignor=range    → 1 auth/0,auth/1,auth/2,web/0,web/1,web/2
    join B topics=auth,web                   → 2 -
    beat A 1 owned=-                         → 2 auth/0,auth/1,web/0,web/1
    beat B 2                                 → 2 auth/2,web/2
  )");
}

TEST(ConsumerGroup, TakesOffsetsFromMembersInTheirEpochAlone) {
  check(R"(
    topics auth=1
    commit - -1            → none
    join A topics=auth     → 1 auth/0
    commit A 1             → none
    commit A 0             → stale_member_epoch
    commit A 2             → stale_member_epoch
    commit X 1             → unknown_member_id
    commit - -1            → unknown_member_id
    commit A 1 v8          → unsupported_version
    commit A 1 txn         → none
    commit - -1 txn        → none
    fetch A 1              → none
    fetch A 0              → stale_member_epoch
    fetch X 1              → unknown_member_id
    fetch - -1             → none
  )");
}

TEST(ConsumerGroup, HasALimit) {
  check(R"(
    join A topics=auth    → 1 -
    join B topics=auth    → group_max_size_reached
    join A topics=auth    → 1 -
  )",
        {.members_max = 1});
}

TEST(ConsumerGroup, GoesOnAfterARestart) {
  check(R"(
    topics auth=4
    join A topics=auth timeout=10 instance=i   → 1 auth/0,auth/1,auth/2,auth/3
    join B regex=au.*                          → 2 -
    beat A 1 instance=i                        → 1 auth/0,auth/1
    restart
    beat B 2                                   → 2 =
    beat A 1 owned=auth/0,auth/1 instance=i    → 2 =
    restart
    beat B 2                                   → 2 auth/2,auth/3
    restart
    state stable 2 members=A,B
    beat A -1 instance=i                       → -1 =
    restart
    state reconciling 3 members=B
    wait 45
    restart
    state empty 4 members=
  )");
}

// ---------------------------------------------------------------- generated

// A consumer as clients are: it takes up what it is told a while later, gives up what it lost later still, and says
// with each heartbeat what it has.
struct Client {
  std::string id;
  std::optional<std::string> instance_id;
  std::int32_t epoch = 0;
  std::set<std::string> topics;
  PartitionSet told;
  PartitionSet owned;
  PartitionSet confirmed;  // What it had when the group last took its heartbeat.
};

class Generated {
 public:
  explicit Generated(std::uint32_t seed) : random_(seed) { change_topics(); }

  void run() {
    for (int step = 0; step < 150 && !testing::Test::HasFailure(); ++step) {
      take_a_step();
      check_owners();
    }
    settle();
    check_settled();
    const auto before = targets();
    // Nothing changes: nothing moves, and one that goes moves no more than it had.
    group_.set_topics(topics_, now_, changes());
    EXPECT_EQ(targets(), before);
    if (clients_.size() < 2) return;
    const std::string gone = clients_.begin()->first;
    leave(clients_.begin());
    settle();
    check_settled();
    if (!have_equal_topics()) return;
    for (const auto& [id, target] : targets()) {
      EXPECT_TRUE(std::ranges::includes(target, before.at(id))) << id << " lost partitions when " << gone << " left";
    }
  }

 private:
  int pick(int end) { return std::uniform_int_distribution<int>(0, end - 1)(random_); }

  ConsumerGroup::Changes& changes() {
    changes_ = {};
    return changes_;
  }

  void take_a_step() {
    switch (pick(12)) {
      case 0: return join_new();
      case 1:
        if (!clients_.empty()) leave(any_client());
        return;
      case 2:
        if (pick(4) == 0) change_topics();
        return;
      case 3:
        now_.steady += std::chrono::seconds(pick(20));
        group_.tick(now_, changes());
        keep_rows();
        return;
      case 4:
        if (pick(4) == 0) restart();
        return;
      default: break;
    }
    if (clients_.empty()) return join_new();
    auto client = any_client();
    if (pick(3) == 0) {
      // Its user takes a while to give up what was lost; what was gained is there at once.
      client->second.owned = client->second.told;
    }
    if (pick(25) == 0) client->second.topics = some_topics();
    beat(client, pick(6) == 0);
  }

  std::map<std::string, Client>::iterator any_client() {
    return std::next(clients_.begin(), pick(static_cast<int>(clients_.size())));
  }

  std::set<std::string> some_topics() {
    if (pick(3) > 0) return {"t0", "t1"};
    std::set<std::string> topics;
    for (int i = 0; i < 4; ++i) {
      if (pick(2) == 0) topics.insert("t" + std::to_string(i));
    }
    return topics;
  }

  void change_topics() {
    auto topics = std::make_shared<GroupTopics>();
    for (int i = 0; i < 4; ++i) {
      const std::string name = "t" + std::to_string(i);
      const auto known = topics_->find(name);
      const std::int32_t had = known == topics_->end() ? 0 : known->second.partitions;
      if (pick(5) > 0) (*topics)[name] = {id_of(name), had + pick(4) + (had == 0), false};
    }
    topics_ = topics;
    group_.set_topics(topics_, now_, changes());
    keep_rows();
  }

  void join_new() {
    if (clients_.size() > 12) return;
    Client client;
    client.id = "m" + std::to_string(++last_id_);
    client.topics = some_topics();
    if (pick(3) == 0) client.instance_id = "i" + client.id;
    beat(clients_.emplace(client.id, client).first, false);
  }

  void leave(std::map<std::string, Client>::iterator client) {
    ConsumerGroup::Request request;
    request.member_id = client->first;
    request.instance_id = client->second.instance_id;
    request.member_epoch = -1;
    if (client->second.epoch > 0) group_.heartbeat(request, {}, "", 1, now_, changes());
    keep_rows();
    clients_.erase(client);
  }

  void beat(std::map<std::string, Client>::iterator entry, bool loses_the_answer) {
    Client& client = entry->second;
    ConsumerGroup::Request request;
    request.member_id = client.id;
    request.member_epoch = client.epoch;
    request.instance_id = client.instance_id;
    request.subscribed_topic_names.emplace(client.topics.begin(), client.topics.end());
    request.rebalance_timeout_ms = 30'000;
    request.topic_partitions = by_topic<ConsumerGroup::Request::TopicPartitions>(client.owned);
    const auto response = group_.heartbeat(request, {}, "", 1, now_, changes());
    keep_rows();
    client.confirmed = response.error_code == wire::ErrorCode::none ? client.owned : PartitionSet();
    if (loses_the_answer && client.epoch > 0) return;
    if (response.error_code != wire::ErrorCode::none) {
      // Whatever it is that happened: it has nothing any more and joins again.
      EXPECT_TRUE(response.error_code == wire::ErrorCode::fenced_member_epoch ||
                  response.error_code == wire::ErrorCode::unknown_member_id)
          << wire::name_of(response.error_code);
      client.epoch = 0;
      client.told.clear();
      client.owned.clear();
      return;
    }
    client.epoch = response.member_epoch;
    if (response.assignment) client.told = partition_set(response.assignment->topic_partitions);
  }

  void restart() {
    group_ = restarted(rows_, topics_, {}, now_, changes());
    keep_rows();
  }

  void keep_rows() { std::ranges::move(rows_of(group_, changes_), std::back_inserter(rows_)); }

  void check_owners() const {
    std::map<PartitionKey, std::string> owners;
    for (const auto& [id, client] : clients_) {
      if (!group_.members().contains(id)) continue;  // It is told so with its next heartbeat.
      for (const PartitionKey& key : client.confirmed) {
        const auto [other, is_first] = owners.try_emplace(key, id);
        EXPECT_TRUE(is_first) << name_of_id(key.topic) << "/" << key.partition << " is owned by " << id << " and "
                              << other->second;
      }
    }
  }

  void settle() {
    for (int round = 0; round < 60; ++round) {
      for (auto entry = clients_.begin(); entry != clients_.end(); ++entry) {
        entry->second.owned = entry->second.told;
        beat(entry, false);
        check_owners();
      }
      now_.steady += std::chrono::seconds(1);
      group_.tick(now_, changes());
      keep_rows();
    }
  }

  void check_settled() const {
    if (clients_.empty()) return;
    EXPECT_EQ(group_.state(), ConsumerGroup::State::stable);
    PartitionSet subscribed;
    std::size_t owned = 0;
    for (const auto& [id, client] : clients_) {
      EXPECT_EQ(client.owned, group_.members().at(id).target) << id;
      owned += client.owned.size();
      for (const std::string& name : client.topics) {
        const auto topic = topics_->find(name);
        if (topic == topics_->end()) continue;
        for (std::int32_t p = 0; p < topic->second.partitions; ++p) subscribed.insert({topic->second.id, p});
      }
      for (const auto& [other_id, other] : clients_) {
        if (other.topics == client.topics) {
          EXPECT_LE(other.owned.size(), client.owned.size() + 1) << id << " " << other_id;
        }
      }
    }
    EXPECT_EQ(owned, subscribed.size());  // With no partition owned twice, every one is owned once.
  }

  bool have_equal_topics() const {
    return std::ranges::all_of(
        clients_, [&](const auto& entry) { return entry.second.topics == clients_.begin()->second.topics; });
  }

  std::map<std::string, PartitionSet> targets() const {
    std::map<std::string, PartitionSet> all;
    for (const auto& [id, member] : group_.members()) all[id] = member.target;
    return all;
  }

  std::mt19937 random_;
  Now now_{SteadyTime(std::chrono::hours(1)), 1'000'000};
  std::shared_ptr<const GroupTopics> topics_ = std::make_shared<GroupTopics>();
  ConsumerGroup group_{"g", topics_};
  ConsumerGroup::Changes changes_;
  std::vector<Row> rows_;
  std::map<std::string, Client> clients_;
  int last_id_ = 0;
};

TEST(ConsumerGroup, NeverGivesAPartitionToTwoAndSettlesBalanced) {
  const std::uint32_t first = std::random_device()();
  for (std::uint32_t seed = first; seed < first + 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Generated(seed).run();
  }
}

}  // namespace
}  // namespace weir::broker
