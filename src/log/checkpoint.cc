#include "log/checkpoint.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "log/frame.h"

namespace weir::log {
namespace {

constexpr std::string_view kMagic = "weirchkp";
constexpr std::size_t kCheckpointBytesMax = std::size_t{1} << 30;
constexpr std::size_t kPartitionBytes = 77;  // Without its lists' items.
constexpr std::size_t kEpochBytes = 12;
constexpr std::size_t kSegmentBytes = 32;

std::string place_name(std::uint64_t number) {
  return fmt::format("checkpoint.{}", number % 2);
}

void encode(FieldWriter& out, const PartitionNote& note) {
  out.raw({reinterpret_cast<const char*>(note.topic.data()), note.topic.size()}).number(note.partition);
  out.number(note.start_offset).number(note.flushed_offset);
  out.number(note.flushed_segment).number(note.flushed_position);
  out.number(note.cleaned_offset).number(note.producers_offset).number(std::uint8_t{note.has_no_producers});
  out.number(static_cast<std::uint32_t>(note.epochs.size()));
  for (const EpochStart& epoch : note.epochs) out.number(epoch.epoch).number(epoch.start_offset);
  out.number(static_cast<std::uint32_t>(note.segments.size()));
  for (const SegmentNote& segment : note.segments) {
    out.number(segment.base).number(segment.size).number(segment.max_timestamp).number(segment.begun);
  }
}

PartitionNote decode_partition(FieldReader& in) {
  PartitionNote note;
  std::ranges::copy(in.raw(note.topic.size()), note.topic.begin());
  note.partition = in.number<std::int32_t>();
  note.start_offset = in.number<std::int64_t>();
  note.flushed_offset = in.number<std::int64_t>();
  note.flushed_segment = in.number<std::int64_t>();
  note.flushed_position = in.number<std::uint64_t>();
  note.cleaned_offset = in.number<std::int64_t>();
  note.producers_offset = in.number<std::int64_t>();
  note.has_no_producers = in.number<std::uint8_t>() != 0;
  note.epochs.resize(in.count(kEpochBytes));
  for (EpochStart& epoch : note.epochs) {
    epoch.epoch = in.number<std::int32_t>();
    epoch.start_offset = in.number<std::int64_t>();
  }
  note.segments.resize(in.count(kSegmentBytes));
  for (SegmentNote& segment : note.segments) {
    segment.base = in.number<std::int64_t>();
    segment.size = in.number<std::uint64_t>();
    segment.max_timestamp = in.number<std::int64_t>();
    segment.begun = in.number<std::int64_t>();
  }
  return note;
}

}  // namespace

std::string encode_checkpoint(const Checkpoint& checkpoint) {
  FieldWriter out;
  out.number(checkpoint.number).number(std::uint8_t{checkpoint.is_clean}).number(checkpoint.leader_epoch);
  out.number(static_cast<std::uint32_t>(checkpoint.partitions.size()));
  for (const PartitionNote& note : checkpoint.partitions) encode(out, note);
  return make_frame(kMagic, out.take());
}

Result<Checkpoint> decode_checkpoint(std::string_view bytes, const std::string& path) {
  TRY(const std::string_view body, read_frame(kMagic, bytes, path));
  FieldReader in(body);
  Checkpoint checkpoint;
  checkpoint.number = in.number<std::uint64_t>();
  checkpoint.is_clean = in.number<std::uint8_t>() != 0;
  checkpoint.leader_epoch = in.number<std::int32_t>();
  checkpoint.partitions.resize(in.count(kPartitionBytes));
  for (PartitionNote& note : checkpoint.partitions) note = decode_partition(in);
  if (!in.is_whole()) return fail(ErrorKind::corrupt, "{} is damaged: its partitions make no sense", path);
  return checkpoint;
}

Result<CheckpointFiles::Read> CheckpointFiles::read(io::Directory& directory) {
  Read read;
  for (std::uint64_t place = 0; place < 2; ++place) {
    const std::string name = place_name(place);
    TRY(const bool exists, directory.exists(name));
    if (!exists) continue;
    TRY(const std::string bytes, io::read_whole(directory, name, kCheckpointBytesMax));
    auto checkpoint = decode_checkpoint(bytes, directory.path() + "/" + name);
    if (!checkpoint) {
      if (checkpoint.error().kind != ErrorKind::corrupt) return std::unexpected(checkpoint.error());
      read.damage = checkpoint.error().message;
    } else if (!read.is_found || checkpoint->number > read.checkpoint.number) {
      read.checkpoint = std::move(*checkpoint);
      read.is_found = true;
    }
  }
  // The damaged place may have been the newer one, and have said that a run began.
  if (!read.damage.empty()) read.checkpoint.is_clean = false;
  return read;
}

Status CheckpointFiles::write(io::Directory& directory, Checkpoint& checkpoint) {
  checkpoint.number = number_ + 1;
  std::unique_ptr<io::File>& file = files_[checkpoint.number % 2];
  if (file == nullptr) {
    const std::string name = place_name(checkpoint.number);
    TRY(const bool exists, directory.exists(name));
    TRY(file, directory.open(name, exists ? io::OpenMode::write : io::OpenMode::create));
    if (!exists) TRY(directory.sync());
  }
  TRY(file->write_at(0, encode_checkpoint(checkpoint)));
  TRY(file->sync());
  number_ = checkpoint.number;
  return {};
}

}  // namespace weir::log
