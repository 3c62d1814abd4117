#include "formats/evtx/program.h"

#include <algorithm>
#include <span>

#include "base/check.h"
#include "base/text.h"
#include "base/utf8.h"
#include "formats/evtx/value.h"
#include "formats/xml_reader.h"

namespace weir::formats::evtx {
namespace {

constexpr std::size_t kDepthMax = 64;

// Set on a token when more of its kind follow.
constexpr std::uint8_t kMoreFlag = 0x40;

enum Token : std::uint8_t {
  kEndOfStream = 0x00,
  kOpenStartElement = 0x01,
  kCloseStartElement = 0x02,
  kCloseEmptyElement = 0x03,
  kEndElement = 0x04,
  kValue = 0x05,
  kAttribute = 0x06,
  kCData = 0x07,
  kCharacterReference = 0x08,
  kEntityReference = 0x09,
  kProcessingTarget = 0x0a,
  kProcessingData = 0x0b,
  kNormalSubstitution = 0x0d,
  kOptionalSubstitution = 0x0e,
  kFragmentHeader = 0x0f,
};

constexpr std::uint32_t kNameHead = 8;
// Windows' own names stay far below; without a limit a long one that is used a thousand times would fill memory.
constexpr std::uint32_t kNameUnitsMax = 256;

bool is_blank_text(std::string_view text) {
  return trim(text).empty();
}

}  // namespace

void Program::clear() {
  literals.clear();
  pieces.clear();
  emissions.clear();
  literals_in_batch = nullptr;
}

std::uint16_t hash_name(std::string_view utf16) {
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i + 1 < utf16.size(); i += 2) {
    hash = hash * 65'599 + load<std::uint16_t>(utf16.data() + i);
  }
  return static_cast<std::uint16_t>(hash);
}

bool is_name_at(std::string_view chunk, std::uint32_t offset) {
  ByteReader reader(chunk, std::min<std::size_t>(offset, chunk.size()), static_cast<std::uint32_t>(chunk.size()));
  reader.skip(4);
  const std::uint16_t hash = reader.take<std::uint16_t>();
  const std::uint32_t length = reader.take<std::uint16_t>();
  const std::string_view name = reader.take_bytes(2 * length);
  return reader.ok() && length > 0 && hash_name(name) == hash;
}

std::string_view Compiler::compile(std::string_view chunk, std::uint32_t begin, std::uint32_t end, Place place,
                                   TokenSource source, Program& program) {
  names_.clear();
  program.clear();
  chunk_ = chunk;
  reader_ = ByteReader(chunk, begin, end);
  source_ = source;
  outermost_ = place;
  program_ = &program;
  depth_ = 0;
  while (reader_.ok() && reader_.remaining() > 0) {
    const std::uint8_t token = reader_.take<std::uint8_t>();
    if (token == kEndOfStream) break;
    if (const std::string_view reason = take_token(token); !reason.empty()) return reason;
  }
  if (!reader_.ok()) return "BinXML token reaches beyond its end";
  if (depth_ > 0) return "BinXML element is never closed";
  return {};
}

std::string_view Compiler::take_token(std::uint8_t token) {
  switch (token & ~kMoreFlag) {
    case kOpenStartElement: return open_element((token & kMoreFlag) != 0);
    case kCloseStartElement:
      if (depth_ == 0) return "BinXML tag ends outside an element";
      close_attribute();
      return {};
    case kCloseEmptyElement:
    case kEndElement: return close_element();
    case kValue: return take_literal();
    case kAttribute: {
      if (depth_ == 0) return "BinXML attribute outside an element";
      close_attribute();
      elements_[depth_ - 1].attribute = take_name();
      return {};
    }
    case kCData: {
      const std::uint32_t length = reader_.take<std::uint16_t>();
      add_literal(utf8_of(reader_.take_bytes(2 * length), names_));
      return {};
    }
    case kCharacterReference: {
      char bytes[4];
      add_literal({bytes, encode_utf8(reader_.take<std::uint16_t>(), bytes)});
      return {};
    }
    case kEntityReference: return take_entity();
    case kProcessingTarget: take_name(); return {};
    case kProcessingData: {
      const std::uint32_t length = reader_.take<std::uint16_t>();
      reader_.skip(2 * length);
      return {};
    }
    case kNormalSubstitution:
    case kOptionalSubstitution: add_substitution((token & ~kMoreFlag) == kOptionalSubstitution); return {};
    case kFragmentHeader: reader_.skip(3); return {};
    default: return "BinXML token is unknown";
  }
}

