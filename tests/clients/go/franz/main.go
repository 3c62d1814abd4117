// franz-go: a client written in Go alone.
package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	. "weir.test/clients/scenario"
)

var background = context.Background()

func client(broker string, options ...kgo.Opt) *kgo.Client {
	return Must(kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(broker), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil))}, options...)...))
}

func create(broker, topic string, partitions int32) {
	admin := kadm.NewClient(client(broker))
	defer admin.Close()
	Must(admin.CreateTopic(background, partitions, 1, nil, topic))
}

func write(to *kgo.Client, topic string, values []string) {
	records := make([]*kgo.Record, len(values))
	for i, value := range values {
		records[i] = &kgo.Record{Topic: topic, Value: []byte(value)}
	}
	Fine(to.ProduceSync(background, records...).FirstErr())
}

func read(from *kgo.Client, count int) []*kgo.Record {
	limited, cancel := context.WithTimeout(background, 30*time.Second)
	defer cancel()
	var records []*kgo.Record
	for len(records) < count {
		fetches := from.PollRecords(limited, count-len(records))
		Fine(fetches.Err())
		records = append(records, fetches.Records()...)
	}
	return records
}

func readTopic(broker, topic string, count int, options ...kgo.Opt) []*kgo.Record {
	from := client(broker, append([]kgo.Opt{kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())}, options...)...)
	defer from.Close()
	return read(from, count)
}

func values(records []*kgo.Record) []string {
	texts := make([]string, len(records))
	for i, record := range records {
		texts[i] = string(record.Value)
	}
	return texts
}

func admin(broker, prefix string) {
	admin := kadm.NewClient(client(broker))
	defer admin.Close()
	retention := "3600000"
	Must(admin.CreateTopic(background, 2, 1, map[string]*string{"retention.ms": &retention}, prefix))
	_, err := admin.CreateTopic(background, 2, 1, nil, prefix)
	Equal(errors.Is(err, kerr.TopicAlreadyExists), true, "creating again")
	Fine(Must(admin.UpdatePartitions(background, 5, prefix)).Error())
	Equal(len(Must(admin.ListTopics(background, prefix))[prefix].Partitions), 5, "partitions")
	longer := "7200000"
	changed := Must(admin.AlterTopicConfigs(background, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "retention.ms", Value: &longer}}, prefix))
	Fine(Must(changed.On(prefix, nil)).Err)
	described := Must(Must(admin.DescribeTopicConfigs(background, prefix)).On(prefix, nil))
	at := slices.IndexFunc(described.Configs, func(each kadm.Config) bool { return each.Key == "retention.ms" })
	Equal(*described.Configs[at].Value, longer, "the changed setting")
	writer := client(broker, kgo.RecordPartitioner(kgo.ManualPartitioner()))
	write(writer, prefix, Numbers(10, ""))
	writer.Close()
	before := kadm.Offsets{}
	before.AddOffset(prefix, 0, 4, -1)
	deleted := Must(admin.DeleteRecords(background, before))
	Fine(deleted.Error())
	Equal(values(readTopic(broker, prefix, 6)), Numbers(10, "")[4:], "the rest")
	Equal(len(Must(admin.BrokerMetadata(background)).Brokers), 1, "brokers")
	Fine(Must(admin.DeleteTopics(background, prefix)).Error())
	Equal(Must(admin.ListTopics(background)).Has(prefix), false, "the topic is listed after it was deleted")
}

func codecs(broker, prefix string) {
	compressions := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(),
		"snappy": kgo.SnappyCompression(), "lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	for _, codec := range Codecs {
		topic := prefix + "-" + codec
		create(broker, topic, 1)
		writer := client(broker, kgo.ProducerBatchCompression(compressions[codec]))
		wanted := Numbers(200, " "+codec+" "+strings.Repeat("x", 100))
		write(writer, topic, wanted)
		writer.Close()
		Equal(values(readTopic(broker, topic, 200)), wanted, codec)
	}
}

func idempotence(broker, prefix string) {
	create(broker, prefix, 1)
	writer := client(broker, kgo.ProducerBatchMaxBytes(1024))
	write(writer, prefix, Numbers(5000, ""))
	writer.Close()
	Equal(values(readTopic(broker, prefix, 5000)), Numbers(5000, ""), "what was written")
}

