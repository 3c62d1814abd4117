#include "app/single_events.h"

#include <algorithm>

namespace weir::app {

Result<std::unique_ptr<ParsedEvents>> parse_events(std::string text, const formats::Format* format,
                                                   formats::Options options, const event::FieldTable& fields) {
  if (text.size() > formats::kRecordBytesMax) return fail(ErrorKind::user, "more than 16 MiB of events");
  auto parsed = std::make_unique<ParsedEvents>();
  parsed->text = std::move(text);
  parsed->options = std::move(options);
  ChunkReader reader(io::Input::over(parsed->text), "", format, parsed->options);
  TRY(reader.open());
  if (reader.format() == nullptr) return fail(ErrorKind::user, "there is no event");
  parsed->parser = reader.format()->make_parser(fields, parsed->options);
  // All chunks together are small; their bytes are kept in the batch's arena, since the reader's buffers go.
  ChunkBuffer buffer;
  for (;;) {
    TRY(const bool more, reader.next(buffer));
    if (!more) return parsed;
    char* bytes = parsed->batch.arena().allocate(buffer.chunk.bytes.size() + formats::kPadding);
    std::copy(buffer.chunk.bytes.begin(), buffer.chunk.bytes.end(), bytes);
    std::fill_n(bytes + buffer.chunk.bytes.size(), formats::kPadding, '\0');
    parsed->parser->parse({{bytes, buffer.chunk.bytes.size()}, buffer.chunk.context}, parsed->batch);
  }
}

Result<std::unique_ptr<FoundEvent>> find_event(std::unique_ptr<io::Input> input, const std::string& name,
                                               const formats::Format* format, formats::Options options,
                                               const event::FieldTable& fields, std::uint64_t number) {
  ChunkReader reader(std::move(input), name, format, std::move(options));
  TRY(reader.open());
  auto found = std::make_unique<FoundEvent>();
  found->options = reader.options();
  if (reader.format() != nullptr) found->parser = reader.format()->make_parser(fields, found->options);
  std::uint64_t before = 0;  // Records of the chunks gone by.
  while (reader.format() != nullptr) {
    TRY(const bool more, reader.next(found->buffer));
    before += reader.take_oversized().size();
    if (!more || before >= number) break;
    found->batch.clear();
    found->parser->parse(found->buffer.chunk, found->batch);
    const std::uint64_t wanted = number - 1 - before;
    before += found->batch.record_count();
    if (before < number) continue;
    if (const auto row = std::ranges::find(found->batch.rows(), wanted, &event::Row::number);
        row != found->batch.rows().end()) {
      found->row = *row;
      return found;
    }
    const auto reject = std::ranges::find(found->batch.rejects(), wanted, &event::Reject::number);
    if (reject == found->batch.rejects().end()) {
      return fail(ErrorKind::user, "record {} of {} is no event of its own", number, name);
    }
    return fail(ErrorKind::user, "record {} of {} cannot be read: {}", number, name, reject->reason);
  }
  if (before >= number)
    return fail(ErrorKind::user, "record {} of {} cannot be read: {}", number, name, formats::kTooLong);
  return fail(ErrorKind::user, "{} has no record {}, only {}", name, number, before);
}

}  // namespace weir::app