std::string_view Compiler::open_element(bool has_attributes) {
  if (depth_ == kDepthMax) return "BinXML elements nested more than 64 deep";
  if (has_dependency_identifier()) reader_.skip(2);
  reader_.skip(4);  // The element's size, which its tokens tell as well.
  const std::string_view name = take_name();
  if (has_attributes) reader_.skip(4);  // The size of the attributes.
  if (depth_ > 0) elements_[depth_ - 1].has_children = true;
  if (elements_.size() == depth_) elements_.emplace_back();
  Element& element = elements_[depth_];
  element.name = name;
  element.place = depth_ == 0 ? outermost_ : elements_[depth_ - 1].inside;
  element.inside = place_inside(element.place, local_name(name));
  element.has_children = false;
  element.attribute = {};
  element.attribute_pieces.clear();
  element.name_pieces.clear();
  element.content.clear();
  ++depth_;
  return {};
}

// The specification wants it in template definitions and in a record's own elements, not in embedded BinXML; writers
// differ, but only one reading has a name where the name must be.
bool Compiler::has_dependency_identifier() const {
  if (source_ == TokenSource::template_definition) return true;
  const auto has_name = [this](std::uint32_t before) {
    ByteReader reader = reader_;
    reader.skip(before + 4);
    const std::uint32_t offset = reader.take<std::uint32_t>();
    return reader.ok() && is_name_at(chunk_, offset);
  };
  const bool usual = source_ == TokenSource::record;
  if (has_name(usual ? 2 : 0)) return usual;
  return has_name(usual ? 0 : 2) ? !usual : usual;
}

void Compiler::close_attribute() {
  Element& element = elements_[depth_ - 1];
  if (element.attribute.empty()) return;
  if (local_name(element.attribute) == "Name" && element.place == Place::data) {
    element.name_pieces = element.attribute_pieces;
  } else if (is_field(element.place, element.attribute)) {
    emit(fields_.resolve(attribute_field_name(element.name, element.attribute)), element, element.attribute_pieces,
         true);
  }
  element.attribute = {};
  element.attribute_pieces.clear();
}

std::string_view Compiler::close_element() {
  if (depth_ == 0) return "BinXML element is closed twice";
  close_attribute();
  emit_content(elements_[depth_ - 1]);
  --depth_;
  return {};
}

void Compiler::emit_content(const Element& element) {
  if (!is_kept(element.place, element.name)) return;
  const bool is_container = element.has_children || element.place == Place::outside || element.place == Place::event;
  if (!is_container) {
    if (!element.content.empty() || is_text_if_empty(element.place)) {
      emit(field_of(element), element, element.content, false);
    }
    return;
  }
  // Among elements stands embedded BinXML, or blanks that only make the XML pretty.
  for (const Piece& piece : element.content) {
    if (piece.kind == Piece::Kind::literal && is_blank_text(literal_text(piece))) continue;
    emit(field_of(element), element, std::span(&piece, 1), false);
  }
}

// Null if the name is known only when values fill the holes in it.
const event::Field* Compiler::field_of(const Element& element) {
  if (element.name_pieces.empty()) return fields_.resolve(local_name(element.name));
  if (!is_literal(element.name_pieces)) return nullptr;
  return fields_.resolve(literal_text(element.name_pieces.front()));
}

