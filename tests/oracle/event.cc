#include "oracle/event.h"

#include "oracle/text.h"

namespace weir::oracle {

ReadEvent::ReadEvent(const Event& event) : logsource_(event.logsource) {
  for (const Value& value : event.values) {
    ReadValue read{.field = value.field,
                   .has_text = value.kind != ValueKind::null,
                   .is_object = value.kind == ValueKind::json,
                   .text = {},
                   .exact = {},
                   .folded = {}};
    if (read.has_text) {
      read.text = value.text;
      read.exact = decode(value.text);
      read.folded = fold(read.exact);
    }
    values_.push_back(std::move(read));
  }
}

}  // namespace weir::oracle