func consume(broker, prefix string) {
	create(broker, prefix, 3)
	writer := client(broker)
	for number := range 300 {
		writer.Produce(background, &kgo.Record{Topic: prefix, Key: []byte(fmt.Sprint(number % 7)), Value: []byte(fmt.Sprint(number)),
			Headers: []kgo.RecordHeader{{Key: "n", Value: []byte(fmt.Sprint(number))}}, Timestamp: time.UnixMilli(int64(1_000_000 + number))}, nil)
	}
	Fine(writer.Flush(background))
	writer.Close()
	last := map[string]int{}
	for _, record := range readTopic(broker, prefix, 300) {
		var number int
		Must(fmt.Sscan(string(record.Value), &number))
		Equal([]any{string(record.Key), string(record.Headers[0].Value), record.Timestamp.UnixMilli()},
			[]any{fmt.Sprint(number % 7), fmt.Sprint(number), int64(1_000_000 + number)}, "key, header and time")
		before, seen := last[string(record.Key)]
		Equal(!seen || before < number, true, "the order of a key")
		last[string(record.Key)] = number
	}
	from := client(broker, kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{prefix: {0: kgo.NewOffset().AtEnd().Relative(-2)}}))
	defer from.Close()
	records := read(from, 2)
	Equal(records[1].Offset, records[0].Offset+1, "two before the end")
}

func members(broker, prefix string, balancer kgo.GroupBalancer) {
	create(broker, prefix, 6)
	owned := make([]map[int32]bool, 2)
	clients := make([]*kgo.Client, 2)
	join := func(member int) {
		owned[member] = map[int32]bool{}
		assigned := make(chan func(), 100)
		change := func(present bool) func(context.Context, *kgo.Client, map[string][]int32) {
			return func(_ context.Context, _ *kgo.Client, parts map[string][]int32) {
				assigned <- func() {
					for _, part := range parts[prefix] {
						if present {
							owned[member][part] = true
						} else {
							delete(owned[member], part)
						}
					}
				}
			}
		}
		clients[member] = client(broker, kgo.ConsumerGroup(prefix+"-group"), kgo.ConsumeTopics(prefix), kgo.Balancers(balancer),
			kgo.HeartbeatInterval(300*time.Millisecond), kgo.SessionTimeout(6*time.Second),
			kgo.OnPartitionsAssigned(change(true)), kgo.OnPartitionsRevoked(change(false)), kgo.OnPartitionsLost(change(false)))
		polls[member] = func() {
			limited, cancel := context.WithTimeout(background, 50*time.Millisecond)
			clients[member].PollFetches(limited)
			cancel()
			for len(assigned) > 0 {
				(<-assigned)()
			}
		}
	}
	join(0)
	Eventually(func() bool { polls[0](); return len(owned[0]) == 6 }, "the only member has all")
	join(1)
	Eventually(func() bool {
		polls[0]()
		polls[1]()
		both := map[int32]bool{}
		for _, each := range owned {
			for part := range each {
				both[part] = true
			}
		}
		return len(owned[0]) == 3 && len(owned[1]) == 3 && len(both) == 6
	}, "two members share")
	clients[0].Close()
	Eventually(func() bool { polls[1](); return len(owned[1]) == 6 }, "who stays has all")
	clients[1].Close()
}

var polls [2]func()

func group(broker, prefix string) {
	members(broker, prefix+"-range", kgo.RangeBalancer())
	members(broker, prefix+"-cooperative", kgo.CooperativeStickyBalancer())
}

