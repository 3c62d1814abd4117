// sarama: the other client written in Go.
package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/IBM/sarama"

	. "weir.test/clients/scenario"
)

func config() *sarama.Config {
	config := sarama.NewConfig()
	config.Version = sarama.V3_6_0_0
	config.Producer.Return.Successes = true
	// With one acknowledgement, which is sarama's default, weir shows a record only once it has been flushed (docs/clients.md).
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Partitioner = sarama.NewManualPartitioner
	config.Consumer.Offsets.Initial = sarama.OffsetOldest
	config.Consumer.Group.Session.Timeout = 6 * time.Second
	config.Consumer.Group.Heartbeat.Interval = 300 * time.Millisecond
	return config
}

func transactional(id string) *sarama.Config {
	config := config()
	config.Producer.Idempotent = true
	config.Net.MaxOpenRequests = 1
	config.Producer.Transaction.ID = id
	return config
}

func newAdmin(broker string) sarama.ClusterAdmin {
	return Must(sarama.NewClusterAdmin([]string{broker}, config()))
}

func create(broker, topic string, partitions int32) {
	admin := newAdmin(broker)
	defer admin.Close()
	Fine(admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: partitions, ReplicationFactor: 1}, false))
}

func writer(broker string, config *sarama.Config) sarama.SyncProducer {
	return Must(sarama.NewSyncProducer([]string{broker}, config))
}

func write(to sarama.SyncProducer, topic string, values []string) {
	messages := make([]*sarama.ProducerMessage, len(values))
	for i, value := range values {
		messages[i] = &sarama.ProducerMessage{Topic: topic, Value: sarama.StringEncoder(value)}
	}
	Fine(to.SendMessages(messages))
}

func readFrom(broker, topic string, partition int32, offset int64, count int, isolation sarama.IsolationLevel) []*sarama.ConsumerMessage {
	settings := config()
	settings.Consumer.IsolationLevel = isolation
	consumer := Must(sarama.NewConsumer([]string{broker}, settings))
	defer consumer.Close()
	part := Must(consumer.ConsumePartition(topic, partition, offset))
	defer part.Close()
	var messages []*sarama.ConsumerMessage
	deadline := time.After(30 * time.Second)
	for len(messages) < count {
		select {
		case message := <-part.Messages():
			messages = append(messages, message)
		case <-deadline:
			panic(fmt.Sprintf("Error: %d of %d records after 30 s", len(messages), count))
		}
	}
	return messages
}

func read(broker, topic string, count int) []*sarama.ConsumerMessage {
	return readFrom(broker, topic, 0, sarama.OffsetOldest, count, sarama.ReadUncommitted)
}

func values(messages []*sarama.ConsumerMessage) []string {
	texts := make([]string, len(messages))
	for i, message := range messages {
		texts[i] = string(message.Value)
	}
	return texts
}

func admin(broker, prefix string) {
	admin := newAdmin(broker)
	defer admin.Close()
	retention := "3600000"
	Fine(admin.CreateTopic(prefix, &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1,
		ConfigEntries: map[string]*string{"retention.ms": &retention}}, false))
	again := admin.CreateTopic(prefix, &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1}, false)
	Equal(strings.Contains(fmt.Sprint(again), "already exists"), true, "creating again")
	Fine(admin.CreatePartitions(prefix, 5, nil, false))
	Eventually(func() bool { return len(Must(admin.DescribeTopics([]string{prefix}))[0].Partitions) == 5 }, "five partitions")
	longer := "7200000"
	Fine(admin.IncrementalAlterConfig(sarama.TopicResource, prefix, map[string]sarama.IncrementalAlterConfigsEntry{
		"retention.ms": {Operation: sarama.IncrementalAlterConfigsOperationSet, Value: &longer}}, false))
	described := Must(admin.DescribeConfig(sarama.ConfigResource{Type: sarama.TopicResource, Name: prefix, ConfigNames: []string{"retention.ms"}}))
	Equal(described[0].Value, longer, "the changed setting")
	to := writer(broker, config())
	write(to, prefix, Numbers(10, ""))
	Fine(to.Close())
	Fine(admin.DeleteRecords(prefix, map[int32]int64{0: 4}))
	Equal(values(read(broker, prefix, 6)), Numbers(10, "")[4:], "the rest")
	Fine(admin.DeleteTopic(prefix))
	_, there := Must(admin.ListTopics())[prefix]
	Equal(there, false, "the topic is listed after it was deleted")
}

