#pragma once

// A few events in memory, for testing and explaining rules: text or a small file, parsed as a whole. One thread.

#include <memory>
#include <string>
#include <string_view>

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

}  // namespace weir::app
