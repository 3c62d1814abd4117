// Separated values with a header: CSV, TSV, and files with ";" or "|" as separator. The header's names are the fields;
// --fields names the columns of a file without one.

#include "formats/csv_records.h"
#include "formats/lines.h"
#include "formats/text_formats.h"
#include "formats/text_time.h"

namespace weir::formats {
namespace {

std::string_view name_of_separator(char separator) {
  switch (separator) {
    case ',': return "comma";
    case '\t': return "tab";
    case ';': return "semicolon";
    default: return "bar";
  }
}

constexpr std::string_view kSeparators = ",\t;|";

struct CsvHeader final : Context {
  char separator = ',';
  std::vector<std::string> names;
};

std::string_view without_newline(std::string_view record) {
  if (record.ends_with('\n')) record.remove_suffix(1);
  if (record.ends_with('\r')) record.remove_suffix(1);
  return record;
}

// The separator that the line has most of, outside quotes; of equals the first of kSeparators.
char most_frequent_separator(std::string_view line) {
  std::size_t counts[kSeparators.size()] = {};
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    const std::size_t which = quoted ? std::string_view::npos : kSeparators.find(c);
    if (which != std::string_view::npos) ++counts[which];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts)];
}

// A column without a name gets its number.
std::vector<std::string> read_names(std::string_view record, char separator) {
  std::vector<std::string> names;
  event::Batch scratch;
  CsvCells cells(record, separator);
  std::string_view cell;
  while (names.size() < kColumnsMax && cells.next(scratch, cell)) {
    cell = trim(cell);
    names.push_back(cell.empty() ? "column_" + std::to_string(names.size() + 1) : valid_name(cell));
  }
  return names;
}

class CsvSplitter final : public Splitter {
 public:
  explicit CsvSplitter(const Options& options) : given_names_(options.field_names) {}

  Cut cut(std::string_view data, bool at_end) override {
    Cut cut;
    if (header_ == nullptr) {
      if (!read_header(data, at_end, cut.skip)) return {};
      data.remove_prefix(cut.skip);
    }
    cut.context = header_;
    cut.size = whole_records(data, at_end);
    return cut;
  }

 private:
  // False: more bytes are needed.
  bool read_header(std::string_view data, bool at_end, std::size_t& skip) {
    const std::string_view text = without_byte_order_mark(data);
    const std::size_t mark = data.size() - text.size();
    const std::size_t line_end = text.find('\n');
    if (line_end == std::string_view::npos && !at_end) return false;
    const std::string_view first = without_newline(text.substr(0, line_end));
    auto header = std::make_shared<CsvHeader>();
    // Excel's way to name the separator.
    const std::size_t excel =
        first.size() == 5 && first.starts_with("sep=") ? std::min(line_end, text.size() - 1) + 1 : 0;
    header->separator = excel > 0 ? first[4] : most_frequent_separator(first);
    const std::size_t size = csv_record_size(text.substr(excel), header->separator, at_end);
    if (size == 0 && !at_end) return false;
    header->names = read_names(without_newline(text.substr(excel, size)), header->separator);
    skip = mark + excel + size;
    if (!given_names_.empty() && header->names != given_names_) {
      header->names = given_names_;
      skip = mark + excel;
    }
    header_ = std::move(header);
    return true;
  }

  std::size_t whole_records(std::string_view data, bool at_end) const {
    if (at_end) return data.size();
    if (data.find('"') == std::string_view::npos) return data.rfind('\n') + 1;  // npos + 1 is 0.
    std::size_t size = 0;
    for (;;) {
      const std::size_t next = csv_record_size(data.substr(size), header_->separator, false);
      if (next == 0) return size;
      size += next;
    }
  }

  const std::vector<std::string> given_names_;
  std::shared_ptr<const CsvHeader> header_;
};

class CsvParser final : public Parser {
 public:
  CsvParser(const event::FieldTable& table, const Options& options)
      : options_(options), names_(table), time_fields_(names_) {
    logsource_ = chosen_logsource(options_, nullptr);
  }

