#include "formats/evtx/evtx.h"

#include <algorithm>

#include "formats/evtx/binxml.h"
#include "formats/evtx/chunk.h"
#include "formats/windows_event.h"

namespace weir::formats {
namespace evtx {
namespace {

constexpr std::string_view kNotAChunk = "bytes that are no chunk";
constexpr std::string_view kNotARecord = "bytes that are no record";

bool is_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

Detected detect(std::string_view sample, std::string_view) {
  if (sample.starts_with(kFileSignature)) return {Confidence::certain, "Windows event log (EVTX)"};
  if (sample.starts_with(kChunkSignature)) return {Confidence::certain, "chunks of a Windows event log (EVTX)"};
  return {};
}

class EvtxSplitter final : public Splitter {
 public:
  Cut cut(std::string_view data, bool at_end) override {
    Cut cut;
    if (at_start_) {
      if (data.size() < kFileHeaderBytes && !at_end) return cut;
      at_start_ = false;
      // Without its signature the header is damaged; the chunks need nothing of it.
      cut.skip = data.starts_with(kChunkSignature) ? 0 : std::min(data.size(), kFileHeaderBytes);
      data.remove_prefix(cut.skip);
    }
    if (at_end) {
      cut.size = data.size();
      return cut;
    }
    // Whole chunks, and as much at a time of bytes that are no chunk, so that a damaged one is counted once.
    while (data.size() - cut.size >= kChunkBytes) {
      const std::string_view piece = data.substr(cut.size, kChunkBytes);
      cut.size += piece.starts_with(kChunkSignature) ? kChunkBytes : find_chunk(piece, 0);
    }
    return cut;
  }

 private:
  bool at_start_ = true;
};

class EvtxParser final : public Parser {
 public:
  EvtxParser(const event::FieldTable& table, const Options& options) : fields_(table, options), reader_(fields_) {}

  void parse(const formats::Chunk& chunk, event::Batch& batch) override {
    batch_ = &batch;
    number_ = 0;
    std::size_t position = 0;
    while (position < chunk.bytes.size()) {
      const std::string_view rest = chunk.bytes.substr(position);
      if (rest.starts_with(kChunkSignature)) {
        parse_chunk(rest.substr(0, kChunkBytes));
        position += kChunkBytes;
      } else {
        const std::size_t size = find_chunk(rest, 0);
        // Windows makes files larger ahead of need; zeros are room, not damage.
        if (!is_zero(rest.substr(0, size))) reject(kNotAChunk, rest.substr(0, size));
        position += size;
      }
    }
    batch.set_record_count(number_);
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    return fields_.time_of(batch, row);
  }

 private:
  void parse_chunk(std::string_view chunk) {
    const std::string_view damage = chunk_damage(chunk);
    if (!damage.empty()) reject(damage, chunk);
    if (chunk.size() < kChunkHeaderBytes) return;
    reader_.begin_chunk(chunk, *batch_);
    const std::size_t free_space = load<std::uint32_t>(chunk.data() + kFreeSpaceAt);
    const bool is_sound = damage.empty();
    std::size_t position = kChunkHeaderBytes;
    std::uint64_t expected = 0;
    while (position + kRecordHeaderBytes < chunk.size()) {
      const Record record = record_at(chunk, position);
      // Behind the end that the header states are records of an earlier use of the chunk, or, in a file that was copied
      // while Windows wrote to it, those whose numbers just go on.
      const bool is_beyond = position >= free_space;
      if (record.size == 0 || (is_beyond && record.number != expected)) {
        if (is_beyond && is_sound) return;
        const std::size_t next = find_record(chunk, position, is_beyond ? expected : 0);
        if (!is_beyond && !is_zero(chunk.substr(position, std::min(next, free_space) - position))) {
          reject(kNotARecord, chunk.substr(position, next - position));
        }
        position = next;
        continue;
      }
      parse_record(chunk, record);
      expected = record.number + 1;
      position += record.size;
    }
  }

  // The next position with a whole record, of the number `wanted` unless that is 0; the chunk's end if there is none.
  static std::size_t find_record(std::string_view chunk, std::size_t position, std::uint64_t wanted) {
    while (true) {
      position = chunk.find(kRecordSignature, position + 1);
      if (position == std::string_view::npos) return chunk.size();
      const Record record = record_at(chunk, position);
      if (record.size > 0 && (wanted == 0 || record.number == wanted)) return position;
    }
  }

  void parse_record(std::string_view chunk, const Record& record) {
    batch_->begin_row();
    const std::string_view bytes = chunk.substr(record.begin, record.size);
    std::string_view reason = reader_.read(static_cast<std::uint32_t>(record.begin + kRecordHeaderBytes),
                                           static_cast<std::uint32_t>(record.begin + record.size - kRecordTailBytes));
    if (reason.empty() && batch_->open_cells().empty()) reason = "record holds no event";
    if (!reason.empty()) {
      batch_->drop_row();
      reject(reason, bytes);
      return;
    }
    if (!has_time()) {
      batch_->add(fields_.time_created(), event::ValueKind::string, render_file_time(record.written, batch_->arena()));
    }
    // No raw bytes: BinXML is nothing that a person or a keyword could read; the cells are the whole event.
    batch_->finish_row(number_++, fields_.logsource_of(reader_.channel(), reader_.provider()), {});
  }

  bool has_time() const {
    return std::ranges::any_of(batch_->open_cells(), [this](const event::Cell& cell) {
      return cell.field == fields_.time_created() && cell.size > 0;
    });
  }

  void reject(std::string_view reason, std::string_view bytes) {
    constexpr std::size_t kShown = 256;
    batch_->reject(number_++, reason, bytes.substr(0, kShown));
  }

  WindowsFields fields_;
  BinXmlReader reader_;
  event::Batch* batch_ = nullptr;
  std::uint64_t number_ = 0;
};

std::unique_ptr<Splitter> make_splitter(const Options&) {
  return std::make_unique<EvtxSplitter>();
}

std::unique_ptr<Parser> make_parser(const event::FieldTable& table, const Options& options) {
  return std::make_unique<EvtxParser>(table, options);
}

}  // namespace
}  // namespace evtx

constinit const Format kEvtx = {
    .name = "evtx",
    .description = "Windows event log files (.evtx)",
    .assumptions = "event time: TimeCreated (UTC); logsource: product windows, service by channel",
    .binary = true,
    .detect = evtx::detect,
    .make_splitter = evtx::make_splitter,
    .make_parser = evtx::make_parser,
};

}  // namespace weir::formats
