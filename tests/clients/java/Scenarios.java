import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Apache's Java client, of whatever version is on the class path: {@code Scenarios BROKER SCENARIO PREFIX}. */
public final class Scenarios {
  private static final List<String> CODECS = List.of("none", "gzip", "snappy", "lz4", "zstd");

  private static String broker;

  interface Scenario {
    void run(String prefix) throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    broker = arguments[0];
    Map<String, Scenario> scenarios = new TreeMap<>();
    scenarios.put("admin", Scenarios::admin);
    scenarios.put("codecs", Scenarios::codecs);
    scenarios.put("idempotence", Scenarios::idempotence);
    scenarios.put("consume", Scenarios::consume);
    scenarios.put("group", Scenarios::group);
    scenarios.put("commits", Scenarios::commits);
    scenarios.put("time", Scenarios::time);
    scenarios.put("transactions", Scenarios::transactions);
    scenarios.put("new_group_protocol", Scenarios::newGroupProtocol);
    scenarios.get(arguments[1]).run(arguments[2]);
    System.exit(0);
  }

  // ---- What the scenarios share

  static void equal(Object got, Object wanted, String what) {
    if (!String.valueOf(got).equals(String.valueOf(wanted))) {
      throw new AssertionError(what + ": " + got + " instead of " + wanted);
    }
  }

