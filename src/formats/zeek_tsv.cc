// Zeek's logs as tab-separated values. Lines that begin with "#" say how the rest is written:
//   #separator \x09   #set_separator ,   #empty_field (empty)   #unset_field -   #path http   #fields ts uid …   #types
//   …
// They may come again in the middle of a file (concatenated logs), so the splitter carries them as a Context.

#include "base/utf8.h"
#include "event/time.h"
#include "formats/lines.h"
#include "formats/text_formats.h"

namespace weir::formats {
namespace {

constexpr std::string_view kNoHeader = "Zeek record before any #fields line";

struct ZeekColumn {
  std::string name;
  bool number = false;
  bool boolean = false;
  bool container = false;  // A set or vector: several values.
  bool operator==(const ZeekColumn&) const = default;
};

struct ZeekHeader final : Context {
  char separator = '\t';
  char set_separator = ',';
  std::string empty_field = "(empty)";
  std::string unset_field = "-";
  std::string path;
  std::vector<ZeekColumn> columns;

  void apply(std::string_view line);
};

// "\x09" or the character itself.
char separator_of(std::string_view text, char otherwise) {
  if (text.size() == 4 && text.starts_with("\\x")) {
    const int high = hex_value(text[2]);
    const int low = hex_value(text[3]);
    if (high >= 0 && low >= 0) return static_cast<char>(high * 16 + low);
  }
  return text.size() == 1 ? text.front() : otherwise;
}

void set_type(ZeekColumn& column, std::string_view type) {
  column.container = type.starts_with("set[") || type.starts_with("vector[");
  if (column.container) type = type.substr(type.find('[') + 1), type.remove_suffix(type.ends_with(']') ? 1 : 0);
  column.boolean = type == "bool";
  column.number =
      type == "time" || type == "interval" || type == "count" || type == "int" || type == "double" || type == "port";
}

// A directive line; others than those above say nothing about the records.
void ZeekHeader::apply(std::string_view line) {
  if (line.starts_with("#separator ")) {
    separator = separator_of(line.substr(11), '\t');
    return;
  }
  const std::string_view name = take_until(line, separator);
  if (name == "#set_separator") set_separator = separator_of(line, ',');
  if (name == "#empty_field") empty_field = valid_name(line);
  if (name == "#unset_field") unset_field = valid_name(line);
  if (name == "#path") path = valid_name(line);
  if (name == "#fields") {
    columns.clear();
    while (!line.empty() && columns.size() < kColumnsMax) {
      columns.push_back({.name = valid_name(take_until(line, separator))});
    }
  }
  if (name == "#types") {
    for (ZeekColumn& column : columns) set_type(column, take_until(line, separator));
  }
}

class ZeekSplitter final : public Splitter {
 public:
  Cut cut(std::string_view data, bool at_end) override {
    LineSplitter lines;
    Cut cut = lines.cut(data, at_end);
    cut.context = header_;
    read_directives(data.substr(0, cut.size));
    return cut;
  }

 private:
  void read_directives(std::string_view bytes) {
    std::shared_ptr<ZeekHeader> next;
    for_each_directive(bytes, [&](std::string_view line) {
      if (next == nullptr) next = std::make_shared<ZeekHeader>(*header_);
      next->apply(line);
    });
    if (next != nullptr) header_ = std::move(next);
  }

  std::shared_ptr<const ZeekHeader> header_ = std::make_shared<ZeekHeader>();
};

// Zeek writes separators inside values as \xNN, and a backslash twice.
std::string_view unescape(std::string_view text, event::Batch& batch) {
  if (text.find('\\') == std::string_view::npos) return text;
  char* const start = batch.arena().allocate(text.size());
  char* out = start;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size() && text[i + 1] == 'x' && hex_value(text[i + 2]) >= 0 &&
        hex_value(text[i + 3]) >= 0) {
      *out++ = static_cast<char>(hex_value(text[i + 2]) * 16 + hex_value(text[i + 3]));
      i += 3;
      continue;
    }
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '\\') ++i;
    *out++ = text[i];
  }
  const std::string_view result(start, out);
  return is_valid_text(result) ? result : batch.arena().copy(repaired_utf8(result));
}

