#pragma once

// What Sigma calls the parts of a Windows event ([MS-EVEN6], event schema), whichever way the event was written: as
// BinXML in an .evtx file or as XML text. System's children go by their name, their attributes by element and attribute
// (Provider_Name, TimeCreated_SystemTime); whatever stands in EventData, UserData and the like goes by its Name
// attribute or else by the name of the innermost element. One WindowsFields belongs to one parser.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event/batch.h"
#include "event/field.h"
#include "event/logsource.h"
#include "event/time.h"
#include "formats/format.h"

namespace weir::formats {

// Where in an event an element stands.
enum class Place : std::uint8_t {
  outside,    // Event itself, and whatever is around it.
  event,      // System, EventData, UserData, RenderingInfo …
  system,     // EventID, Provider …
  data,       // Data, Binary, an element of a provider's own …
  rendering,  // Message, and texts that Windows made from numbers in System.
};

// Where the children of `element` stand.
Place place_inside(Place place, std::string_view element);

// Without its namespace prefix.
std::string_view local_name(std::string_view name);

// Whether an element without any content counts as an empty text: <Data Name="x"/> does, <Correlation/> does not.
bool is_text_if_empty(Place place);

// Whether the text of `element` is of use at all.
bool is_kept(Place place, std::string_view element);

// Whether an attribute becomes a field of its own; Name names another field, and xmlns is no data.
bool is_field(Place place, std::string_view attribute);

// "Provider_Name".
std::string attribute_field_name(std::string_view element, std::string_view attribute);

class WindowsFields {
 public:
  WindowsFields(const event::FieldTable& table, const Options& options);

  const event::Field* resolve(std::string_view name) { return names_.resolve(name); }
  const event::Field* channel() const { return channel_; }
  const event::Field* provider() const { return provider_; }
  const event::Field* time_created() const { return time_created_; }

  // The logsource of events of this channel, or, where an event names none, of this provider. Valid as long as this
  // object.
  const event::Logsource* logsource_of(std::string_view channel, std::string_view provider);

  // The time in the row's TimeCreated_SystemTime.
  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) const;

 private:
  event::FieldNames names_;
  const event::Field* channel_;
  const event::Field* provider_;
  const event::Field* time_created_;
  const Options options_;
  std::string last_channel_;
  const event::Logsource* last_logsource_ = nullptr;
};

}  // namespace weir::formats