func codecs(broker, prefix string) {
	for number, codec := range Codecs {
		topic := prefix + "-" + codec
		create(broker, topic, 1)
		settings := config()
		settings.Producer.Compression = sarama.CompressionCodec(number)
		settings.Producer.Flush.Frequency = 20 * time.Millisecond
		to := writer(broker, settings)
		wanted := Numbers(200, " "+codec+" "+strings.Repeat("x", 100))
		write(to, topic, wanted)
		Fine(to.Close())
		Equal(values(read(broker, topic, 200)), wanted, codec)
	}
}

func idempotence(broker, prefix string) {
	create(broker, prefix, 1)
	settings := transactional("")
	settings.Producer.Flush.MaxMessages = 20
	to := writer(broker, settings)
	write(to, prefix, Numbers(3000, ""))
	Fine(to.Close())
	Equal(values(read(broker, prefix, 3000)), Numbers(3000, ""), "what was written")
}

func consume(broker, prefix string) {
	create(broker, prefix, 2)
	to := writer(broker, config())
	var messages []*sarama.ProducerMessage
	for number := range 200 {
		messages = append(messages, &sarama.ProducerMessage{Topic: prefix, Partition: int32(number % 2), Key: sarama.StringEncoder(fmt.Sprint(number % 7)),
			Value: sarama.StringEncoder(fmt.Sprint(number)), Timestamp: time.UnixMilli(int64(1_000_000 + number)),
			Headers: []sarama.RecordHeader{{Key: []byte("n"), Value: []byte(fmt.Sprint(number))}}})
	}
	Fine(to.SendMessages(messages))
	Fine(to.Close())
	for partition := range int32(2) {
		for i, message := range readFrom(broker, prefix, partition, sarama.OffsetOldest, 100, sarama.ReadUncommitted) {
			number := 2*i + int(partition)
			Equal([]any{string(message.Key), string(message.Value), string(message.Headers[0].Value), message.Timestamp.UnixMilli()},
				[]any{fmt.Sprint(number % 7), fmt.Sprint(number), fmt.Sprint(number), int64(1_000_000 + number)}, "a record")
		}
	}
	Equal(readFrom(broker, prefix, 1, 98, 2, sarama.ReadUncommitted)[1].Offset, int64(99), "from offset 98")
}

// A member of a group, which counts what it owns and marks what it reads.
type member struct {
	group  sarama.ConsumerGroup
	owned  atomic.Int32
	read   chan *sarama.ConsumerMessage
	cancel context.CancelFunc
	done   sync.WaitGroup
}

func (m *member) Setup(session sarama.ConsumerGroupSession) error {
	count := 0
	for _, parts := range session.Claims() {
		count += len(parts)
	}
	m.owned.Store(int32(count))
	return nil
}

func (m *member) Cleanup(sarama.ConsumerGroupSession) error {
	m.owned.Store(0)
	return nil
}

func (m *member) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for {
		select {
		case message, ok := <-claim.Messages():
			if !ok {
				return nil
			}
			select {
			case m.read <- message:
				session.MarkMessage(message, "half way")
			case <-session.Context().Done():
				return nil
			}
		case <-session.Context().Done():
			return nil
		}
	}
}

func join(broker, group, topic string) *member {
	settings := config()
	settings.Consumer.Offsets.AutoCommit.Interval = 50 * time.Millisecond
	m := &member{group: Must(sarama.NewConsumerGroup([]string{broker}, group, settings)), read: make(chan *sarama.ConsumerMessage)}
	running, cancel := context.WithCancel(context.Background())
	m.cancel = cancel
	m.done.Add(1)
	go func() {
		defer m.done.Done()
		for running.Err() == nil {
			m.group.Consume(running, []string{topic}, m)
		}
	}()
	return m
}

func (m *member) leave() {
	m.cancel()
	m.done.Wait()
	Fine(m.group.Close())
}

func group(broker, prefix string) {
	create(broker, prefix, 6)
	first := join(broker, prefix+"-group", prefix)
	Eventually(func() bool { return first.owned.Load() == 6 }, "the only member has all")
	second := join(broker, prefix+"-group", prefix)
	Eventually(func() bool { return first.owned.Load() == 3 && second.owned.Load() == 3 }, "two members share")
	admin := newAdmin(broker)
	Equal(len(Must(admin.DescribeConsumerGroups([]string{prefix + "-group"}))[0].Members), 2, "members as the admin sees them")
	Fine(admin.Close())
	first.leave()
	Eventually(func() bool { return second.owned.Load() == 6 }, "who stays has all")
	second.leave()
}

