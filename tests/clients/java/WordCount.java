import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Kafka Streams counts words: {@code WordCount BROKER GUARANTEE PREFIX FOLDER}, where GUARANTEE is at_least_once or
 * exactly_once_v2. It is closed in the middle and loses its local state, so the second half begins from the changelog.
 */
public final class WordCount {
  private static final int LINES = 400;
  private static final List<String> WORDS = List.of("log", "record", "event", "alert", "rule");

  public static void main(String[] arguments) throws Exception {
    String broker = arguments[0];
    String prefix = arguments[2];
    String in = prefix + "-lines";
    String out = prefix + "-counts";
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker))) {
      admin.createTopics(List.of(new NewTopic(in, 2, (short) 1), new NewTopic(out, 1, (short) 1))).all().get();
    }
    for (int half = 0; half < 2; ++half) {
      write(broker, in, half * LINES / 2, (half + 1) * LINES / 2);
      KafkaStreams streams = streams(broker, arguments[1], prefix, arguments[3] + "/" + half, in, out);
      streams.start();
      await(broker, out, (half + 1) * LINES / 2);
      if (!streams.close(Duration.ofSeconds(20))) {
        throw new AssertionError("Streams did not close");
      }
    }
    if (arguments[1].equals("exactly_once_v2")) {
      // One committed result for each change, and none that an aborted try left behind.
      checkEveryCountOnce(broker, out);
    }
    System.exit(0);
  }

  private static KafkaStreams streams(String broker, String guarantee, String prefix, String folder, String in, String out) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, prefix + "-app");
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, folder);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), "6000");
    settings.put("statestore.cache.max.bytes", 0);
    StreamsBuilder builder = new StreamsBuilder();
    builder.<String, String>stream(in)
        .flatMapValues(line -> Arrays.asList(line.split(" ")))
        .groupBy((key, word) -> word)
        .count()
        .toStream()
        .to(out, Produced.with(Serdes.String(), Serdes.Long()));
    return new KafkaStreams(builder.build(), settings);
  }

  private static void write(String broker, String topic, int begin, int end) {
    try (var client = new KafkaProducer<>(Map.<String, Object>of("bootstrap.servers", broker), new StringSerializer(),
        new StringSerializer())) {
      for (int line = begin; line < end; ++line) {
        client.send(new ProducerRecord<>(topic, "" + line, String.join(" ", WORDS)));
      }
    }
  }

  private static KafkaConsumer<String, Long> reader(String broker, String topic) {
    var client = new KafkaConsumer<>(Map.<String, Object>of("bootstrap.servers", broker, "isolation.level", "read_committed"),
        new StringDeserializer(), Serdes.Long().deserializer());
    client.assign(List.of(new TopicPartition(topic, 0)));
    client.seekToBeginning(client.assignment());
    return client;
  }

  /** Until each word has been counted `wanted` times. */
  private static void await(String broker, String topic, long wanted) {
    long end = System.nanoTime() + Duration.ofSeconds(40).toNanos();
    Map<String, Long> counts = new HashMap<>();
    try (KafkaConsumer<String, Long> client = reader(broker, topic)) {
      while (!WORDS.stream().allMatch(word -> counts.getOrDefault(word, 0L) == wanted)) {
        for (ConsumerRecord<String, Long> record : client.poll(Duration.ofMillis(100))) {
          counts.put(record.key(), record.value());
        }
        if (System.nanoTime() > end) {
          throw new AssertionError("after 40 s the counts are " + counts + ", not all " + wanted);
        }
      }
    }
  }

  private static void checkEveryCountOnce(String broker, String topic) {
    Map<String, Long> last = new HashMap<>();
    long records = 0;
    try (KafkaConsumer<String, Long> client = reader(broker, topic)) {
      long end = client.endOffsets(client.assignment()).values().iterator().next();
      while (client.position(new TopicPartition(topic, 0)) < end) {
        for (ConsumerRecord<String, Long> record : client.poll(Duration.ofMillis(100))) {
          records += 1;
          if (record.value() != last.getOrDefault(record.key(), 0L) + 1) {
            throw new AssertionError(record.key() + ": " + record.value() + " after " + last.get(record.key()));
          }
          last.put(record.key(), record.value());
        }
      }
    }
    if (records != (long) LINES * WORDS.size()) {
      throw new AssertionError(records + " results");
    }
  }
}
