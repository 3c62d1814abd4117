// librdkafka of Debian, from C++: `librdkafka-scenarios BROKER SCENARIO PREFIX`. Its C++ interface has no admin, so
// topics are made through the C one.
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafkacpp.h>

namespace {

using Settings = std::map<std::string, std::string>;

std::string broker;

void require(bool fine, const std::string& what) {
  if (!fine) throw std::runtime_error("Error: " + what);
}

void fine(RdKafka::ErrorCode code, const std::string& what) {
  require(code == RdKafka::ERR_NO_ERROR, what + ": " + RdKafka::err2str(code));
}

void fine(RdKafka::Error* error, const std::string& what) {
  const std::unique_ptr<RdKafka::Error> owned{error};
  require(!owned, what + ": " + (owned ? owned->str() : ""));
}

void eventually(const std::function<bool()>& question, const std::string& what) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!question()) require(std::chrono::steady_clock::now() < end, "not within 30 s: " + what);
}

std::unique_ptr<RdKafka::Conf> configuration(Settings settings) {
  std::unique_ptr<RdKafka::Conf> configuration{RdKafka::Conf::create(RdKafka::Conf::CONF_GLOBAL)};
  settings.insert({"bootstrap.servers", broker});
  std::string error;
  for (const auto& [name, value] : settings) {
    require(configuration->set(name, value, error) == RdKafka::Conf::CONF_OK, error);
  }
  return configuration;
}

std::unique_ptr<RdKafka::Producer> producer(Settings settings = {}) {
  std::string error;
  std::unique_ptr<RdKafka::Producer> made{RdKafka::Producer::create(configuration(std::move(settings)).get(), error)};
  require(made != nullptr, error);
  return made;
}

std::unique_ptr<RdKafka::KafkaConsumer> consumer(const std::string& group, Settings settings = {}) {
  settings.insert({{"group.id", group},
                   {"auto.offset.reset", "earliest"},
                   {"enable.auto.commit", "false"},
                   {"session.timeout.ms", "6000"},
                   {"heartbeat.interval.ms", "300"}});
  std::string error;
  std::unique_ptr<RdKafka::KafkaConsumer> made{
      RdKafka::KafkaConsumer::create(configuration(std::move(settings)).get(), error)};
  require(made != nullptr, error);
  return made;
}

// The code of creating a topic.
rd_kafka_resp_err_t create(const std::string& topic, int partitions = 1) {
  const auto client = producer();
  rd_kafka_t* handle = client->c_ptr();
  char error[200];
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, 1, error, sizeof error);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_CreateTopics(handle, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  require(event != nullptr, "no answer to CreateTopics");
  std::size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  const rd_kafka_resp_err_t code = count == 1 ? rd_kafka_topic_result_error(results[0]) : rd_kafka_event_error(event);
  rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  return code;
}

std::vector<std::string> numbers(int count, const std::string& suffix = "") {
  std::vector<std::string> values;
  for (int number = 0; number < count; ++number) values.push_back(std::to_string(number) + suffix);
  return values;
}

