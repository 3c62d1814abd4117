// ArcSight Common Event Format, perhaps behind a syslog header:
//   CEF:0|vendor|product|version|event class id|name|severity|key=value key=value …
// In the header "\|" and "\\" are escaped, in values "\=", "\\", "\n" and "\r"; values hold blanks. cs1Label names what
// cs1 is: the value is there under both names.

#include "formats/key_values.h"
#include "formats/lines.h"
#include "formats/text_formats.h"
#include "formats/text_time.h"
#include "formats/vendor_events.h"

namespace weir::formats {
namespace {

constexpr std::string_view kSignature = "CEF:";
constexpr std::string_view kNotCef = "no CEF signature in the line";
constexpr std::string_view kCutHeader = "CEF header has fewer than 7 parts";

class CefParser final : public Parser {
 public:
  CefParser(const event::FieldTable& table, const Options& options)
      : options_(options), names_(table), aliases_(names_), time_fields_(names_) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    for_each_text_line(chunk, batch, [&](std::string_view line, std::uint64_t number) {
      const std::size_t at = find_signature(line, kSignature);
      if (at == std::string_view::npos) return reject(batch, number, kNotCef, line);
      batch.begin_row();
      std::string_view rest = line.substr(at + kSignature.size());
      if (!add_header(rest, batch)) {
        batch.drop_row();
        return reject(batch, number, kCutHeader, line);
      }
      add_present(batch, timestamp_, time_before(line, at));
      add_pairs(rest, batch);
      finish_row(batch, number, chosen_logsource(options_, nullptr), line);
    });
  }

  // rt (when the device received the event), else end, start, else what stands in a usual place or the syslog header.
  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    for (const event::Field* field : {rt_, end_, start_}) {
      const auto text = find_text(batch, row, field);
      if (!text) continue;
      if (const auto time = parse_any_time(*text, options_)) return time;
    }
    return time_fields_.time_of(batch, row, options_);
  }

 private:
  bool add_header(std::string_view& rest, event::Batch& batch) const {
    take_header_part(rest);  // The version, which find_signature has seen.
    for (const event::Field* field : header_fields_) {
      const bool last = field == header_fields_[5];
      auto part = take_header_part(rest);
      // Senders leave the bar away where no extension follows.
      if (!part && last && !rest.empty()) {
        part = rest;
        rest = {};
      }
      if (!part) return false;
      const std::string_view text = unescape_cef(*part, batch);
      batch.add(field, kind_of(text), text);
    }
    return true;
  }

  void add_pairs(std::string_view extension, event::Batch& batch) {
    CefPairs pairs(extension);
    KeyValue pair;
    for (std::size_t count = 0; count < kCellsPerRowMax && pairs.next(pair); ++count) {
      const event::ValueKind kind = kind_of(pair.value);
      const std::string_view value = unescape_cef(pair.value, batch);
      batch.add(names_.resolve(pair.key), kind, value);
      aliases_.add(pair.key, kind, value, batch);
    }
    if (!pairs.rest().empty()) batch.add(extra_, event::ValueKind::string, pairs.rest());
    add_labelled(batch);
  }

  // cs1Label=Policy cs1=Block → Policy=Block.
  void add_labelled(event::Batch& batch) {
    constexpr std::string_view kLabel = "Label";
    const std::size_t count = batch.open_cells().size();
    for (std::size_t i = 0; i < count; ++i) {
      const event::Cell label = batch.open_cells()[i];
      const std::string_view name = label.field->name;
      if (!name.ends_with(kLabel) || label.size == 0 || label.size > kNameBytesMax) continue;
      const std::string_view base = name.substr(0, name.size() - kLabel.size());
      for (std::size_t j = 0; j < count; ++j) {
        const event::Cell value = batch.open_cells()[j];
        if (value.field->name != base) continue;
        batch.add(names_.resolve({label.data, label.size}), value.kind, {value.data, value.size});
        break;
      }
    }
  }

  const Options options_;
  event::FieldNames names_;
  VendorAliases aliases_;
  TimeFields time_fields_;
  const event::Field* header_fields_[6] = {names_.resolve("deviceVendor"),  names_.resolve("deviceProduct"),
                                           names_.resolve("deviceVersion"), names_.resolve("deviceEventClassId"),
                                           names_.resolve("name"),          names_.resolve("severity")};
  const event::Field* rt_ = names_.resolve("rt");
  const event::Field* end_ = names_.resolve("end");
  const event::Field* start_ = names_.resolve("start");
  const event::Field* timestamp_ = names_.resolve("timestamp");
  const event::Field* extra_ = names_.resolve(kExtraField);
};

Detected detect(std::string_view sample, std::string_view) {
  const int percent = percent_of(sample_lines(sample), [](std::string_view line) {
    return find_signature(line, kSignature) != std::string_view::npos;
  });
  return detected_by_share(percent, 50, "CEF events");
}

}  // namespace

Format cef_format() {
  return {.name = "cef",
          .description = "ArcSight Common Event Format, also behind syslog headers",
          .assumptions =
              "event time: rt, else end, else start, else the syslog header's; without zone: --assume-zone, else "
              "UTC; logsource: unknown unless --logsource says it",
          .zone_may_lack = true,
          .year_may_lack = true,
          .detect = detect,
          .make_splitter = [](const Options&) -> std::unique_ptr<Splitter> { return std::make_unique<LineSplitter>(); },
          .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
            return std::make_unique<CefParser>(table, options);
          }};
}

}  // namespace weir::formats
