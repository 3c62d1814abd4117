#include "wire/api.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

#include "wire/messages/fetch.h"
#include "wire/messages/produce.h"

namespace weir::wire {
namespace {

using namespace std::string_view_literals;

TEST(Api, IsFoundByItsKey) {
  for (const ApiInfo& api : apis()) EXPECT_EQ(find_api(static_cast<int>(api.key)), &api);
  for (const int key : {-1, 4, 7, 71, 72, 76, 32767}) EXPECT_EQ(find_api(key), nullptr) << key;
}

TEST(Api, ServesWhatItAdvertisesExceptTheOldestProduce) {
  for (const ApiInfo& api : apis()) {
    if (api.key == ApiKey::produce) continue;
    EXPECT_EQ(api.served, api.advertised) << api.name;
  }
  EXPECT_EQ(find_api(0)->advertised, (VersionRange{0, 12}));
  EXPECT_EQ(find_api(0)->served, (VersionRange{3, 12}));
  EXPECT_EQ(FetchRequest::kVersions, find_api(1)->served);
}

// librdkafka before 2.11.1 turns a feature on only if it sees these very versions (src/rdkafka_feature.c).
TEST(Api, AdvertisesWhatOldClientsLookFor) {
  constexpr std::pair<ApiKey, int> kLookedFor[] = {
      {ApiKey::produce, 0},          {ApiKey::produce, 3},
      {ApiKey::produce, 7},          {ApiKey::fetch, 4},
      {ApiKey::fetch, 10},           {ApiKey::list_offsets, 1},
      {ApiKey::offset_commit, 1},    {ApiKey::offset_fetch, 1},
      {ApiKey::find_coordinator, 0}, {ApiKey::join_group, 0},
      {ApiKey::sync_group, 0},       {ApiKey::heartbeat, 0},
      {ApiKey::leave_group, 0},      {ApiKey::sasl_handshake, 0},
      {ApiKey::sasl_handshake, 1},   {ApiKey::sasl_authenticate, 0},
      {ApiKey::init_producer_id, 0}, {ApiKey::consumer_group_heartbeat, 1}};
  for (const auto& [key, version] : kLookedFor) {
    const ApiInfo* api = find_api(static_cast<int>(key));
    ASSERT_NE(api, nullptr);
    EXPECT_TRUE(api->advertised.contains(version)) << api->name << " " << version;
  }
}

TEST(Api, HeadersAreFlexibleFromTheApisFirstFlexibleVersion) {
  const ApiInfo& produce = *find_api(0);
  EXPECT_EQ(request_header_version(produce, 8), 1);
  EXPECT_EQ(request_header_version(produce, 9), 2);
  EXPECT_EQ(response_header_version(produce, 8), 0);
  EXPECT_EQ(response_header_version(produce, 9), 1);
  const ApiInfo& handshake = *find_api(17);
  EXPECT_EQ(request_header_version(handshake, 1), 1);
  EXPECT_EQ(response_header_version(handshake, 1), 0);
}

TEST(Api, TheResponseHeaderOfApiVersionsIsNeverFlexible) {
  const ApiInfo& versions = *find_api(18);
  EXPECT_EQ(request_header_version(versions, 3), 2);
  for (const int version : {0, 2, 3, 4, 99}) EXPECT_EQ(response_header_version(versions, version), 0);
}

TEST(Api, AHeaderIsReadUpToTheBody) {
  // Metadata v1: header v1.
  Decoder old("\0\3\0\1\0\0\0\7\0\2ab\xFF\xFF\xFF\xFF"sv);
  const auto old_header = decode_request_header(old);
  ASSERT_TRUE(old_header.has_value());
  EXPECT_EQ(old_header->request_api_key, 3);
  EXPECT_EQ(old_header->request_api_version, 1);
  EXPECT_EQ(old_header->correlation_id, 7);
  EXPECT_EQ(old_header->client_id, "ab");
  EXPECT_EQ(old.remaining(), 4);
  // Metadata v9: header v2, whose client id has an old-style length, then a tagged field.
  Decoder flexible("\0\3\0\x09\0\0\0\7\xFF\xFF\1\x63\1x\0"sv);
  const auto header = decode_request_header(flexible);
  ASSERT_TRUE(header.has_value());
  EXPECT_FALSE(header->client_id.has_value());
  EXPECT_EQ(flexible.remaining(), 1);
}

TEST(Api, AHeaderOfAnUnknownVersionIsStillRead) {
  Decoder decoder("\0\x12\0\x63\0\0\0\7\0\0\0\2x\2y\0"sv);  // ApiVersions v99.
  const auto header = decode_request_header(decoder);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->request_api_version, 99);
  EXPECT_EQ(header->correlation_id, 7);
}

TEST(Api, AHeaderThatCannotBeAnsweredIsCorrupt) {
  Decoder unknown("\0\x7B\0\0\0\0\0\7\0\0"sv);
  EXPECT_EQ(decode_request_header(unknown).error().message, "RequestHeader: request_api_key: no API has the key 123");
  Decoder cut("\0\3\0\1\0\0"sv);
  EXPECT_EQ(decode_request_header(cut).error().message,
            "RequestHeader v1: correlation_id: needs 4 bytes where 2 are left");
  Decoder empty("");
  EXPECT_EQ(decode_request_header(empty).error().kind, ErrorKind::corrupt);
}

}  // namespace
}  // namespace weir::wire
