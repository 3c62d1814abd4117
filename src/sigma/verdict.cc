#define XXH_INLINE_ALL
#include "sigma/verdict.h"

#include <algorithm>
#include <cstring>

#include <xxhash.h>

#include "base/hash.h"
#include "base/json_text.h"
#include "base/sorted.h"
#include "match/fold.h"
#include "sigma/evaluation.h"

namespace weir::sigma {
namespace {

constexpr std::uint32_t kLookupsPerReview = 2048;
constexpr std::uint32_t kSkipWhenUseless = 65'536;

}  // namespace

FieldVerdicts::FieldVerdicts(const FieldPlan& plan, bool remember)
    : plan_(plan), remember_(remember), values_(16 * 1024) {
  // In the order of their numbers. Two of them may mean the same to all rules; both numbers exist all the same.
  for (const std::vector<AtomId>* atoms : {&plan_.when_absent, &plan_.when_null, &plan_.when_value}) {
    Verdict verdict{*atoms, {}};
    sort_unique(verdict.yes);
    add_verdict(std::move(verdict));
  }
}

VerdictId FieldVerdicts::of_value(std::string_view bytes, bool escaped) {
  if (bytes.data() == nullptr) bytes = "";
  if (!remember_ || skip_ > 0 || bytes.size() > kValueSizeMax) {
    if (skip_ > 0) --skip_;
    return decide(bytes, escaped);
  }
  if (remembered_.empty()) {
    remembered_.resize(256);
    seen_once_.resize(kSeenOnce);
  }
  const std::uint64_t hash = seeded_hash(bytes) + (escaped ? 1 : 0);
  const std::size_t mask = remembered_.size() - 1;
  std::size_t at = hash & mask;
  for (std::size_t probes = 0; probes < kProbesMax; ++probes, at = (at + 1) & mask) {
    const Remembered& entry = remembered_[at];
    if (entry.data == nullptr) break;
    if (entry.hash == hash && entry.size == bytes.size() && std::memcmp(entry.data, bytes.data(), bytes.size()) == 0) {
      note_lookup(true);
      return entry.verdict;
    }
  }
  note_lookup(false);
  const VerdictId verdict = decide(bytes, escaped);
  // Only what is seen again is worth a place: most values that come once come never again.
  std::uint32_t& tag = seen_once_[hash % kSeenOnce];
  const auto own_tag = static_cast<std::uint32_t>(hash >> 32);
  if (tag == own_tag) remember(hash, bytes, verdict);
  tag = own_tag;
  return verdict;
}

std::size_t FieldVerdicts::memory() const {
  constexpr std::size_t kPerVerdict = sizeof(Verdict) + 48;  // With its place among the interned.
  return remembered_.capacity() * sizeof(Remembered) + values_.capacity() +
         seen_once_.capacity() * sizeof(std::uint32_t) + verdicts_.size() * kPerVerdict + atoms_held_ * sizeof(AtomId);
}

void FieldVerdicts::note_lookup(bool hit) {
  hits_ += hit ? 1 : 0;
  if (++lookups_ < kLookupsPerReview) return;
  if (hits_ < kLookupsPerReview / 10) skip_ = kSkipWhenUseless;
  lookups_ = hits_ = 0;
}

void FieldVerdicts::remember(std::uint64_t hash, std::string_view bytes, VerdictId verdict) {
  if (remembered_count_ >= kRememberedMax || values_.capacity() > kRememberedBytesMax) forget_values();
  if (remembered_count_ * 2 >= remembered_.size()) {
    std::vector<Remembered> larger(remembered_.size() * 2);
    for (const Remembered& entry : remembered_) {
      if (entry.data == nullptr) continue;
      std::size_t at = entry.hash & (larger.size() - 1);
      while (larger[at].data != nullptr) at = (at + 1) & (larger.size() - 1);
      larger[at] = entry;
    }
    remembered_ = std::move(larger);
  }
  const std::size_t mask = remembered_.size() - 1;
  std::size_t at = hash & mask;
  for (std::size_t probes = 1; remembered_[at].data != nullptr; ++probes, at = (at + 1) & mask) {
    if (probes == kProbesMax) return;  // Crowded: it will be decided anew.
  }
  char* copy = values_.allocate(std::max<std::size_t>(bytes.size(), 1));
  std::memcpy(copy, bytes.data(), bytes.size());
  remembered_[at] = {hash, copy, static_cast<std::uint32_t>(bytes.size()), verdict};
  ++remembered_count_;
}

void FieldVerdicts::forget_values() {
  std::ranges::fill(remembered_, Remembered{});
  remembered_count_ = 0;
  values_ = Arena(16 * 1024);
}

VerdictId FieldVerdicts::decide(std::string_view bytes, bool escaped) {
  if (escaped) {
    if (unescape_buffer_.size() < bytes.size()) unescape_buffer_.resize(bytes.size());
    bytes = {unescape_buffer_.data(), unescape_json(bytes, unescape_buffer_.data())};
  }
  draft_.yes = plan_.when_value;
  draft_.maybe.clear();
  const bool needs_folded = plan_.folded.size() > 0 || !plan_.unguarded.empty();
  const Value value{bytes, needs_folded ? match::folded(bytes, fold_buffer_) : bytes};
  if (plan_.folded.size() > 0) {
    found_.clear();
    plan_.folded.scan(value.folded, found_);
    apply(value);
  }
  if (plan_.cased.size() > 0) {
    found_.clear();
    plan_.cased.scan(value.text, found_);
    apply(value);
  }
  for (const ValueCheck& check : plan_.unguarded) {
    if (passes(check, value)) draft_.yes.push_back(check.atom);
  }
  for (const auto& [atom, size_min] : plan_.maybe_any) {
    if (bytes.size() >= size_min) draft_.maybe.push_back(atom);
  }
  return intern();
}

bool FieldVerdicts::passes(const ValueCheck& check, const Value& value) {
  return check.folded ? check.folded->fits_folded(value.folded) : value_passes(check.leaf->test, value.text);
}

// What the literals in found_ lead to.
void FieldVerdicts::apply(const Value& value) {
  for (const std::uint32_t literal : found_) {
    for (const Consequence& consequence : plan_.consequences[literal]) {
      switch (consequence.kind) {
        case Consequence::Kind::holds: draft_.yes.push_back(consequence.index); break;
        case Consequence::Kind::maybe: draft_.maybe.push_back(consequence.index); break;
        case Consequence::Kind::check: {
          const ValueCheck& check = plan_.checks[consequence.index];
          if (passes(check, value)) draft_.yes.push_back(check.atom);
        }
      }
    }
  }
}

namespace {

std::uint64_t hash_of(const Verdict& verdict) {
  const std::uint64_t yes = XXH3_64bits(verdict.yes.data(), verdict.yes.size() * sizeof(AtomId));
  return yes ^ XXH3_64bits_withSeed(verdict.maybe.data(), verdict.maybe.size() * sizeof(AtomId), 1);
}

// Whether joining the second to the first changes nothing.
bool holds_all_of(const Verdict& first, const Verdict& second) {
  return std::ranges::includes(first.yes, second.yes) && std::ranges::includes(first.maybe, second.maybe);
}

}  // namespace

void FieldVerdicts::add_verdict(Verdict verdict) {
  atoms_held_ += verdict.yes.size() + verdict.maybe.size();
  interned_.emplace(hash_of(verdict), static_cast<VerdictId>(verdicts_.size()));
  verdicts_.push_back(std::move(verdict));
}

VerdictId FieldVerdicts::intern() {
  sort_unique(draft_.yes);
  sort_unique(draft_.maybe);
  std::erase_if(draft_.maybe, [&](AtomId atom) { return std::ranges::binary_search(draft_.yes, atom); });
  const auto [first, last] = interned_.equal_range(hash_of(draft_));
  for (auto it = first; it != last; ++it) {
    if (verdicts_[it->second] == draft_) return it->second;
  }
  add_verdict(draft_);
  return static_cast<VerdictId>(verdicts_.size() - 1);
}

VerdictId FieldVerdicts::joined(VerdictId a, VerdictId b) {
  if (a == b) return a;
  if (holds_all_of(verdicts_[a], verdicts_[b])) return a;
  draft_ = verdicts_[a];
  draft_.yes.insert(draft_.yes.end(), verdicts_[b].yes.begin(), verdicts_[b].yes.end());
  draft_.maybe.insert(draft_.maybe.end(), verdicts_[b].maybe.begin(), verdicts_[b].maybe.end());
  return intern();
}

}  // namespace weir::sigma
