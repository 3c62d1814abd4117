#include "formats/parsed_rows.h"

#include <cstring>

#include "base/check.h"

namespace weir::formats {
namespace {

std::string shown(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else
      out += c;
  }
  return value.find(' ') == std::string_view::npos ? out : "\"" + out + "\"";
}

class Printer {
 public:
  Printer(const Format& format, const Reading& reading) : reading_(reading) {
    for (const std::string& name : reading.read_fields) table_.intern(name);
    parser_ = format.make_parser(table_, reading.options);
  }

  void parse(std::string_view bytes, std::shared_ptr<const Context> context) {
    // A copy of the exact size with kPadding behind it, so that a sanitizer sees every byte read too far.
    const auto buffer = std::make_unique<char[]>(bytes.size() + kPadding);
    if (!bytes.empty()) std::memcpy(buffer.get(), bytes.data(), bytes.size());
    std::memset(buffer.get() + bytes.size(), 0, kPadding);
    batch_.clear();
    parser_->parse({.bytes = {buffer.get(), bytes.size()}, .context = std::move(context)}, batch_);
    print();
    result_.records += batch_.record_count();
    result_.repaired += batch_.repaired();
  }

  Printed take() { return std::move(result_); }

 private:
  void print() {
    std::size_t reject = 0;
    for (const event::Row& row : batch_.rows()) {
      while (reject < batch_.rejects().size() && batch_.rejects()[reject].number < row.number)
        print(batch_.rejects()[reject++]);
      print(row);
    }
    while (reject < batch_.rejects().size()) print(batch_.rejects()[reject++]);
  }

  void print(const event::Reject& reject) {
    ++result_.rejects;
    if (result_.rejects > reading_.rows_shown_max) return;
    result_.text += fmt::format("{} reject: {}\n", result_.records + reject.number, reject.reason);
  }

  void print(const event::Row& row) {
    const auto time = parser_->time_of(batch_, row);
    result_.timed += time ? 1 : 0;
    if (++result_.rows > reading_.rows_shown_max) return;
    std::string& out = result_.text;
    out += fmt::format("{} {} {} |", result_.records + row.number, time ? event::format_time(*time) : "-",
                       row.logsource == nullptr ? "-" : event::to_string(*row.logsource));
    for (event::Cell& cell : batch_.cells(row)) {
      CHECK(cell.field != nullptr);
      out += fmt::format(" {}={}", cell.field->name, shown(batch_.text(cell)));
    }
    out += '\n';
  }

  const Reading& reading_;
  event::FieldTable table_;
  std::unique_ptr<Parser> parser_;
  event::Batch batch_;
  Printed result_;
};

}  // namespace

Printed print_rows(const Format& format, std::string_view input, const Reading& reading) {
  Printer printer(format, reading);
  const std::unique_ptr<Splitter> splitter = format.make_splitter(reading.options);
  std::string_view rest = input;
  std::size_t seen = 0;
  for (;;) {
    seen = std::min(seen + reading.piece_bytes, rest.size());
    const bool at_end = seen == rest.size();
    const Cut cut = splitter->cut(rest.substr(0, seen), at_end);
    CHECK_LE(cut.skip + cut.size, seen);
    if (cut.size > 0) printer.parse(rest.substr(cut.skip, cut.size), cut.context);
    rest.remove_prefix(cut.skip + cut.size);
    seen -= cut.skip + cut.size;
    if (at_end && cut.skip + cut.size == 0) break;
    if (at_end && rest.empty()) break;
  }
  return printer.take();
}

}  // namespace weir::formats