  static void eventually(BooleanSupplier question, String what) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!question.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within 30 s: " + what);
      }
      Thread.sleep(20);
    }
  }

  static Properties settings(String... pairs) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", broker);
    for (int i = 0; i < pairs.length; i += 2) {
      settings.put(pairs[i], pairs[i + 1]);
    }
    return settings;
  }

  static KafkaProducer<String, String> producer(String... pairs) {
    return new KafkaProducer<>(settings(pairs), new StringSerializer(), new StringSerializer());
  }

  static KafkaConsumer<String, String> consumer(String group, String... pairs) {
    Properties all = settings("group.id", group, "auto.offset.reset", "earliest", "enable.auto.commit", "false");
    Properties given = settings(pairs);
    // The new protocol leaves these two to the broker, and the client refuses them.
    if (!"consumer".equals(given.getProperty("group.protocol"))) {
      all.put("session.timeout.ms", "6000");
      all.put("heartbeat.interval.ms", "300");
    }
    all.putAll(given);
    return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
  }

  static void create(String topic, int partitions) throws Exception {
    try (Admin admin = Admin.create(settings())) {
      admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
    }
  }

  static void write(KafkaProducer<String, String> client, String topic, List<String> values) throws Exception {
    List<Future<RecordMetadata>> answers = new ArrayList<>();
    for (String value : values) {
      answers.add(client.send(new ProducerRecord<>(topic, 0, null, value)));
    }
    client.flush();
    for (Future<RecordMetadata> answer : answers) {
      answer.get();
    }
  }

  static List<ConsumerRecord<String, String>> read(KafkaConsumer<String, String> client, int count) throws Exception {
    List<ConsumerRecord<String, String>> records = new ArrayList<>();
    eventually(() -> {
      client.poll(Duration.ofMillis(200)).forEach(records::add);
      return records.size() >= count;
    }, count + " records");
    return records;
  }

  static List<ConsumerRecord<String, String>> readTopic(String topic, int count, String... pairs) throws Exception {
    try (KafkaConsumer<String, String> client = consumer(topic + "-reader", pairs)) {
      TopicPartition part = new TopicPartition(topic, 0);
      client.assign(List.of(part));
      client.seekToBeginning(List.of(part));
      List<ConsumerRecord<String, String>> records = read(client, count);
      equal(records.size(), count, "records in " + topic);
      return records;
    }
  }

  static List<String> values(List<ConsumerRecord<String, String>> records) {
    return records.stream().map(ConsumerRecord::value).toList();
  }

  static List<String> numbers(int begin, int end, String suffix) {
    List<String> numbers = new ArrayList<>();
    for (int number = begin; number < end; ++number) {
      numbers.add(number + suffix);
    }
    return numbers;
  }

  // ---- The scenarios

  static void admin(String prefix) throws Exception {
    try (Admin admin = Admin.create(settings())) {
      NewTopic topic = new NewTopic(prefix, 2, (short) 1).configs(Map.of("retention.ms", "3600000"));
      admin.createTopics(List.of(topic)).all().get();
      try {
        admin.createTopics(List.of(topic)).all().get();
        throw new AssertionError("a topic was created twice");
      } catch (ExecutionException error) {
        equal(error.getCause().getClass(), TopicExistsException.class, "creating again");
      }
      admin.createPartitions(Map.of(prefix, NewPartitions.increaseTo(5))).all().get();
      equal(admin.describeTopics(List.of(prefix)).allTopicNames().get().get(prefix).partitions().size(), 5, "partitions");
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, prefix);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(
          new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.APPEND),
          new AlterConfigOp(new ConfigEntry("retention.ms", ""), AlterConfigOp.OpType.DELETE)))).all().get();
      var config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      equal(config.get("cleanup.policy").value(), "delete,compact", "cleanup.policy");
      equal(config.get("retention.ms").isDefault(), true, "retention.ms is the default again");
      // A compacted topic takes no record without a key.
      admin.incrementalAlterConfigs(Map.of(resource, List.of(
          new AlterConfigOp(new ConfigEntry("cleanup.policy", "delete"), AlterConfigOp.OpType.SET)))).all().get();
      try (KafkaProducer<String, String> client = producer()) {
        write(client, prefix, numbers(0, 10, ""));
      }
      TopicPartition part = new TopicPartition(prefix, 0);
      equal(admin.deleteRecords(Map.of(part, RecordsToDelete.beforeOffset(4))).lowWatermarks().get(part).get().lowWatermark(), 4,
          "the start after deleting records");
      equal(values(readTopic(prefix, 6)), numbers(4, 10, ""), "the rest");
      equal(admin.describeCluster().nodes().get().size(), 1, "nodes");
      equal(admin.describeLogDirs(List.of(1)).allDescriptions().get().size(), 1, "log folders");
      admin.deleteTopics(List.of(prefix)).all().get();
      equal(admin.listTopics().names().get().contains(prefix), false, "the topic is listed after it was deleted");
      try {
        admin.deleteTopics(List.of(prefix)).all().get();
        throw new AssertionError("a topic was deleted twice");
      } catch (ExecutionException error) {
        equal(error.getCause().getClass(), UnknownTopicOrPartitionException.class, "deleting again");
      }
    }
  }

  static void codecs(String prefix) throws Exception {
    for (String codec : CODECS) {
      create(prefix + "-" + codec, 1);
      List<String> values = numbers(0, 200, " " + codec + " " + "x".repeat(100));
      try (KafkaProducer<String, String> client = producer("compression.type", codec, "linger.ms", "20")) {
        write(client, prefix + "-" + codec, values);
      }
      equal(values(readTopic(prefix + "-" + codec, 200)), values, codec);
    }
  }

  static void idempotence(String prefix) throws Exception {
    create(prefix, 1);
    try (KafkaProducer<String, String> client = producer("enable.idempotence", "true", "batch.size", "500")) {
      write(client, prefix, numbers(0, 5000, ""));
    }
    List<ConsumerRecord<String, String>> records = readTopic(prefix, 5000);
    equal(values(records), numbers(0, 5000, ""), "what was written");
    equal(records.get(4999).offset(), 4999, "the last offset");
  }

  static void consume(String prefix) throws Exception {
    create(prefix, 3);
    try (KafkaProducer<String, String> client = producer()) {
      for (int number = 0; number < 300; ++number) {
        client.send(new ProducerRecord<>(prefix, null, 1_000_000L + number, "" + number % 7, "" + number,
            List.of(new RecordHeader("n", ("" + number).getBytes()))));
      }
    }
    try (KafkaConsumer<String, String> client = consumer(prefix + "-group")) {
      List<TopicPartition> parts = client.partitionsFor(prefix).stream().map(each -> new TopicPartition(prefix, each.partition())).toList();
      client.assign(parts);
      client.seekToBeginning(parts);
      List<ConsumerRecord<String, String>> records = read(client, 300);
      Map<String, Integer> last = new TreeMap<>();
      Set<Integer> seen = new TreeSet<>();
      for (ConsumerRecord<String, String> record : records) {
        int number = Integer.parseInt(record.value());
        seen.add(number);
        equal(record.key() + new String(record.headers().lastHeader("n").value()) + record.timestamp(),
            "" + number % 7 + number + (1_000_000 + number), "key, header and time");
        equal(last.getOrDefault(record.key(), -1) < number, true, "the order of a key");
        last.put(record.key(), number);
      }
      equal(seen.size(), 300, "values");
      equal(client.endOffsets(parts).values().stream().mapToLong(Long::longValue).sum(), 300, "the ends");
      TopicPartition part = new TopicPartition(prefix, records.get(0).partition());
      long end = client.endOffsets(parts).get(part);
      client.seek(part, end - 2);
      equal(read(client, 2).get(0).offset(), end - 2, "after a seek");
    }
  }

  static int owned(KafkaConsumer<String, String> client) {
    client.poll(Duration.ofMillis(100));
    return client.assignment().size();
  }

  /** Two members come, and one goes: each time all partitions have exactly one owner. */
  static void members(String prefix, String... pairs) throws Exception {
    create(prefix, 6);
    KafkaConsumer<String, String> first = consumer(prefix + "-group", pairs);
    try (KafkaConsumer<String, String> second = consumer(prefix + "-group", pairs)) {
      first.subscribe(List.of(prefix));
      eventually(() -> owned(first) == 6, "the only member has all");
      second.subscribe(List.of(prefix));
      eventually(() -> {
        Set<TopicPartition> both = new java.util.HashSet<>();
        boolean even = owned(first) == 3 & owned(second) == 3;
        both.addAll(first.assignment());
        both.addAll(second.assignment());
        return even && both.size() == 6;
      }, "two members share");
      try (Admin admin = Admin.create(settings())) {
        var described = admin.describeConsumerGroups(List.of(prefix + "-group")).all().get().get(prefix + "-group");
        equal(described.members().size(), 2, "members as the admin sees them");
      }
      first.close();
      eventually(() -> owned(second) == 6, "who stays has all");
    }
  }

  static void group(String prefix) throws Exception {
    members(prefix + "-range", "partition.assignment.strategy", RangeAssignor.class.getName());
    members(prefix + "-cooperative", "partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
    // A static member that comes back keeps what it had, without a rebalance for the others.
    create(prefix + "-static", 2);
    int generation = 0;
    for (int round = 0; round < 2; ++round) {
      try (KafkaConsumer<String, String> client = consumer(prefix + "-static-group", "group.instance.id", "one")) {
        client.subscribe(List.of(prefix + "-static"));
        eventually(() -> owned(client) == 2, "the static member has all");
        equal(round == 0 || client.groupMetadata().generationId() == generation, true, "the generation is kept");
        generation = client.groupMetadata().generationId();
      }
    }
  }

  static void commits(String prefix) throws Exception {
    create(prefix, 1);
    try (KafkaProducer<String, String> client = producer()) {
      write(client, prefix, numbers(0, 10, ""));
    }
    TopicPartition part = new TopicPartition(prefix, 0);
    for (int begin : new int[] {0, 4}) {
      try (KafkaConsumer<String, String> client = consumer(prefix + "-group", "max.poll.records", "4")) {
        client.subscribe(List.of(prefix));
        equal(read(client, 1).get(0).offset(), begin, "where it goes on");
        client.commitSync(Map.of(part, new OffsetAndMetadata(begin + 4, "at " + begin)));
        equal(client.committed(Set.of(part)).get(part).metadata(), "at " + begin, "the commit's note");
      }
    }
    try (Admin admin = Admin.create(settings())) {
      String group = prefix + "-group";
      equal(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(part).offset(), 8, "asked by the admin");
      admin.alterConsumerGroupOffsets(group, Map.of(part, new OffsetAndMetadata(2))).all().get();
      equal(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().get(part).offset(), 2, "after a change");
      admin.deleteConsumerGroupOffsets(group, Set.of(part)).all().get();
      admin.alterConsumerGroupOffsets(group, Map.of(part, new OffsetAndMetadata(3))).all().get();
      admin.deleteConsumerGroups(List.of(group)).all().get();
    }
  }

  static void time(String prefix) throws Exception {
    create(prefix, 1);
    TopicPartition part = new TopicPartition(prefix, 0);
    long base = 1_700_000_000_000L;
    try (KafkaProducer<String, String> client = producer()) {
      for (int number = 0; number < 10; ++number) {
        client.send(new ProducerRecord<>(prefix, 0, base + number * 1000L, null, "" + number));
      }
    }
    try (KafkaConsumer<String, String> client = consumer(prefix + "-group")) {
      for (long[] pair : new long[][] {{0, 0}, {base + 3000, 3}, {base + 3001, 4}, {base + 10_000, -1}}) {
        OffsetAndTimestamp found = client.offsetsForTimes(Map.of(part, pair[0])).get(part);
        equal(found == null ? -1 : found.offset(), pair[1], "the offset at " + pair[0]);
      }
    }
    try (Admin admin = Admin.create(settings())) {
      equal(admin.listOffsets(Map.of(part, OffsetSpec.maxTimestamp())).partitionResult(part).get().offset(), 9, "the latest time");
      equal(admin.listOffsets(Map.of(part, OffsetSpec.latest())).partitionResult(part).get().offset(), 10, "the end");
    }
  }

  static void transactions(String prefix) throws Exception {
    create(prefix, 1);
    create(prefix + "-in", 1);
    KafkaProducer<String, String> client = producer("transactional.id", prefix + "-id");
    client.initTransactions();
    for (String value : List.of("kept 1", "dropped", "kept 2")) {
      client.beginTransaction();
      write(client, prefix, List.of(value + " 0", value + " 1", value + " 2"));
      if (value.equals("dropped")) {
        client.abortTransaction();
      } else {
        client.commitTransaction();
      }
    }
    equal(values(readTopic(prefix, 6, "isolation.level", "read_committed")),
        List.of("kept 1 0", "kept 1 1", "kept 1 2", "kept 2 0", "kept 2 1", "kept 2 2"), "committed");
    equal(readTopic(prefix, 9).stream().map(ConsumerRecord::offset).toList(), List.of(0, 1, 2, 4, 5, 6, 8, 9, 10), "offsets");

    TopicPartition part = new TopicPartition(prefix + "-in", 0);
    try (KafkaConsumer<String, String> reader = consumer(prefix + "-group")) {
      reader.subscribe(List.of(part.topic()));
      eventually(() -> owned(reader) == 1, "an assignment");
      client.beginTransaction();
      client.sendOffsetsToTransaction(Map.of(part, new OffsetAndMetadata(4)), reader.groupMetadata());
      client.abortTransaction();
      equal(reader.committed(Set.of(part)).get(part), null, "the offset of an aborted transaction");
      client.beginTransaction();
      client.sendOffsetsToTransaction(Map.of(part, new OffsetAndMetadata(4)), reader.groupMetadata());
      client.commitTransaction();
      equal(reader.committed(Set.of(part)).get(part).offset(), 4, "the offset of a committed transaction");
    }

    client.beginTransaction();
    write(client, prefix, List.of("left open"));
    try (KafkaProducer<String, String> owner = producer("transactional.id", prefix + "-id");
         Admin admin = Admin.create(settings())) {
      owner.initTransactions();
      try {
        client.commitTransaction();
        throw new AssertionError("the fenced producer committed");
      } catch (ProducerFencedException | InvalidProducerEpochException expected) {
        client.close(Duration.ZERO);
      }
      owner.beginTransaction();
      write(owner, prefix, List.of("of the owner"));
      equal(admin.describeTransactions(List.of(prefix + "-id")).all().get().get(prefix + "-id").state(), "Ongoing", "the state");
      owner.commitTransaction();
      owner.beginTransaction();
      write(owner, prefix, List.of("fenced by the admin"));
      admin.fenceProducers(List.of(prefix + "-id")).all().get();
      try {
        owner.commitTransaction();
        throw new AssertionError("committed after the admin fenced it");
      } catch (KafkaException expected) {
        equal(expected instanceof ProducerFencedException || expected instanceof InvalidProducerEpochException, true, expected.toString());
      }
    }
    List<String> committed = values(readTopic(prefix, 7, "isolation.level", "read_committed"));
    equal(committed.get(6), "of the owner", "the last committed value");
  }

  static void newGroupProtocol(String prefix) throws Exception {
    members(prefix, "group.protocol", "consumer");
  }
}
