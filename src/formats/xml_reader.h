#pragma once

// A pull reader for XML 1.0 as logs hold it: elements, attributes, text, CDATA, comments, processing instructions, the
// five predefined entities and character references. No DTD: a DOCTYPE is an error, and so is every other entity, which
// is why nothing here can grow. Borrowed bytes; text that must be changed goes to the arena. One thread at a time.

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"

namespace weir::formats {

struct XmlAttribute {
  std::string_view name;
  std::string_view value;
};

class XmlReader {
 public:
  enum class Token : std::uint8_t {
    open,   // name() and attributes(); an empty element is opened and closed.
    close,  // name()
    text,   // text(), CDATA too; a run of text may come in several tokens.
    end,    // No more bytes.
    error,  // reason(); the reader stands where it happened.
  };

  XmlReader(std::string_view bytes, std::size_t position, Arena& arena)
      : bytes_(bytes), position_(position), arena_(arena) {}

  Token next();

  std::string_view name() const { return name_; }
  const std::vector<XmlAttribute>& attributes() const { return attributes_; }
  std::string_view text() const { return text_; }
  std::string_view reason() const { return reason_; }
  // Behind the last token.
  std::size_t position() const { return position_; }

 private:
  Token take_text();
  Token take_open();
  Token take_close();
  Token take_cdata();
  bool take_attribute();
  void skip_blanks();
  std::string_view take_name();
  bool resolve(std::string_view raw, std::string_view& text);
  Token error(std::string_view reason);

  std::string_view bytes_;
  std::size_t position_;
  Arena& arena_;
  std::string_view name_;
  std::vector<XmlAttribute> attributes_;
  std::string_view text_;
  std::string_view reason_;
  bool is_empty_element_ = false;
};

// One of the five entities that XML 1.0, section 4.6, predefines; 0 for any other name.
char predefined_entity(std::string_view name);

// The code point that the reference `name` (between & and ;) stands for (XML 1.0, section 4.1): a predefined entity or
// a character by its number, U+FFFD for a surrogate's; 0 if there is no such. Control characters, which XML 1.0 leaves
// out, are given as they are: Windows writes them.
char32_t resolve_reference(std::string_view name);

// Where the comment, CDATA section or processing instruction that begins at `position` ends; `position` itself if none
// begins there; `bytes.size()` if it does not end.
std::size_t end_of_section(std::string_view bytes, std::size_t position);

}  // namespace weir::formats
