#pragma once

// Reads the BinXML of records into a batch's rows ([MS-EVEN6] 2.2.12): finds each record's template, fills its holes
// with the record's values and adds the cells. Work is bounded: a chunk can be made to expand almost without end (holes
// repeated, definitions that overlap), so a record and a chunk may only use so much. One thread at a time.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "formats/evtx/program.h"
#include "formats/evtx/value.h"
#include "formats/windows_event.h"

namespace weir::formats::evtx {

class BinXmlReader {
 public:
  explicit BinXmlReader(WindowsFields& fields) : fields_(fields), compiler_(fields) {}

  // What follows is about this chunk (from its signature on) and goes to this batch.
  void begin_chunk(std::string_view chunk, event::Batch& batch);

  // Adds the cells of the BinXML in chunk[begin, end) to the open row. Returns why it cannot be read, or an empty text.
  std::string_view read(std::uint32_t begin, std::uint32_t end);

  // The channel and the provider that the last record named; empty if it named none.
  std::string_view channel() const { return channel_; }
  std::string_view provider() const { return provider_; }

 private:
  struct Substitution {
    const char* data = nullptr;
    std::uint16_t size = 0;
    std::uint8_t type = 0;

    std::string_view bytes() const { return {data, size}; }
  };

  // A compiled definition of the current chunk.
  struct Definition {
    std::uint32_t offset = 0;
    Place place = Place::outside;
    std::unique_ptr<Program> program = std::make_unique<Program>();
    std::string_view damage;
  };

  std::string_view read_fragment(std::uint32_t begin, std::uint32_t end, Place place, int depth);
  std::string_view read_instance(ByteReader& reader, Place place, int depth);
  std::string_view take_substitutions(ByteReader& reader);
  std::string_view run_directly(std::uint32_t begin, std::uint32_t end, Place place, int depth);
  std::string_view run(Program& program, std::size_t first, int depth);
  std::string_view run_emission(const Program& program, const Emission& emission, std::size_t first, int depth);
  std::string_view add_value(const event::Field* field, const Substitution& value, const Emission& emission, int depth);
  std::string_view add_joined(const event::Field* field, const Program& program, std::span<const Piece> pieces,
                              const Emission& emission, std::size_t first, int depth);
  void append_text(std::string& out, const Substitution& value);
  void add(const event::Field* field, TypedText text);
  const Substitution& substitution(const Piece& piece, std::size_t first) const;
  Definition& definition_at(std::uint32_t offset, std::uint32_t begin, std::uint32_t end, Place place);
  bool spend(std::size_t work);

  WindowsFields& fields_;
  Compiler compiler_;
  std::string_view chunk_;
  event::Batch* batch_ = nullptr;
  std::string_view channel_;
  std::string_view provider_;
  std::vector<Definition> definitions_;  // The first definition_count_ are the chunk's.
  std::size_t definition_count_ = 0;
  std::vector<Substitution> substitutions_;  // Of the record and of whatever BinXML is open inside it.
  std::string joined_;
  std::size_t record_work_ = 0;
  std::size_t chunk_work_ = 0;
};

}  // namespace weir::formats::evtx
