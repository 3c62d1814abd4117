#include "formats/json/json.h"

#include <fmt/format.h>

#include "base/text.h"
#include "formats/json/event_reader.h"
#include "formats/json/event_time.h"
#include "formats/json/splitter.h"

namespace weir::formats::json {
namespace {

class JsonParser final : public Parser {
 public:
  JsonParser(const event::FieldTable& table, const Options& options)
      : reader_(table, options), times_(options.zone_offset) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    const auto* const document = static_cast<const DocumentContext*>(chunk.context.get());
    batch.set_record_count(document == nullptr ? parse_lines(chunk.bytes, batch)
                                               : parse_document(chunk.bytes, document->run, batch));
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    return times_.time_of(batch, row);
  }

 private:
  std::uint64_t parse_lines(std::string_view bytes, event::Batch& batch) {
    std::uint64_t number = 0;
    for (; !bytes.empty(); ++number) {
      if (bytes.front() != '\n') bytes.remove_prefix(reader_.read(bytes, Boundary::line, number, batch));
      if (!bytes.empty()) bytes.remove_prefix(1);  // The newline.
    }
    return number;
  }

  std::uint64_t parse_document(std::string_view bytes, Run run, event::Batch& batch) {
    std::uint64_t number = 0;
    for (;; ++number) {
      bytes.remove_prefix(separators_before(bytes, run));
      if (bytes.empty()) return number;
      if (bytes.front() == '{' || bytes.front() == '[') {
        bytes.remove_prefix(reader_.read(bytes, Boundary::value, number, batch));
        continue;
      }
      const std::string_view stray = bytes.substr(0, end_of_stray(bytes));
      batch.reject(number, kNotAnObject, stray);
      bytes.remove_prefix(stray.size());
    }
  }

  EventReader reader_;
  TimeFields times_;
};

std::string source_for_people(const event::Logsource* source) {
  if (source == nullptr) return "";
  std::string text = ", " + source->product;
  if (!source->services.empty()) text += " " + source->services.front();
  return text;
}

// Whether `sample` could be the start of one object or array of objects that is larger than the sample.
bool begins_an_object(std::string_view sample) {
  sample.remove_prefix(separators_before(sample, Run::documents));
  if (sample.starts_with('[')) sample.remove_prefix(1);
  while (!sample.empty() && is_space(sample.front())) sample.remove_prefix(1);
  if (!sample.starts_with('{')) return false;
  sample = trim(sample.substr(1));
  const std::size_t end = sample.find('"', 1);
  if (!sample.starts_with('"') || end == std::string_view::npos) return false;
  return trim(sample.substr(end + 1)).starts_with(':');
}

// Reads the sample as it would be read.
Detected detect_by_reading(std::string_view sample, bool at_end) {
  const event::FieldTable no_fields;
  JsonSplitter splitter;
  JsonParser parser(no_fields, {});
  event::Batch batch;
  std::size_t rows = 0;
  std::size_t rejects = 0;
  bool known = false;
  std::string what;
  const Layout layout = layout_of(sample, at_end);
  for (;;) {
    const Cut cut = splitter.cut(sample, at_end);
    if (cut.skip + cut.size == 0) break;
    batch.clear();
    parser.parse({sample.substr(cut.skip, cut.size), cut.context}, batch);
    if (rows == 0 && !batch.rows().empty()) {
      const event::Logsource* const source = batch.rows().front().logsource;
      known = source != nullptr;
      what = (layout == Layout::lines ? "JSON lines" : "JSON") + source_for_people(source);
    }
    rows += batch.rows().size();
    rejects += batch.rejects().size();
    sample.remove_prefix(cut.skip + cut.size);
  }
  if (rows == 0) return {};
  if (rejects == 0 && (rows > 1 || known)) return {Confidence::certain, what};
  return {rows > rejects ? Confidence::likely : Confidence::possible, what};
}

Detected detect(std::string_view sample, std::string_view) {
  if (sample.find_first_of("{[") == std::string_view::npos) return {};
  if (Detected detected = detect_by_reading(sample, false); detected.confidence != Confidence::none) return detected;
  if (Detected detected = detect_by_reading(sample, true); detected.confidence != Confidence::none) return detected;
  return begins_an_object(sample) ? Detected{Confidence::likely, "JSON"} : Detected{};
}

std::unique_ptr<Splitter> make_splitter(const Options&) {
  return std::make_unique<JsonSplitter>();
}

std::unique_ptr<Parser> make_parser(const event::FieldTable& table, const Options& options) {
  return std::make_unique<JsonParser>(table, options);
}

}  // namespace

Format format() {
  return {
      .name = "json",
      .description = "JSON: lines, arrays, pretty-printed or wrapped; Windows, cloud, Zeek, Suricata and any other",
      .assumptions =
          "event time: the first readable one of the usual fields (TimeCreated, @timestamp, UtcTime, eventTime, ts …); "
          "without zone: --assume-zone, else UTC; logsource: from the event's fields, else unknown unless "
          "--logsource says it",
      .binary = false,
      .zone_may_lack = true,
      .detect = detect,
      .make_splitter = make_splitter,
      .make_parser = make_parser};
}

}  // namespace weir::formats::json
