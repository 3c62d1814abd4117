#include "broker/groups/group_coordinator.h"

#include <gtest/gtest.h>

#include "broker/broker.h"
#include "io/testing/memory_storage.h"
#include "wire/messages/consumer_group_describe.h"
#include "wire/messages/delete_groups.h"
#include "wire/messages/list_groups.h"
#include "wire/messages/offset_commit.h"

namespace weir::broker {
namespace {

class LastAnswer final : public AnswerSink {
 public:
  void answer(ConnectionId, std::uint64_t, Frame frame) override {
    const auto view = frame.bytes.view();
    bytes = std::string(view.begin(), view.end());
  }
  void pass_over(ConnectionId, std::uint64_t) override {}
  void close(ConnectionId, const std::string& reason) override { ADD_FAILURE() << reason; }
  std::string bytes;
};

// A broker on a disk in memory, which can be started again.
class Fixture {
 public:
  Fixture() { start(); }

  void start() {
    if (broker_) EXPECT_TRUE(broker_->close());
    broker_.reset();
    broker_ = Broker::open(log::Log::open(disk_->root(), {}).value(), {}, sink_, now_).value();
  }

  Broker& broker() { return *broker_; }

  template <typename Response, typename Request>
  Response ask(const Request& request, int version) {
    wire::Encoder encoder;
    wire::RequestHeader header;
    header.request_api_key = static_cast<std::int16_t>(Request::kKey);
    header.request_api_version = static_cast<std::int16_t>(version);
    const wire::ApiInfo& api = *wire::find_api(header.request_api_key);
    header.encode(encoder, wire::request_header_version(api, version));
    request.encode(encoder, version);
    std::string frame(encoder.bytes());
    sink_.bytes.clear();
    broker_->handle(session_, request_++, frame, now_);
    now_.steady += std::chrono::seconds(1);
    while (auto flush = broker_->take_flush(now_)) {
      broker_->flushed(*flush, sync_parts(*flush));
    }
    wire::Decoder decoder(sink_.bytes);
    decoder.int32("size");
    wire::ResponseHeader response_header;
    EXPECT_TRUE(response_header.decode(decoder, wire::response_header_version(api, version)));
    Response response;
    const Status status = response.decode(decoder, version);
    EXPECT_TRUE(status) << status.error().message;
    return response;
  }

  wire::ConsumerGroupHeartbeatResponse join(const std::string& member) {
    wire::ConsumerGroupHeartbeatRequest request;
    request.group_id = "g";
    request.member_id = member;
    request.rebalance_timeout_ms = 1000;
    request.subscribed_topic_names = {"auth"};
    request.topic_partitions.emplace();
    return ask<wire::ConsumerGroupHeartbeatResponse>(request, 1);
  }

  wire::ErrorCode beat(const std::string& member, std::int32_t epoch) {
    wire::ConsumerGroupHeartbeatRequest request;
    request.group_id = "g";
    request.member_id = member;
    request.member_epoch = epoch;
    return ask<wire::ConsumerGroupHeartbeatResponse>(request, 1).error_code;
  }

  wire::ErrorCode join_classic(int version = 3) {
    wire::JoinGroupRequest request;
    request.group_id = "g";
    request.protocol_type = "consumer";
    request.session_timeout_ms = 10'000;
    request.protocols.push_back({"range", ""});
    const auto response = ask<wire::JoinGroupResponse>(request, version);
    member_id = response.member_id;
    return response.error_code;
  }

  wire::ErrorCode commit(std::int32_t epoch) {
    wire::OffsetCommitRequest request;
    request.group_id = "g";
    request.member_id = "A";
    request.generation_id_or_member_epoch = epoch;
    request.topics.emplace_back();
    request.topics[0].name = "auth";
    request.topics[0].partitions.emplace_back();
    request.topics[0].partitions[0].committed_offset = 5;
    return ask<wire::OffsetCommitResponse>(request, 9).topics.at(0).partitions.at(0).error_code;
  }

  std::string listed() {
    std::string text;
    for (const auto& group : ask<wire::ListGroupsResponse>(wire::ListGroupsRequest(), 5).groups) {
      text += group.group_id + " " + group.group_type + " " + group.group_state;
    }
    return text;
  }

  wire::ErrorCode remove() {
    wire::DeleteGroupsRequest request;
    request.groups_names = {"g"};
    return ask<wire::DeleteGroupsResponse>(request, 2).results.at(0).error_code;
  }

  std::string member_id;

 private:
  std::shared_ptr<io::testing::MemoryDisk> disk_ = io::testing::MemoryDisk::make();
  LastAnswer sink_;
  Session session_;
  std::uint64_t request_ = 0;
  Now now_{SteadyTime(std::chrono::hours(1)), 1'000'000};
  std::unique_ptr<Broker> broker_;
};

using wire::ErrorCode;

TEST(GroupCoordinator, KeepsConsumerGroupsOverARestart) {
  Fixture fixture;
  ASSERT_TRUE(fixture.broker().create_topic("auth", 2, {}));
  const auto joined = fixture.join("A");
  ASSERT_EQ(joined.error_code, ErrorCode::none) << joined.error_message.value_or("");
  EXPECT_EQ(joined.assignment.value().topic_partitions.at(0).partitions.size(), 2U);
  EXPECT_EQ(fixture.commit(1), ErrorCode::none);
  EXPECT_EQ(fixture.commit(2), ErrorCode::stale_member_epoch);
  fixture.start();
  EXPECT_EQ(fixture.listed(), "g consumer Stable");
  EXPECT_EQ(fixture.beat("A", 1), ErrorCode::none);
  wire::ConsumerGroupDescribeRequest request;
  request.group_ids = {"g", "other"};
  const auto described = fixture.ask<wire::ConsumerGroupDescribeResponse>(request, 1);
  EXPECT_EQ(described.groups.at(0).members.at(0).assignment.topic_partitions.at(0).topic_name, "auth");
  EXPECT_EQ(described.groups.at(1).error_code, ErrorCode::group_id_not_found);
  EXPECT_EQ(fixture.remove(), ErrorCode::non_empty_group);
  EXPECT_EQ(fixture.beat("A", -1), ErrorCode::none);
  EXPECT_EQ(fixture.listed(), "g consumer Empty");
  EXPECT_EQ(fixture.remove(), ErrorCode::none);
  fixture.start();
  EXPECT_EQ(fixture.listed(), "");
}

TEST(GroupCoordinator, ChangesTheProtocolOfGroupsWithoutMembersAlone) {
  Fixture fixture;
  ASSERT_TRUE(fixture.broker().create_topic("auth", 1, {}));
  EXPECT_EQ(fixture.beat("A", 1), ErrorCode::group_id_not_found);
  EXPECT_EQ(fixture.join("A").error_code, ErrorCode::none);
  EXPECT_EQ(fixture.commit(1), ErrorCode::none);
  EXPECT_EQ(fixture.join_classic(), ErrorCode::inconsistent_group_protocol);
  EXPECT_EQ(fixture.beat("A", -1), ErrorCode::none);
  EXPECT_EQ(fixture.join_classic(), ErrorCode::none);
  EXPECT_EQ(fixture.listed(), "g classic CompletingRebalance");
  EXPECT_EQ(fixture.join("A").error_code, ErrorCode::group_id_not_found);
  fixture.start();
  EXPECT_EQ(fixture.listed(), "g classic Empty");
  EXPECT_EQ(fixture.join("A").error_code, ErrorCode::none);
  fixture.start();
  EXPECT_EQ(fixture.listed(), "g consumer Stable");
}

}  // namespace
}  // namespace weir::broker