func commits(broker, prefix string) {
	create(broker, prefix, 1)
	to := writer(broker, config())
	write(to, prefix, Numbers(10, ""))
	Fine(to.Close())
	for _, wanted := range []int64{0, 4} {
		m := join(broker, prefix+"-group", prefix)
		for i := range int64(4) {
			Equal((<-m.read).Offset, wanted+i, "where it goes on")
		}
		time.Sleep(200 * time.Millisecond)
		m.leave()
	}
	admin := newAdmin(broker)
	defer admin.Close()
	kept := Must(admin.ListConsumerGroupOffsets(prefix+"-group", map[string][]int32{prefix: {0}})).GetBlock(prefix, 0)
	Equal([]any{kept.Offset, kept.Metadata}, []any{int64(8), "half way"}, "asked by the admin")
	Fine(admin.DeleteConsumerGroupOffset(prefix+"-group", prefix, 0))
	Equal(Must(admin.ListConsumerGroupOffsets(prefix+"-group", map[string][]int32{prefix: {0}})).GetBlock(prefix, 0).Offset, int64(-1), "after deleting")
}

func lookUp(broker, prefix string) {
	create(broker, prefix, 1)
	to := writer(broker, config())
	for number := range 10 {
		message := &sarama.ProducerMessage{Topic: prefix, Value: sarama.StringEncoder("x"), Timestamp: time.UnixMilli(1_700_000_000_000 + int64(number)*1000)}
		Fine(to.SendMessages([]*sarama.ProducerMessage{message}))
	}
	Fine(to.Close())
	client := Must(sarama.NewClient([]string{broker}, config()))
	defer client.Close()
	for stamp, wanted := range map[int64]int64{0: 0, 1_700_000_003_000: 3, 1_700_000_003_001: 4, 1_700_000_010_000: -1,
		sarama.OffsetOldest: 0, sarama.OffsetNewest: 10} {
		Equal(Must(client.GetOffset(prefix, 0, stamp)), wanted, fmt.Sprint("the offset at ", stamp))
	}
}

func transactions(broker, prefix string) {
	create(broker, prefix, 1)
	create(broker, prefix+"-in", 1)
	to := writer(broker, transactional(prefix+"-id"))
	for _, value := range []string{"kept 1", "dropped", "kept 2"} {
		Fine(to.BeginTxn())
		write(to, prefix, []string{value + " 0", value + " 1"})
		if value == "dropped" {
			Fine(to.AbortTxn())
		} else {
			Fine(to.CommitTxn())
		}
	}
	committed := readFrom(broker, prefix, 0, sarama.OffsetOldest, 4, sarama.ReadCommitted)
	Equal(values(committed), []string{"kept 1 0", "kept 1 1", "kept 2 0", "kept 2 1"}, "committed")
	Equal(read(broker, prefix, 6)[5].Offset, int64(7), "offsets: a marker takes one")
	admin := newAdmin(broker)
	defer admin.Close()
	for _, commit := range []bool{false, true} {
		Fine(to.BeginTxn())
		write(to, prefix, []string{"with offsets"})
		note := ""
		Fine(to.AddOffsetsToTxn(map[string][]*sarama.PartitionOffsetMetadata{prefix + "-in": {{Partition: 0, Offset: 4, LeaderEpoch: -1, Metadata: &note}}},
			prefix+"-group"))
		wanted := int64(-1)
		if commit {
			Fine(to.CommitTxn())
			wanted = 4
		} else {
			Fine(to.AbortTxn())
		}
		Eventually(func() bool {
			kept := Must(admin.ListConsumerGroupOffsets(prefix+"-group", map[string][]int32{prefix + "-in": {0}}))
			return kept.GetBlock(prefix+"-in", 0).Offset == wanted
		}, "the group's offset")
	}
	owner := writer(broker, transactional(prefix+"-id"))
	Fine(owner.BeginTxn())
	Fine(to.BeginTxn())
	_, _, fenced := to.SendMessage(&sarama.ProducerMessage{Topic: prefix, Value: sarama.StringEncoder("of a zombie")})
	if fenced == nil {
		fenced = to.CommitTxn()
	}
	Equal(fenced != nil, true, "the fenced producer failed")
	write(owner, prefix, []string{"of the owner"})
	Fine(owner.CommitTxn())
	last := readFrom(broker, prefix, 0, sarama.OffsetOldest, 6, sarama.ReadCommitted)[5]
	Equal(string(last.Value), "of the owner", "the last committed value")
}

func main() {
	Main(map[string]func(broker, prefix string){"admin": admin, "codecs": codecs, "idempotence": idempotence, "consume": consume,
		"group": group, "commits": commits, "time": lookUp, "transactions": transactions})
}