void Compiler::emit(const event::Field* field, const Element& element, std::span<const Piece> pieces,
                    bool is_attribute) {
  Emission emission;
  emission.field = field;
  emission.first_piece = static_cast<std::uint32_t>(program_->pieces.size());
  emission.inside = element.inside;
  emission.is_attribute = is_attribute;
  if (field == nullptr) {
    emission.name_count = static_cast<std::uint32_t>(element.name_pieces.size());
    program_->pieces.insert(program_->pieces.end(), element.name_pieces.begin(), element.name_pieces.end());
  }
  emission.piece_count = static_cast<std::uint32_t>(pieces.size());
  program_->pieces.insert(program_->pieces.end(), pieces.begin(), pieces.end());
  program_->emissions.push_back(emission);
}

std::string_view Compiler::take_literal() {
  const ValueType type{reader_.take<std::uint8_t>()};
  if (type != ValueType::string) return "BinXML literal is no string";
  const std::uint32_t length = reader_.take<std::uint16_t>();
  add_literal(utf8_of(reader_.take_bytes(2 * length), names_));
  return {};
}

// What text and holes are added to now: the open attribute's pieces or the element's; null outside elements.
std::vector<Piece>* Compiler::open_pieces() {
  if (depth_ == 0) return nullptr;
  Element& element = elements_[depth_ - 1];
  return element.attribute.empty() ? &element.content : &element.attribute_pieces;
}

void Compiler::add_literal(std::string_view text) {
  std::vector<Piece>* const pieces = open_pieces();
  if (pieces == nullptr) return;
  std::string& literals = program_->literals;
  const std::uint32_t begin = static_cast<std::uint32_t>(literals.size());
  literals += text;
  const std::uint32_t size = static_cast<std::uint32_t>(text.size());
  if (!pieces->empty() && pieces->back().kind == Piece::Kind::literal &&
      pieces->back().begin + pieces->back().size == begin) {
    pieces->back().size += size;
  } else {
    pieces->push_back({.kind = Piece::Kind::literal, .substitution = 0, .begin = begin, .size = size});
  }
}

void Compiler::add_substitution(bool optional) {
  const std::uint16_t number = reader_.take<std::uint16_t>();
  reader_.skip(1);  // The type that the template expects; the value says which one it has.
  std::vector<Piece>* const pieces = open_pieces();
  if (pieces == nullptr) return;
  pieces->push_back(
      {.kind = optional ? Piece::Kind::optional : Piece::Kind::normal, .substitution = number, .begin = 0, .size = 0});
}

std::string_view Compiler::take_entity() {
  const char character = predefined_entity(take_name());
  if (character != 0) {
    add_literal({&character, 1});
  } else if (reader_.ok()) {
    return "BinXML entity is unknown";
  }
  return {};
}

// A name stands where it is used first; later uses point to it.
std::string_view Compiler::take_name() {
  const std::uint32_t offset = reader_.take<std::uint32_t>();
  const bool is_here = reader_.ok() && offset == reader_.position();
  ByteReader elsewhere(chunk_, std::min<std::size_t>(offset, chunk_.size()), static_cast<std::uint32_t>(chunk_.size()));
  ByteReader& reader = is_here ? reader_ : elsewhere;
  reader.skip(kNameHead - 2);
  const std::uint32_t length = reader.take<std::uint16_t>();
  const std::string_view name = reader.take_bytes(2 * length);
  reader.skip(2);
  if (!reader.ok() || length > kNameUnitsMax) {
    reader_.fail();  // A name beyond the chunk is as bad as a token beyond its end.
    return {};
  }
  return utf8_of(name, names_);
}

bool Compiler::is_literal(std::span<const Piece> pieces) const {
  // Literals that follow each other were joined.
  return pieces.size() == 1 && pieces.front().kind == Piece::Kind::literal;
}

std::string_view Compiler::literal_text(const Piece& piece) const {
  return std::string_view(program_->literals).substr(piece.begin, piece.size);
}

}  // namespace weir::formats::evtx
