#pragma once

// What the oracle is asked about: one event as a list of (field, value), and the log it comes from. Plain data; the
// fields are copies, so an Event borrows nothing. A ReadEvent is the same event with each text taken apart once, since
// thousands of rules look at it.

#include <string>
#include <string_view>
#include <vector>

namespace weir::oracle {

enum class ValueKind { null, string, number, boolean, json };

struct Value {
  std::string field;
  ValueKind kind = ValueKind::string;
  std::string text;  // Of a null: ignored.
};

struct Logsource {
  std::string product;
  std::vector<std::string> categories;
  std::vector<std::string> services;
};

struct Event {
  std::vector<Value> values;  // A field that has several values stands several times.
  Logsource logsource;
};

struct ReadValue {
  std::string field;
  bool has_text = false;  // False for null alone.
  bool is_object = false;
  std::string text;
  std::u32string exact;   // The text as code points (text.h, decode).
  std::u32string folded;  // The same without differences of case.
};

class ReadEvent {
 public:
  explicit ReadEvent(const Event& event);

  const std::vector<ReadValue>& values() const { return values_; }
  const Logsource& logsource() const { return logsource_; }

 private:
  std::vector<ReadValue> values_;
  Logsource logsource_;
};

}  // namespace weir::oracle
