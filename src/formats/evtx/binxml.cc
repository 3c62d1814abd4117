#include "formats/evtx/binxml.h"

#include <algorithm>
#include <span>

#include "base/check.h"

namespace weir::formats::evtx {
namespace {

constexpr int kEmbeddedDepthMax = 8;
// Honest chunks need some 200 KB of text and a few thousand cells.
constexpr std::size_t kRecordWorkMax = 4 * 1024 * 1024;
constexpr std::size_t kChunkWorkMax = 4 * kRecordWorkMax;
constexpr std::size_t kWorkPerCell = 32;

constexpr std::uint8_t kTemplateInstance = 0x0c;
constexpr std::uint8_t kFragmentHeader = 0x0f;
constexpr std::uint8_t kEndOfStream = 0x00;

// Next definition (4 bytes), GUID (16), size of the tokens (4).
constexpr std::uint32_t kDefinitionHead = 24;

constexpr std::string_view kTooMuch = "BinXML expands beyond its limit";
constexpr std::string_view kBeyondEnd = "BinXML token reaches beyond its end";

ValueType type_of(std::uint8_t type) {
  return ValueType{static_cast<std::uint8_t>(type & ~kArrayFlag)};
}

}  // namespace

void BinXmlReader::begin_chunk(std::string_view chunk, event::Batch& batch) {
  chunk_ = chunk;
  batch_ = &batch;
  definition_count_ = 0;
  chunk_work_ = 0;
}

std::string_view BinXmlReader::read(std::uint32_t begin, std::uint32_t end) {
  record_work_ = 0;
  channel_ = provider_ = {};
  substitutions_.clear();
  return read_fragment(begin, end, Place::outside, 0);
}

bool BinXmlReader::spend(std::size_t work) {
  record_work_ += work;
  chunk_work_ += work;
  return record_work_ <= kRecordWorkMax && chunk_work_ <= kChunkWorkMax;
}

std::string_view BinXmlReader::read_fragment(std::uint32_t begin, std::uint32_t end, Place place, int depth) {
  if (depth > kEmbeddedDepthMax) return "BinXML embedded more than 8 deep";
  ByteReader reader(chunk_, begin, end);
  while (reader.ok() && reader.remaining() > 0) {
    const std::uint32_t token_begin = reader.position();
    const std::uint8_t token = reader.take<std::uint8_t>();
    if (token == kEndOfStream) break;
    if (token == kFragmentHeader) {
      reader.skip(3);
    } else if (token == kTemplateInstance) {
      const std::string_view reason = read_instance(reader, place, depth);
      if (!reason.empty()) return reason;
    } else {
      return run_directly(token_begin, end, place, depth);
    }
  }
  return reader.ok() ? std::string_view() : kBeyondEnd;
}

// BinXML without a template: compiled, run once and forgotten.
std::string_view BinXmlReader::run_directly(std::uint32_t begin, std::uint32_t end, Place place, int depth) {
  if (!spend(end - begin)) return kTooMuch;
  Program program;
  const TokenSource source = depth == 0 ? TokenSource::record : TokenSource::substitution;
  const std::string_view reason = compiler_.compile(chunk_, begin, end, place, source, program);
  return reason.empty() ? run(program, substitutions_.size(), depth) : reason;
}

std::string_view BinXmlReader::read_instance(ByteReader& reader, Place place, int depth) {
  reader.skip(5);  // A version and the start of the definition's GUID.
  const std::uint32_t offset = reader.take<std::uint32_t>();
  if (!reader.ok()) return kBeyondEnd;
  if (offset > chunk_.size()) return "BinXML template lies beyond the chunk";
  ByteReader head(chunk_, offset, static_cast<std::uint32_t>(chunk_.size()));
  head.skip(kDefinitionHead - 4);
  const std::uint32_t size = head.take<std::uint32_t>();
  if (!head.ok() || size > head.remaining()) return "BinXML template lies beyond the chunk";
  // A definition stands where it is used first.
  if (offset == reader.position()) reader.skip(kDefinitionHead + size);
  Definition& definition = definition_at(offset, head.position(), head.position() + size, place);
  if (!definition.damage.empty()) return definition.damage;

  const std::size_t first = substitutions_.size();
  std::string_view reason = take_substitutions(reader);
  if (reason.empty()) reason = run(*definition.program, first, depth);
  substitutions_.resize(first);
  return reason;
}

BinXmlReader::Definition& BinXmlReader::definition_at(std::uint32_t offset, std::uint32_t begin, std::uint32_t end,
                                                      Place place) {
  for (std::size_t i = definition_count_; i-- > 0;) {
    if (definitions_[i].offset == offset && definitions_[i].place == place) return definitions_[i];
  }
  if (definition_count_ == definitions_.size()) definitions_.emplace_back();
  Definition& definition = definitions_[definition_count_++];
  definition.offset = offset;
  definition.place = place;
  definition.damage = spend(end - begin) ? compiler_.compile(chunk_, begin, end, place,
                                                             TokenSource::template_definition, *definition.program)
                                         : kTooMuch;
  return definition;
}

std::string_view BinXmlReader::take_substitutions(ByteReader& reader) {
  const std::uint32_t count = reader.take<std::uint32_t>();
  constexpr std::uint32_t kDescriptor = 4;
  if (!reader.ok() || count > reader.remaining() / kDescriptor) return "BinXML values reach beyond the record";
  const char* const descriptors = reader.take_bytes(count * kDescriptor).data();
  const std::size_t first = substitutions_.size();
  substitutions_.resize(first + count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint16_t size = load<std::uint16_t>(descriptors + i * kDescriptor);
    const std::uint8_t type = load<std::uint8_t>(descriptors + i * kDescriptor + 2);
    substitutions_[first + i] = {reader.take_bytes(size).data(), size, type};
  }
  return reader.ok() ? std::string_view() : "BinXML values reach beyond the record";
}

// `first` is where the program's values stand among substitutions_; they go up to its end.
std::string_view BinXmlReader::run(Program& program, std::size_t first, int depth) {
  if (program.literals_in_batch == nullptr) program.literals_in_batch = batch_->arena().copy(program.literals).data();
  for (const Emission& emission : program.emissions) {
    const std::string_view reason = run_emission(program, emission, first, depth);
    if (!reason.empty()) return reason;
  }
  return {};
}

std::string_view BinXmlReader::run_emission(const Program& program, const Emission& emission, std::size_t first,
                                            int depth) {
  if (!spend(kWorkPerCell)) return kTooMuch;
  const std::span<const Piece> all(program.pieces);
  const std::span<const Piece> pieces = all.subspan(emission.first_piece + emission.name_count, emission.piece_count);
  const event::Field* field = emission.field;
  if (field == nullptr) [[unlikely]] {
    joined_.clear();
    for (const Piece& piece : all.subspan(emission.first_piece, emission.name_count)) {
      if (piece.kind == Piece::Kind::literal)
        joined_.append(program.literals, piece.begin, piece.size);
      else
        append_text(joined_, substitution(piece, first));
      if (joined_.size() > kRecordWorkMax || !spend(joined_.size())) return kTooMuch;
    }
    field = fields_.resolve(joined_);
  }
  if (pieces.size() > 1) [[unlikely]]
    return add_joined(field, program, pieces, emission, first, depth);
  if (pieces.empty()) {
    add(field, {event::ValueKind::string, std::string_view("")});
    return {};
  }
  const Piece& piece = pieces.front();
  if (piece.kind == Piece::Kind::literal) {
    add(field, {event::ValueKind::string, {program.literals_in_batch + piece.begin, piece.size}});
    return {};
  }
  const Substitution& value = substitution(piece, first);
  // An element or attribute whose only content is an optional value that is not there is left out.
  if (value.type == 0 && (piece.kind == Piece::Kind::optional || emission.is_attribute)) return {};
  return add_value(field, value, emission, depth);
}

const BinXmlReader::Substitution& BinXmlReader::substitution(const Piece& piece, std::size_t first) const {
  static constexpr Substitution kAbsent;
  const std::size_t index = first + piece.substitution;
  return index < substitutions_.size() ? substitutions_[index] : kAbsent;
}

std::string_view BinXmlReader::add_value(const event::Field* field, const Substitution& value, const Emission& emission,
                                         int depth) {
  if (type_of(value.type) == ValueType::binxml && value.size > 0) {
    // Values lie in the chunk, so their place in it is known.
    const std::uint32_t begin = static_cast<std::uint32_t>(value.data - chunk_.data());
    return read_fragment(begin, begin + value.size, emission.inside, depth + 1);
  }
  if ((value.type & kArrayFlag) == 0) {
    const TypedText text = render_value(type_of(value.type), value.bytes(), batch_->arena());
    if (!spend(text.text.size())) return kTooMuch;
    add(field, text);
    return {};
  }
  // Windows repeats the element for every item of an array.
  std::string_view array = value.bytes();
  std::string_view item;
  while (take_item(type_of(value.type), array, item)) {
    const TypedText text = render_value(type_of(value.type), item, batch_->arena());
    if (!spend(kWorkPerCell + text.text.size())) return kTooMuch;
    add(field, text);
  }
  return {};
}

std::string_view BinXmlReader::add_joined(const event::Field* field, const Program& program,
                                          std::span<const Piece> pieces, const Emission& emission, std::size_t first,
                                          int depth) {
  std::string text;
  for (const Piece& piece : pieces) {
    if (piece.kind == Piece::Kind::literal) {
      text.append(program.literals, piece.begin, piece.size);
      continue;
    }
    const Substitution value = substitution(piece, first);
    if (type_of(value.type) == ValueType::binxml) {
      const std::string_view reason = add_value(field, value, emission, depth);
      if (!reason.empty()) return reason;
    } else {
      append_text(text, value);
    }
    if (text.size() > kRecordWorkMax) return kTooMuch;
  }
  if (!spend(text.size())) return kTooMuch;
  add(field, {event::ValueKind::string, batch_->arena().copy(text)});
  return {};
}

void BinXmlReader::append_text(std::string& out, const Substitution& value) {
  if (value.type == 0 || type_of(value.type) == ValueType::binxml) return;
  if ((value.type & kArrayFlag) == 0) {
    out += render_value(type_of(value.type), value.bytes(), batch_->arena()).text;
    return;
  }
  std::string_view array = value.bytes();
  std::string_view item;
  for (bool is_first = true; take_item(type_of(value.type), array, item); is_first = false) {
    if (!is_first) out += ',';
    out += render_value(type_of(value.type), item, batch_->arena()).text;
  }
}

void BinXmlReader::add(const event::Field* field, TypedText text) {
  if (field == fields_.channel()) channel_ = text.text;
  if (field == fields_.provider()) provider_ = text.text;
  batch_->add(field, text.kind, text.text);
}

}  // namespace weir::formats::evtx