void write(RdKafka::Producer& to, const std::string& topic, std::vector<std::string> values, std::int64_t time = 0,
           std::int64_t step = 0) {
  for (std::string& value : values) {
    fine(to.produce(topic, 0, RdKafka::Producer::RK_MSG_COPY, value.data(), value.size(), nullptr, 0, time, nullptr),
         "produce");
    time += step;
  }
  fine(to.flush(20'000), "flush");
}

struct Record {
  std::int64_t offset;
  std::int64_t time;
  std::string key, value;
  bool operator==(const Record&) const = default;
};

std::vector<Record> read(RdKafka::KafkaConsumer& from, std::size_t count) {
  std::vector<Record> records;
  eventually(
      [&] {
        const std::unique_ptr<RdKafka::Message> message{from.consume(200)};
        if (message->err() == RdKafka::ERR_NO_ERROR) {
          records.push_back({message->offset(),
                             message->timestamp().timestamp,
                             message->key() ? *message->key() : "",
                             {static_cast<const char*>(message->payload()), message->len()}});
        }
        return records.size() >= count;
      },
      std::to_string(count) + " records");
  return records;
}

struct Part {
  std::unique_ptr<RdKafka::TopicPartition> owned;
  std::vector<RdKafka::TopicPartition*> list;
  Part(const std::string& topic, std::int64_t offset)
      : owned{RdKafka::TopicPartition::create(topic, 0, offset)}, list{owned.get()} {}
};

std::vector<Record> read_topic(const std::string& topic, std::size_t count,
                               const std::string& isolation = "read_uncommitted", std::int64_t offset = 0) {
  const auto from = consumer(topic + "-reader", {{"isolation.level", isolation}});
  Part part{topic, offset};
  fine(from->assign(part.list), "assign");
  std::vector<Record> records = read(*from, count);
  from->close();
  return records;
}

std::vector<std::string> values(const std::vector<Record>& records) {
  std::vector<std::string> values;
  for (const Record& record : records) values.push_back(record.value);
  return values;
}

// ---- The scenarios

void admin(const std::string& prefix) {
  require(create(prefix, 3) == RD_KAFKA_RESP_ERR_NO_ERROR, "creating");
  require(create(prefix, 3) == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, "creating again");
  const auto client = producer();
  RdKafka::Metadata* metadata = nullptr;
  fine(client->metadata(true, nullptr, &metadata, 10'000), "metadata");
  const std::unique_ptr<RdKafka::Metadata> owned{metadata};
  require(metadata->brokers()->size() == 1, "brokers");
  bool found = false;
  for (const RdKafka::TopicMetadata* topic : *metadata->topics())
    found |= topic->topic() == prefix && topic->partitions()->size() == 3;
  require(found, "the topic with three partitions is listed");
}

void codecs(const std::string& prefix) {
  for (const std::string codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
    const std::string topic = prefix + "-" + codec;
    create(topic);
    const auto wanted = numbers(200, " " + codec + " " + std::string(100, 'x'));
    write(*producer({{"compression.codec", codec}, {"linger.ms", "20"}}), topic, wanted);
    require(values(read_topic(topic, 200)) == wanted, codec);
  }
}

void idempotence(const std::string& prefix) {
  create(prefix);
  write(*producer({{"enable.idempotence", "true"}, {"batch.num.messages", "50"}}), prefix, numbers(5000));
  require(values(read_topic(prefix, 5000)) == numbers(5000), "what was written");
}

void consume(const std::string& prefix) {
  create(prefix);
  const auto to = producer();
  for (int number = 0; number < 100; ++number) {
    std::string value = std::to_string(number);
    const std::string key = std::to_string(number % 7);
    RdKafka::Headers* headers = RdKafka::Headers::create();
    headers->add("n", value);
    fine(to->produce(prefix, 0, RdKafka::Producer::RK_MSG_COPY, value.data(), value.size(), key.data(), key.size(),
                     1'000'000 + number, headers, nullptr),
         "produce");
  }
  fine(to->flush(20'000), "flush");
  const std::vector<Record> records = read_topic(prefix, 100);
  for (int number = 0; number < 100; ++number) {
    require(
        records.at(number) == Record{number, 1'000'000 + number, std::to_string(number % 7), std::to_string(number)},
        "record " + std::to_string(number));
  }
  require(values(read_topic(prefix, 2, "read_uncommitted", 98)) == std::vector<std::string>{"98", "99"},
          "from offset 98");
}

std::size_t owned(RdKafka::KafkaConsumer& client) {
  const std::unique_ptr<RdKafka::Message> message{client.consume(100)};
  std::vector<RdKafka::TopicPartition*> parts;
  fine(client.assignment(parts), "assignment");
  const std::size_t count = parts.size();
  RdKafka::TopicPartition::destroy(parts);
  return count;
}

void group(const std::string& prefix) {
  for (const std::string strategy : {"range", "cooperative-sticky"}) {
    const std::string topic = prefix + "-" + strategy;
    create(topic, 6);
    const Settings settings{{"partition.assignment.strategy", strategy}};
    const auto first = consumer(topic + "-group", settings), second = consumer(topic + "-group", settings);
    fine(first->subscribe({topic}), "subscribe");
    eventually([&] { return owned(*first) == 6; }, "the only member has all");
    fine(second->subscribe({topic}), "subscribe");
    eventually([&] { return owned(*first) == 3 && owned(*second) == 3; }, "two members share");
    first->close();
    eventually([&] { return owned(*second) == 6; }, "who stays has all");
    second->close();
  }
}

void commits(const std::string& prefix) {
  create(prefix);
  write(*producer(), prefix, numbers(10));
  for (const std::int64_t begin : {0, 4}) {
    const auto from = consumer(prefix + "-group");
    fine(from->subscribe({prefix}), "subscribe");
    require(read(*from, 1).at(0).offset == begin, "where it goes on");
    Part part{prefix, begin + 4};
    fine(from->commitSync(part.list), "commit");
    Part kept{prefix, -1};
    fine(from->committed(kept.list, 10'000), "committed");
    require(kept.owned->offset() == begin + 4, "the commit");
    from->close();
  }
}

void time(const std::string& prefix) {
  create(prefix);
  constexpr std::int64_t kBase = 1'700'000'000'000;
  write(*producer(), prefix, numbers(10), kBase, 1000);
  const auto from = consumer(prefix + "-group");
  for (const auto& [stamp, offset] :
       std::map<std::int64_t, std::int64_t>{{1, 0}, {kBase + 3000, 3}, {kBase + 3001, 4}, {kBase + 10'000, -1}}) {
    Part part{prefix, stamp};
    fine(from->offsetsForTimes(part.list, 10'000), "offsetsForTimes");
    require(part.owned->offset() == offset,
            "the offset at " + std::to_string(stamp) + " is " + std::to_string(part.owned->offset()));
  }
  std::int64_t low = -1, high = -1;
  fine(from->query_watermark_offsets(prefix, 0, &low, &high, 10'000), "the ends");
  require(low == 0 && high == 10, "the ends");
  from->close();
}

void transactions(const std::string& prefix) {
  create(prefix);
  create(prefix + "-in");
  const auto to = producer({{"transactional.id", prefix + "-id"}});
  fine(to->init_transactions(20'000), "init");
  for (const std::string value : {"kept 1", "dropped", "kept 2"}) {
    fine(to->begin_transaction(), "begin");
    write(*to, prefix, {value + " 0", value + " 1"});
    fine(value == "dropped" ? to->abort_transaction(20'000) : to->commit_transaction(20'000), "end");
  }
  require(values(read_topic(prefix, 4, "read_committed")) ==
              std::vector<std::string>{"kept 1 0", "kept 1 1", "kept 2 0", "kept 2 1"},
          "committed");
  require(read_topic(prefix, 6).at(5).offset == 7, "a marker takes an offset");

  const auto from = consumer(prefix + "-group");
  fine(from->subscribe({prefix + "-in"}), "subscribe");
  eventually([&] { return owned(*from) == 1; }, "an assignment");
  for (const bool commit : {false, true}) {
    fine(to->begin_transaction(), "begin");
    Part part{prefix + "-in", 4};
    const std::unique_ptr<RdKafka::ConsumerGroupMetadata> member{from->groupMetadata()};
    fine(to->send_offsets_to_transaction(part.list, member.get(), 20'000), "offsets");
    fine(commit ? to->commit_transaction(20'000) : to->abort_transaction(20'000), "end");
    Part kept{prefix + "-in", -1};
    fine(from->committed(kept.list, 10'000), "committed");
    require(kept.owned->offset() == (commit ? 4 : RdKafka::Topic::OFFSET_INVALID), "the group's offset");
  }
  from->close();

  const auto owner = producer({{"transactional.id", prefix + "-id"}});
  fine(owner->init_transactions(20'000), "init of the owner");
  fine(to->begin_transaction(), "begin");
  std::string zombie = "of a zombie";
  to->produce(prefix, 0, RdKafka::Producer::RK_MSG_COPY, zombie.data(), zombie.size(), nullptr, 0, 0, nullptr);
  const std::unique_ptr<RdKafka::Error> fenced{to->commit_transaction(20'000)};
  require(fenced && fenced->is_fatal(), "the fenced producer's commit fails for good");
  fine(owner->begin_transaction(), "begin");
  write(*owner, prefix, {"of the owner"});
  fine(owner->commit_transaction(20'000), "commit of the owner");
  require(read_topic(prefix, 5, "read_committed").at(4).value == "of the owner", "the last committed value");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return EXIT_FAILURE;
  broker = argv[1];
  const std::map<std::string, void (*)(const std::string&)> scenarios{
      {"admin", admin},     {"codecs", codecs}, {"idempotence", idempotence},  {"consume", consume}, {"group", group},
      {"commits", commits}, {"time", time},     {"transactions", transactions}};
  try {
    scenarios.at(argv[2])(argv[3]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