class ZeekTsvParser final : public Parser {
 public:
  ZeekTsvParser(const event::FieldTable& table, const Options& options) : options_(options), names_(table) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    take_context(chunk.context);
    for_each_text_line(chunk, batch, [&](std::string_view line, std::uint64_t number) {
      if (line.front() == '#') {
        header_.apply(line);
        resolve();
        return;
      }
      if (fields_.empty()) return reject(batch, number, kNoHeader, line);
      batch.begin_row();
      add_cells(line, batch);
      finish_row(batch, number, logsource_, line);
    });
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    const auto text = find_text(batch, row, ts_);
    if (!text) return std::nullopt;
    const auto time = event::parse_epoch_time(*text);
    return time ? time : event::parse_iso_time(*text, options_.zone_offset);
  }

 private:
  // The same Context comes again with every chunk of a file, so its names are resolved once.
  void take_context(const std::shared_ptr<const Context>& context) {
    const auto* header = dynamic_cast<const ZeekHeader*>(context.get());
    if (header == nullptr)
      header_ = ZeekHeader();
    else if (header != known_.get() || changed_)
      header_ = *header;
    else
      return;
    known_ = context;
    resolve();
    changed_ = false;
  }

  void resolve() {
    changed_ = true;
    fields_.clear();
    for (const ZeekColumn& column : header_.columns) fields_.push_back(names_.resolve(column.name));
    aliases_.assign(fields_.size(), nullptr);
    if (header_.path == "http") {
      // Rules of zeek/http also use the proxy's names.
      for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (header_.columns[i].name == "uri") aliases_[i] = names_.resolve("c-uri");
        if (header_.columns[i].name == "user_agent") aliases_[i] = names_.resolve("c-useragent");
      }
    }
    choose_logsource();
  }

  void choose_logsource() {
    // Distinct paths in one run are few; a file that names more than this keeps the last.
    constexpr std::size_t kPathsMax = 256;
    for (const auto& known : logsources_) {
      if (known->services.front() == header_.path) {
        logsource_ = chosen_logsource(options_, known.get());
        return;
      }
    }
    if (logsources_.size() >= kPathsMax) return;
    logsources_.push_back(std::make_unique<event::Logsource>(
        event::Logsource{.product = "zeek", .categories = {}, .services = {header_.path}}));
    logsource_ = chosen_logsource(options_, logsources_.back().get());
  }

  void add_cells(std::string_view line, event::Batch& batch) const {
    for (std::size_t i = 0; i < fields_.size() && !line.empty(); ++i) {
      const std::string_view text = take_until(line, header_.separator);
      if (text == header_.unset_field) continue;
      const ZeekColumn& column = header_.columns[i];
      if (column.container) {
        add_elements(fields_[i], column, text, batch);
        continue;
      }
      add_value(fields_[i], column, text, batch);
      if (aliases_[i] != nullptr && aliases_[i]->id != event::kUnread) add_value(aliases_[i], column, text, batch);
    }
    if (!line.empty()) batch.add(extra_, event::ValueKind::string, line);
  }

  void add_value(const event::Field* field, const ZeekColumn& column, std::string_view text,
                 event::Batch& batch) const {
    using enum event::ValueKind;
    if (text == header_.empty_field) return batch.add(field, string, {});
    if (column.boolean && (text == "T" || text == "F"))
      return batch.add(field, boolean, text == "T" ? "true" : "false");
    if (column.number) return batch.add(field, number, text);
    batch.add(field, string, unescape(text, batch));
  }

  // An empty container has no values at all.
  void add_elements(const event::Field* field, const ZeekColumn& column, std::string_view text,
                    event::Batch& batch) const {
    if (text == header_.empty_field) return;
    for (std::size_t count = 0; !text.empty(); ++count) {
      if (count == kCellsPerRowMax) return batch.add(field, event::ValueKind::string, text);
      const std::string_view element = take_until(text, header_.set_separator);
      if (element != header_.unset_field) add_value(field, column, element, batch);
    }
  }

  const Options options_;
  event::FieldNames names_;
  ZeekHeader header_;
  std::shared_ptr<const Context> known_;
  bool changed_ = true;  // header_ is no longer what known_ says.
  std::vector<const event::Field*> fields_;
  std::vector<const event::Field*> aliases_;
  std::vector<std::unique_ptr<const event::Logsource>> logsources_;
  const event::Logsource* logsource_ = nullptr;
  const event::Field* ts_ = names_.resolve("ts");
  const event::Field* extra_ = names_.resolve(kExtraField);
};

Detected detect(std::string_view sample, std::string_view) {
  bool separator = false;
  std::string_view path = "unknown";
  for (const std::string_view line : sample_lines(sample)) {
    if (line.starts_with("#separator ")) separator = true;
    if (line.starts_with("#path") && line.size() > 6) path = line.substr(6, kNameBytesMax);
    if (separator && line.starts_with("#fields")) {
      return {Confidence::certain, "Zeek log (TSV), path " + std::string(path)};
    }
  }
  return {};
}

}  // namespace

Format zeek_tsv_format() {
  return {
      .name = "zeek",
      .description = "Zeek log as tab-separated values with its # header",
      .assumptions = "event time: column ts, seconds since 1970 (UTC); logsource: product zeek, service as #path says",
      .detect = detect,
      .make_splitter = [](const Options&) -> std::unique_ptr<Splitter> { return std::make_unique<ZeekSplitter>(); },
      .make_parser = [](const event::FieldTable& table, const Options& options) -> std::unique_ptr<Parser> {
        return std::make_unique<ZeekTsvParser>(table, options);
      }};
}

}  // namespace weir::formats
