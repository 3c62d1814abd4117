#include "log/producer_state.h"

#include <limits>
#include <sstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weir::log {
namespace {

std::string text_of(wire::ErrorCode code) {
  switch (code) {
    case wire::ErrorCode::out_of_order_sequence_number: return "OUT_OF_ORDER_SEQUENCE_NUMBER";
    case wire::ErrorCode::invalid_producer_epoch: return "INVALID_PRODUCER_EPOCH";
    case wire::ErrorCode::invalid_txn_state: return "INVALID_TXN_STATE";
    case wire::ErrorCode::transaction_coordinator_fenced: return "TRANSACTION_COORDINATOR_FENCED";
    default: return fmt::format("error {}", static_cast<int>(code));
  }
}

// A script of sends and ends, one a line:
//   send <id> epoch <e> seq <first> x<count> [txn] -> ok | repeats <offset> | ERROR
//   end <id> epoch <e> [coordinator <c>] -> ok | first <offset> | ERROR
//   open -> none | <offset>
//   forget before <time> -> <count>
// Offsets are given in order from 0; each line happens one millisecond after the one before.
void check(const std::string& script) {
  ProducerState state;
  std::int64_t offset = 0;
  std::int64_t now = 0;
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    if (line.empty()) continue;
    ++now;
    const std::size_t arrow = line.find(" -> ");
    const std::string expected = line.substr(arrow + 4);
    std::istringstream words(line.substr(0, arrow));
    std::string verb, word;
    words >> verb;
    std::string got;
    if (verb == "send") {
      wire::BatchHeader batch;
      std::int32_t count = 0;
      char x = 0;
      words >> batch.producer_id >> word >> batch.producer_epoch >> word >> batch.base_sequence >> x >> count >> word;
      batch.last_offset_delta = count - 1;
      batch.record_count = count;
      batch.base_offset = offset;
      if (word == "txn") batch.attributes = 0x10;
      const auto checked = state.check(batch);
      if (!checked) {
        got = text_of(checked.error().code);
      } else if (*checked) {
        got = fmt::format("repeats {}", (*checked)->first_offset);
      } else {
        got = "ok";
        state.add(batch, now);
        offset += count;
      }
    } else if (verb == "end") {
      std::int64_t id = 0;
      std::int16_t epoch = 0;
      std::int32_t coordinator = 0;
      words >> id >> word >> epoch >> word >> coordinator;
      const auto checked = state.check_marker(id, epoch, coordinator);
      if (!checked) {
        got = text_of(checked.error().code);
      } else {
        const std::int64_t first = state.add_marker(id, epoch, coordinator, now);
        got = first < 0 ? "ok" : fmt::format("first {}", first);
        ++offset;
      }
    } else if (verb == "open") {
      const auto first = state.first_open_offset();
      got = first ? std::to_string(*first) : "none";
    } else {
      std::int64_t before = 0;
      words >> word >> before;
      got = std::to_string(state.forget_idle(before));
    }
    EXPECT_EQ(got, expected) << line;
    // What is read back from a snapshot goes on as if nothing had been.
    const auto again = ProducerState::decode(state.encode(), "snapshot");
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->encode(), state.encode());
    state = *again;
  }
}

TEST(ProducerState, ASequenceFollowsTheOneBefore) {
  check(R"(
    send 7 epoch 0 seq 0 x3 -> ok
    send 7 epoch 0 seq 3 x1 -> ok
    send 7 epoch 0 seq 5 x1 -> OUT_OF_ORDER_SEQUENCE_NUMBER
    send 7 epoch 0 seq 4 x1 -> ok
  )");
}

TEST(ProducerState, AnUnknownProducerMayBeginAnywhere) {
  check("send 7 epoch 3 seq 42 x1 -> ok");
}

TEST(ProducerState, TheLastFiveBatchesAreKnownAgain) {
  check(R"(
    send 7 epoch 0 seq 0 x2 -> ok
    send 7 epoch 0 seq 2 x1 -> ok
    send 7 epoch 0 seq 3 x1 -> ok
    send 7 epoch 0 seq 4 x1 -> ok
    send 7 epoch 0 seq 5 x1 -> ok
    send 7 epoch 0 seq 0 x2 -> repeats 0
    send 7 epoch 0 seq 0 x1 -> OUT_OF_ORDER_SEQUENCE_NUMBER
    send 7 epoch 0 seq 6 x1 -> ok
    send 7 epoch 0 seq 0 x2 -> OUT_OF_ORDER_SEQUENCE_NUMBER
    send 7 epoch 0 seq 2 x1 -> repeats 2
  )");
}

TEST(ProducerState, SequencesWrapToZero) {
  check(R"(
    send 7 epoch 0 seq 2147483646 x2 -> ok
    send 7 epoch 0 seq 0 x1 -> ok
    send 7 epoch 0 seq 2147483646 x2 -> repeats 0
  )");
}

TEST(ProducerState, ANewEpochBeginsAtZeroAndEndsTheOldOne) {
  check(R"(
    send 7 epoch 1 seq 0 x1 -> ok
    send 7 epoch 2 seq 1 x1 -> OUT_OF_ORDER_SEQUENCE_NUMBER
    send 7 epoch 2 seq 0 x1 -> ok
    send 7 epoch 1 seq 1 x1 -> INVALID_PRODUCER_EPOCH
    send 7 epoch 1 seq 0 x1 -> INVALID_PRODUCER_EPOCH
  )");
}

TEST(ProducerState, ATransactionIsOpenFromItsFirstBatchToItsMarker) {
  check(R"(
    send 1 epoch 0 seq 0 x2 txn -> ok
    send 2 epoch 0 seq 0 x2 txn -> ok
    open -> 0
    send 1 epoch 0 seq 2 x1 -> INVALID_TXN_STATE
    end 1 epoch 0 -> first 0
    open -> 2
    send 1 epoch 0 seq 2 x1 txn -> ok
    end 2 epoch 0 -> first 2
    open -> 5
  )");
}

TEST(ProducerState, AMarkerMayRaiseTheEpoch) {
  check(R"(
    send 1 epoch 0 seq 0 x1 txn -> ok
    end 1 epoch 1 -> first 0
    send 1 epoch 0 seq 1 x1 txn -> INVALID_PRODUCER_EPOCH
    send 1 epoch 1 seq 1 x1 txn -> OUT_OF_ORDER_SEQUENCE_NUMBER
    send 1 epoch 1 seq 0 x1 txn -> ok
    end 1 epoch 0 -> INVALID_PRODUCER_EPOCH
    end 1 epoch 1 coordinator 3 -> first 2
    end 1 epoch 1 coordinator 2 -> TRANSACTION_COORDINATOR_FENCED
  )");
}

TEST(ProducerState, AnIdleProducerIsForgottenUnlessItsTransactionIsOpen) {
  check(R"(
    send 1 epoch 0 seq 0 x1 -> ok
    send 2 epoch 0 seq 0 x1 txn -> ok
    forget before 100 -> 1
    send 1 epoch 0 seq 9 x1 -> ok
    send 2 epoch 0 seq 9 x1 txn -> OUT_OF_ORDER_SEQUENCE_NUMBER
  )");
}

}  // namespace
}  // namespace weir::log