  void parse(const Chunk& chunk, event::Batch& batch) override {
    const auto* header = dynamic_cast<const CsvHeader*>(chunk.context.get());
    if (header == nullptr) return;
    resolve(*header, chunk.context);
    const bool clean = is_valid_text(chunk.bytes);
    std::string_view bytes = chunk.bytes;
    std::uint64_t number = 0;
    for (; !bytes.empty(); ++number) {
      const std::size_t size = csv_record_size(bytes, header->separator, true);
      const std::string_view record = without_newline(bytes.substr(0, size));
      bytes.remove_prefix(size);
      if (record.empty() || !accept_size(record, number, batch)) continue;
      add_row(clean ? record : valid_text(record, batch), header->separator, number, batch);
    }
    batch.set_record_count(number);
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    return time_fields_.time_of(batch, row, options_);
  }

 private:
  void resolve(const CsvHeader& header, const std::shared_ptr<const Context>& context) {
    if (known_ == context) return;
    known_ = context;
    fields_.clear();
    for (const std::string& name : header.names) fields_.push_back(names_.resolve(name));
  }

  void add_row(std::string_view record, char separator, std::uint64_t number, event::Batch& batch) const {
    batch.begin_row();
    CsvCells cells(record, separator);
    std::string_view cell;
    for (const event::Field* field : fields_) {
      if (!cells.next(batch, cell)) break;
      batch.add(field, kind_of(cell), cell);
    }
    if (!cells.rest().empty()) batch.add(extra_, event::ValueKind::string, cells.rest());
    finish_row(batch, number, logsource_, record);
  }

  const Options options_;
  event::FieldNames names_;
  TimeFields time_fields_;
  const event::Logsource* logsource_ = nullptr;
  std::shared_ptr<const Context> known_;
  std::vector<const event::Field*> fields_;
  const event::Field* extra_ = names_.resolve(kExtraField);
};

// Names as people give columns: letters, digits, a few signs, not only digits, not long.
bool looks_like_names(const std::vector<std::string>& names) {
  constexpr std::size_t kUsualNameMax = 64;
  for (const std::string& name : names) {
    if (name.size() > kUsualNameMax || !(is_alpha(name.front()) || name.front() == '_' || name.front() == '@'))
      return false;
    for (const char c : name) {
      const bool usual = is_alpha(c) || is_digit(c) || std::string_view(" _-.@()/#%").find(c) != std::string_view::npos;
      if (!usual && static_cast<unsigned char>(c) < 0x80) return false;
    }
  }
  return true;
}

Detected detect(std::string_view sample, std::string_view file_name) {
  const std::string_view text = without_byte_order_mark(sample);
  const std::string_view first = without_newline(text.substr(0, text.find('\n')));
  const char separator = most_frequent_separator(first);
  const std::vector<std::string> names = read_names(first, separator);
  if (names.size() < 2 || first.size() == text.size() || !looks_like_names(names)) return {};
  event::Batch scratch;
  int records = 0;
  int fitting = 0;
  std::size_t at = first.size();
  for (at = std::min(text.find('\n') + 1, text.size()); at < text.size() && records < 20; ++records) {
    const std::size_t size = csv_record_size(text.substr(at), separator, false);
    if (size == 0) break;
    CsvCells cells(without_newline(text.substr(at, size)), separator);
    std::size_t count = 0;
    std::string_view cell;
    while (count <= names.size() && cells.next(scratch, cell)) ++count;
    fitting += count == names.size() ? 1 : 0;
    at += size;
  }
  const bool named = file_name.ends_with(".csv") || file_name.ends_with(".tsv");
  if (records == 0 ? !named : fitting * 10 < records * 8) return {};
  const std::string what = std::string(name_of_separator(separator)) + "-separated values with header";
  if (names.size() == 2 && !named) return {Confidence::possible, what};
  return {named || fitting > 1 ? Confidence::certain : Confidence::likely, what};
}

}  // namespace

Format csv_format() {
  return {.name = "csv",
          .description = "Separated values (comma, tab, semicolon or bar) with a header, or with --fields",
          .assumptions =
              "event time: the first column of a usual name (timestamp, @timestamp, time, date and time, "
              "UtcTime, ts …) that can be read; without zone: --assume-zone, else UTC; logsource: unknown "
              "unless --logsource says it",
          .zone_may_lack = true,
          .year_may_lack = true,
          .detect = detect,
          .make_splitter = [](const Options& options) -> std::unique_ptr<Splitter> {
            return std::make_unique<CsvSplitter>(options);
          },
          .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
            return std::make_unique<CsvParser>(table, options);
          }};
}

}  // namespace weir::formats
