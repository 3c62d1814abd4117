#pragma once

// Single events, for testing and explaining rules. One thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "app/scan/chunk_reader.h"
#include "base/result.h"
#include "event/batch.h"
#include "formats/format.h"

namespace weir::app {

// Owns everything that its batch's rows borrow from.
struct ParsedEvents {
  std::string text;
  formats::Options options;
  std::unique_ptr<formats::Parser> parser;
  event::Batch batch;
};

// `format` null: detected from the text. The field table must outlive the result. At most 16 MiB.
Result<std::unique_ptr<ParsedEvents>> parse_events(std::string text, const formats::Format* format,
                                                   formats::Options options, const event::FieldTable& fields);

// Owns everything that its row borrows from.
struct FoundEvent {
  formats::Options options;
  ChunkBuffer buffer;
  std::unique_ptr<formats::Parser> parser;
  event::Batch batch;
  event::Row row;
};

// Record or line `number` of an input, from 1, as alerts count them. Reads no further than that.
Result<std::unique_ptr<FoundEvent>> find_event(std::unique_ptr<io::Input> input, const std::string& name,
                                               const formats::Format* format, formats::Options options,
                                               const event::FieldTable& fields, std::uint64_t number);

}  // namespace weir::app
