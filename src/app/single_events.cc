#include "app/single_events.h"

#include "app/scan/chunk_reader.h"

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

}  // namespace weir::app