func commits(broker, prefix string) {
	create(broker, prefix, 1)
	writer := client(broker)
	write(writer, prefix, Numbers(10, ""))
	writer.Close()
	for _, wanted := range []int64{0, 4} {
		from := client(broker, kgo.ConsumerGroup(prefix+"-group"), kgo.ConsumeTopics(prefix), kgo.DisableAutoCommit(),
			kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		records := read(from, 4)
		Equal(records[0].Offset, wanted, "where it goes on")
		Fine(from.CommitRecords(background, records...))
		from.Close()
	}
	admin := kadm.NewClient(client(broker))
	defer admin.Close()
	kept, _ := Must(admin.FetchOffsets(background, prefix+"-group")).Lookup(prefix, 0)
	Equal(kept.At, int64(8), "asked by the admin")
	lag := Must(admin.Lag(background, prefix+"-group"))[prefix+"-group"]
	Equal(lag.Lag.Total(), int64(2), "the lag")
	Fine(Must(admin.DeleteGroups(background, prefix+"-group"))[prefix+"-group"].Err)
}

func lookUp(broker, prefix string) {
	create(broker, prefix, 1)
	writer := client(broker)
	for number := range 10 {
		record := &kgo.Record{Topic: prefix, Value: []byte("x"), Timestamp: time.UnixMilli(1_700_000_000_000 + int64(number)*1000)}
		Fine(writer.ProduceSync(background, record).FirstErr())
	}
	admin := kadm.NewClient(writer)
	for stamp, wanted := range map[int64]int64{0: 0, 1_700_000_003_000: 3, 1_700_000_003_001: 4, 1_700_000_010_000: 10} {
		found, _ := Must(admin.ListOffsetsAfterMilli(background, stamp, prefix)).Lookup(prefix, 0)
		Equal(found.Offset, wanted, fmt.Sprint("the offset at ", stamp))
	}
	latest, _ := Must(admin.ListMaxTimestampOffsets(background, prefix)).Lookup(prefix, 0)
	Equal(latest.Timestamp, int64(1_700_000_009_000), "the latest time")
	writer.Close()
}

func transactions(broker, prefix string) {
	create(broker, prefix, 1)
	writer := client(broker, kgo.TransactionalID(prefix+"-id"))
	for _, value := range []string{"kept 1", "dropped", "kept 2"} {
		Fine(writer.BeginTransaction())
		write(writer, prefix, []string{value + " 0", value + " 1"})
		Fine(writer.EndTransaction(background, kgo.TransactionEndTry(value != "dropped")))
	}
	committed := readTopic(broker, prefix, 4, kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	Equal(values(committed), []string{"kept 1 0", "kept 1 1", "kept 2 0", "kept 2 1"}, "committed")
	Equal(readTopic(broker, prefix, 6)[5].Offset, int64(7), "offsets: a marker takes one")

	// Read, change and write, all within a transaction.
	create(broker, prefix+"-out", 1)
	session := Must(kgo.NewGroupTransactSession(kgo.SeedBrokers(broker), kgo.TransactionalID(prefix+"-session"), kgo.ConsumerGroup(prefix+"-group"),
		kgo.ConsumeTopics(prefix), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())))
	for copied := 0; copied < 4; {
		fetches := session.PollFetches(background)
		Fine(fetches.Err())
		Fine(session.Begin())
		for _, record := range fetches.Records() {
			session.Produce(background, &kgo.Record{Topic: prefix + "-out", Value: record.Value}, nil)
			copied++
		}
		Equal(Must(session.End(background, kgo.TryCommit)), true, "committed")
	}
	session.Close()
	Equal(values(readTopic(broker, prefix+"-out", 4, kgo.FetchIsolationLevel(kgo.ReadCommitted()))), values(committed), "the copy")

	owner := client(broker, kgo.TransactionalID(prefix+"-id"))
	Fine(owner.BeginTransaction())
	write(owner, prefix, []string{"of the owner"})
	Fine(writer.BeginTransaction())
	fenced := writer.ProduceSync(background, &kgo.Record{Topic: prefix, Value: []byte("of a zombie")}).FirstErr()
	Equal(fenced != nil, true, "the fenced producer's write failed")
	Fine(owner.EndTransaction(background, kgo.TryCommit))
	last := readTopic(broker, prefix, 5, kgo.FetchIsolationLevel(kgo.ReadCommitted()))[4]
	Equal(string(last.Value), "of the owner", "the last committed value")
}

func main() {
	Main(map[string]func(broker, prefix string){"admin": admin, "codecs": codecs, "idempotence": idempotence, "consume": consume,
		"group": group, "commits": commits, "time": lookUp, "transactions": transactions})
}
