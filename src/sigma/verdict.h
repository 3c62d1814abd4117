#pragma once

// What is true of one value: which atoms of its field hold, and which may. Equal outcomes share one number, so that
// later steps compare and remember numbers, not sets. Belongs to one thread; memory is bounded: when a table is full it
// says so, and the owner starts over with empty ones.

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/arena.h"
#include "sigma/plan.h"

namespace weir::sigma {

using VerdictId = std::uint32_t;

struct Verdict {
  std::vector<AtomId> yes;    // Ascending.
  std::vector<AtomId> maybe;  // Ascending; none of them in `yes`.
  bool operator==(const Verdict&) const = default;
};

class FieldVerdicts {
 public:
  // Verdicts of a field that the event does not have, and of a null value.
  static constexpr VerdictId kAbsent = 0;
  static constexpr VerdictId kNull = 1;
  // Of a value in which no literal was found, if nothing but literals decides.
  static constexpr VerdictId kNoLiteral = 2;

  // `remember` false: every value is decided anew.
  FieldVerdicts(const FieldPlan& plan, bool remember);

  // `escaped`: `bytes` is the inside of a JSON string that still has its escapes.
  VerdictId of_value(std::string_view bytes, bool escaped);
  // Of a field with several values.
  VerdictId joined(VerdictId a, VerdictId b);

  const Verdict& operator[](VerdictId id) const { return verdicts_[id]; }

  // Too many different outcomes were seen: the owner must forget all numbers and make a new table.
  bool full() const { return verdicts_.size() > kVerdictsMax || atoms_held_ > kAtomsHeldMax; }
  // Bytes held, nearly.
  std::size_t memory() const;

 private:
  static constexpr std::size_t kVerdictsMax = 1 << 15;
  static constexpr std::size_t kAtomsHeldMax = 1 << 21;
  static constexpr std::size_t kRememberedMax = 1 << 14;
  static constexpr std::size_t kRememberedBytesMax = 1 << 20;
  static constexpr std::size_t kValueSizeMax = 1024;
  static constexpr std::size_t kSeenOnce = 4096;
  static constexpr std::size_t kProbesMax = 32;

  struct Remembered {
    std::uint64_t hash = 0;
    const char* data = nullptr;
    std::uint32_t size = 0;
    VerdictId verdict = 0;
  };

  // A value, and what it is without case.
  struct Value {
    std::string_view text;
    std::string_view folded;
  };

  VerdictId decide(std::string_view bytes, bool escaped);
  static bool passes(const ValueCheck& check, const Value& value);
  void apply(const Value& value);
  void add_verdict(Verdict verdict);
  VerdictId intern();
  void remember(std::uint64_t hash, std::string_view bytes, VerdictId verdict);
  void forget_values();
  void note_lookup(bool hit);

  const FieldPlan& plan_;
  const bool remember_;
  std::vector<Verdict> verdicts_;
  std::size_t atoms_held_ = 0;  // By verdicts_.
  std::unordered_multimap<std::uint64_t, VerdictId> interned_;

  std::vector<std::uint32_t> seen_once_;  // By hash: the rest of the hash of the last value that was decided.
  std::vector<Remembered> remembered_;
  std::size_t remembered_count_ = 0;
  Arena values_;
  // A field whose values hardly ever come again (a GUID) is not worth remembering: while `skip_` is above 0 values are
  // decided directly.
  std::uint32_t lookups_ = 0;
  std::uint32_t hits_ = 0;
  std::uint32_t skip_ = 0;

  // Scratch of one decision.
  Verdict draft_;
  std::vector<std::uint32_t> found_;
  std::string fold_buffer_;
  std::string unescape_buffer_;
};

}  // namespace weir::sigma
