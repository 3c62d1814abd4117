#include "log/partition.h"

#include <algorithm>

#include "base/check.h"
#include "log/frame.h"
#include "log/names.h"
#include "log/partition_state.h"

namespace weir::log {
namespace {

constexpr std::string_view kProducersMagic = "weirprod";
// How much may have to be replayed after an unclean stop, in bytes and time, before producers are written down anew.
constexpr std::uint64_t kSnapshotBytes = 16U << 20;
constexpr Millis kSnapshotInterval = 60'000;

}  // namespace

Partition::State::State(const PartitionOptions& options)
    : name_(options.name),
      directory_(options.directory),
      config_(options.config),
      decompressed_max_(options.decompressed_max),
      opened_(options.now),
      now_(options.now),
      is_clean_(options.is_clean),
      leader_epoch_(options.leader_epoch),
      snapshot_time_(options.now) {
  if (options.note != nullptr) opening_note_ = *options.note;
}

Result<std::unique_ptr<Partition::State>> Partition::State::open(const PartitionOptions& options) {
  auto state = std::make_unique<State>(options);
  TRY(state->load());
  return state;
}

Status Partition::State::write_snapshot(bool is_synced) {
  if (producers_.empty()) return {};
  const bool is_there = !snapshots_.empty() && snapshots_.back().offset == end_offset_;
  // One that is sound is never written over: there may be no other.
  if (is_there && snapshots_.back().is_sound) return is_synced ? sync_snapshot(snapshots_.back()) : Status{};
  TRY(const auto file, directory_->open(segment_file(end_offset_, kProducersSuffix), io::OpenMode::overwrite));
  if (!is_there) snapshots_.push_back({.offset = end_offset_});
  snapshots_.back() = {.offset = end_offset_};
  TRY(file->write_at(0, make_frame(kProducersMagic, producers_.encode())));
  snapshots_.back().is_sound = true;
  if (is_synced) TRY(sync_snapshot(snapshots_.back()));
  bytes_since_snapshot_ = 0;
  return {};
}

Status Partition::State::sync_snapshot(Snapshot& snapshot) {
  if (snapshot.is_synced) return {};
  TRY(const auto file, directory_->open(segment_file(snapshot.offset, kProducersSuffix), io::OpenMode::write));
  const Status synced = file->sync();
  // The kernel may have dropped it, and would call the next sync a success.
  if (!synced) snapshot.is_sound = false;
  TRY(synced);
  TRY(directory_->sync());
  snapshot.is_synced = true;
  return {};
}

// Keeps the newest snapshot that is surely of use after a power cut, and those after it.
Status Partition::State::prune_snapshots() {
  const auto newest = std::ranges::find_if(snapshots_.rbegin(), snapshots_.rend(), [this](const Snapshot& snapshot) {
    return snapshot.is_synced && snapshot.offset <= flushed_offset_;
  });
  if (newest == snapshots_.rend()) return {};
  const std::int64_t kept_from = newest->offset;
  while (snapshots_.front().offset < kept_from) {
    TRY(directory_->remove(segment_file(snapshots_.front().offset, kProducersSuffix)));
    snapshots_.erase(snapshots_.begin());
  }
  return {};
}

Status Partition::State::checkpoint() {
  if (!failure_.empty()) return {};
  const bool is_changed = snapshots_.empty() || snapshots_.back().offset < producers_changed_at_;
  const bool is_due = bytes_since_snapshot_ >= kSnapshotBytes || now_ - snapshot_time_ >= kSnapshotInterval;
  if (is_due) snapshot_time_ = now_;
  if (is_changed && is_due) TRY(write_snapshot(true));
  if (is_due || snapshots_.size() > 2) TRY(prune_snapshots());
  if (active() != nullptr) static_cast<void>(active()->write_index());
  return {};
}

PartitionNote Partition::State::note(bool is_clean) {
  PartitionNote note;
  note.start_offset = start_offset_;
  note.flushed_offset = flushed_offset_;
  note.flushed_segment = flushed_place_.segment;
  note.flushed_position = flushed_place_.position;
  note.cleaned_offset = cleaned_offset_;
  if (producers_.empty()) no_producers_at_ = end_offset_;
  note.has_no_producers = true;
  note.producers_offset = std::min(no_producers_at_, flushed_offset_);
  for (const Snapshot& snapshot : snapshots_) {
    if (snapshot.offset > flushed_offset_ || !snapshot.is_synced || snapshot.offset < note.producers_offset) continue;
    if (producers_.empty() && snapshot.offset <= no_producers_at_) continue;
    note.producers_offset = snapshot.offset;
    note.has_no_producers = false;
  }
  note.epochs = epochs_;
  if (is_clean) {
    for (const auto& segment : segments_) note.segments.push_back(segment->note());
  }
  return note;
}

Status Partition::State::close() {
  if (!failure_.empty()) return fail(ErrorKind::external, "{}", failure_);
  if (const auto plan = take_flush()) {
    const Status result = sync_files(*plan);
    flushed(*plan, result);
    TRY(result);
  }
  if (active() != nullptr) static_cast<void>(active()->close(end_offset_));
  TRY(write_snapshot(true));
  static_cast<void>(prune_snapshots());
  return {};
}

std::uint64_t Partition::State::size_bytes() const {
  std::uint64_t size = 0;
  for (const auto& segment : segments_) size += segment->size();
  return size;
}

Partition::Partition(std::unique_ptr<State> state) : state_(std::move(state)) {}
Partition::~Partition() = default;

std::expected<Appended, AppendFailure> Partition::append(std::span<char> records, Millis now, Origin origin) {
  return state_->append(records, now, origin);
}
std::expected<Appended, AppendFailure> Partition::append_end_marker(std::int64_t producer_id,
                                                                    std::int16_t producer_epoch,
                                                                    std::int32_t coordinator_epoch, bool is_commit,
                                                                    Millis now) {
  return state_->append_end_marker(producer_id, producer_epoch, coordinator_epoch, is_commit, now);
}
std::optional<FlushPlan> Partition::take_flush() {
  return state_->take_flush();
}
void Partition::flushed(const FlushPlan& plan, const Status& result) {
  state_->flushed(plan, result);
}
std::uint64_t Partition::unflushed_bytes() const {
  return state_->unflushed_bytes_;
}

ReadResult Partition::read(std::int64_t offset, std::uint64_t size_max, Isolation isolation) const {
  return state_->read(offset, size_max, isolation);
}
std::int64_t Partition::start_offset() const {
  return state_->start_offset_;
}
std::int64_t Partition::end_offset() const {
  return state_->end_offset_;
}
std::int64_t Partition::high_watermark() const {
  return state_->high_watermark();
}
std::int64_t Partition::last_stable_offset() const {
  return state_->last_stable_offset();
}
std::int32_t Partition::leader_epoch() const {
  return state_->leader_epoch_;
}
Result<TimedOffset> Partition::find_by_time(Millis timestamp) const {
  return state_->find_by_time(timestamp);
}
Result<TimedOffset> Partition::find_max_timestamp() const {
  return state_->find_max_timestamp();
}
Partition::EpochEnd Partition::epoch_end(std::int32_t epoch) const {
  return state_->epoch_end(epoch);
}

std::vector<ActiveProducer> Partition::producers() const {
  std::vector<ActiveProducer> list;
  for (const auto& [id, producer] : state_->producers_.producers()) {
    const ProducerBatch* last = producer.last_batch();
    list.push_back({.producer_id = id,
                    .producer_epoch = producer.epoch,
                    .last_sequence = last == nullptr ? -1 : last->last_sequence,
                    .last_timestamp = producer.last_timestamp,
                    .coordinator_epoch = producer.coordinator_epoch,
                    .transaction_first_offset = producer.transaction_first_offset});
  }
  std::ranges::sort(list, {}, &ActiveProducer::producer_id);
  return list;
}

std::uint64_t Partition::size_bytes() const {
  return state_->size_bytes();
}
const TopicConfig& Partition::config() const {
  return state_->config_;
}
void Partition::set_config(const TopicConfig& config) {
  state_->config_ = config;
}
std::expected<std::int64_t, wire::ErrorCode> Partition::delete_records(std::int64_t offset) {
  return state_->delete_records(offset);
}
Result<std::uint64_t> Partition::apply_retention(Millis now) {
  return state_->apply_retention(now);
}
std::unique_ptr<Compaction> Partition::plan_compaction(Millis now) {
  return state_->plan_compaction(now);
}
Result<std::uint64_t> Partition::apply(Compaction& compaction) {
  return state_->apply(compaction);
}
const std::vector<Quarantine>& Partition::quarantined() const {
  return state_->quarantine_list_;
}
Result<Verification> Partition::verify() {
  return state_->verify();
}
Status Partition::release_quarantine(std::int64_t first_offset) {
  return state_->release_quarantine(first_offset);
}
const std::string& Partition::failure() const {
  return state_->failure_;
}

}  // namespace weir::log
