#pragma once

// BinXML compiled ([MS-EVEN6] 2.2.12 to 2.2.16). Most of a record's XML is the same for all records of its kind and
// stands once per chunk as a template definition with numbered holes. Such a definition, or any other run of BinXML
// tokens, is turned once into a Program: a flat list of the cells that an event of this kind has, each made of literal
// pieces and of holes. Reading a record then is running through that list.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "event/field.h"
#include "formats/evtx/bytes.h"
#include "formats/windows_event.h"

namespace weir::formats::evtx {

struct Piece {
  enum class Kind : std::uint8_t { literal, normal, optional };

  Kind kind = Kind::literal;
  std::uint16_t substitution = 0;  // The hole's number; unless literal.
  std::uint32_t begin = 0;         // In Program::literals; if literal.
  std::uint32_t size = 0;
};

// One cell in the making.
struct Emission {
  const event::Field* field = nullptr;  // Null: the first name_count pieces spell its name.
  std::uint32_t first_piece = 0;
  std::uint32_t name_count = 0;
  std::uint32_t piece_count = 0;  // Without those of the name.
  Place inside = Place::data;     // Where BinXML stands that is embedded here.
  bool is_attribute = false;
};

struct Program {
  std::string literals;
  std::vector<Piece> pieces;
  std::vector<Emission> emissions;
  const char* literals_in_batch = nullptr;  // The copy of `literals` that cells of the current batch may point to.

  void clear();
};

// How the tokens came here decides whether elements carry a dependency identifier (2.2.12, footnote on its absence).
enum class TokenSource : std::uint8_t { template_definition, record, substitution };

// Compiles chunk[begin, end) into `program`, for elements that stand at `place`. Returns why it cannot be read, or an
// empty text. One thread at a time; keeps its memory for the next program.
class Compiler {
 public:
  explicit Compiler(WindowsFields& fields) : fields_(fields) {}

  std::string_view compile(std::string_view chunk, std::uint32_t begin, std::uint32_t end, Place place,
                           TokenSource source, Program& program);

 private:
  struct Element {
    std::string_view name;
    Place place = Place::outside;   // Where it stands.
    Place inside = Place::outside;  // Where its children stand.
    bool has_children = false;
    std::string_view attribute;  // The one that is open; empty: none.
    std::vector<Piece> attribute_pieces;
    std::vector<Piece> name_pieces;  // Of its Name attribute.
    std::vector<Piece> content;
  };

  std::string_view take_token(std::uint8_t token);
  std::string_view open_element(bool has_attributes);
  bool has_dependency_identifier() const;
  void close_attribute();
  std::string_view close_element();
  std::string_view take_literal();
  void add_literal(std::string_view text);
  void add_substitution(bool optional);
  std::string_view take_entity();
  std::string_view take_name();
  std::vector<Piece>* open_pieces();
  void emit(const event::Field* field, const Element& element, std::span<const Piece> pieces, bool is_attribute);
  void emit_content(const Element& element);
  const event::Field* field_of(const Element& element);
  bool is_literal(std::span<const Piece> pieces) const;
  std::string_view literal_text(const Piece& piece) const;

  WindowsFields& fields_;
  Arena names_;
  std::vector<Element> elements_;  // The first depth_ are open; the others keep their memory.
  std::size_t depth_ = 0;

  // Of the program being compiled.
  std::string_view chunk_;
  ByteReader reader_{{}, 0, 0};
  TokenSource source_ = TokenSource::record;
  Place outermost_ = Place::outside;
  Program* program_ = nullptr;
};

// The name structure at `offset`: next string (4 bytes), hash (2), length (2), UTF-16, zero. Whether its hash fits.
bool is_name_at(std::string_view chunk, std::uint32_t offset);

// [MS-EVEN6] 2.2.12, NameHash.
std::uint16_t hash_name(std::string_view utf16);

}  // namespace weir::formats::evtx
