#pragma once

// Cuts a JSON input between its records, whatever its layout, told from its first bytes:
//
//   lines     a record per line. A damaged line harms no other.
//   document  values of any layout one after another (pretty-printed, concatenated), the elements of an array, or the
//             events inside a wrapper object (wrapper.h). A record is one value; brackets, commas and what a wrapper
//             has around its array belong to none.
//
// A record of more than kRecordBytesMax is handed on up to there, to be rejected by name, and the rest of it is
// skipped.

#include <cstdint>
#include <memory>
#include <string_view>

#include "formats/format.h"
#include "formats/json/structure.h"

namespace weir::formats::json {

enum class Layout : std::uint8_t { unknown, lines, document };

// Unknown: more bytes are needed, or there are none but blanks.
Layout layout_of(std::string_view start, bool at_end);

// What a run of records lies between: documents, of which one may follow another, or the brackets of an array.
enum class Run : std::uint8_t { documents, elements };

// What chunks of a document carry; chunks of lines carry none.
struct DocumentContext final : Context {
  explicit DocumentContext(Run records) : run(records) {}
  Run run;
};

// Where a run of bytes that begins no object or array ends: before the next bracket, at the end of its line, or when it
// is as long as a record may be. npos if that is not in `text`.
std::size_t end_of_stray(std::string_view text);

// How many bytes at the start of `text` may stand between two records: blanks, commas, the record separator of RFC
// 7464. A byte order mark is passed over where a document may begin (RFC 8259, section 8.1; files that were put one
// behind another each bring their own) and nowhere inside one.
std::size_t separators_before(std::string_view text, Run run);

class JsonSplitter final : public Splitter {
 public:
  Cut cut(std::string_view data, bool at_end) override;

 private:
  enum class Where : std::uint8_t { top, array, skipping };

  // Goes through the rest of a value that belongs to no record.
  struct Skipper {
    std::int64_t depth = 0;
    bool in_string = false;
    bool escaped = false;

    std::size_t skip(std::string_view data);  // Bytes taken; done once depth is 0.
  };

  Cut cut_lines(std::string_view data, bool at_end);
  Cut cut_document(std::string_view data, bool at_end);
  // One step at `data`, which begins with no separator: bytes to go on by, and whether they are a record.
  struct Step {
    std::size_t size = 0;  // 0: more bytes are needed.
    bool record = false;
  };
  Step step(std::string_view data, bool at_end);
  Step step_over_opening(std::string_view data, bool at_end);
  Step step_over_value(std::string_view data, bool at_end);

  Layout layout_ = Layout::unknown;
  Where where_ = Where::top;
  Where behind_skipped_ = Where::top;
  Skipper skipper_;
  std::int64_t wrapper_depth_ = 0;  // Objects still open around the array.
  bool skipping_line_ = false;
  Structure structure_;
  std::shared_ptr<const Context> documents_ = std::make_shared<DocumentContext>(Run::documents);
  std::shared_ptr<const Context> elements_ = std::make_shared<DocumentContext>(Run::elements);
};

}  // namespace weir::formats::json
