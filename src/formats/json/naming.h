#pragma once

// Which field names a value's place in a JSON document stands for. A place is the row of keys that lead to it; arrays
// add nothing. Mostly the name is those keys joined by dots; the wrappings that exporters of Windows events add are
// taken off, since Sigma's rules name the fields inside (Sigma taxonomy, "Windows Folder"):
//
//   evtx_dump, python-evtx   Event.System.Channel            Channel
//                            Event.System.Provider.#attributes.Name, Event.System.Provider.@Name   Provider_Name
//                            Event.EventData.Image           Image
//                            Event.UserData.*.Param1         Param1
//   winlogbeat, ECS          winlog.event_data.Image         Image
//                            winlog.channel                  Channel
//
// Pure, and asked once per place: readers remember the answer.

#include <string>
#include <string_view>

namespace weir::formats::json {

// What the keys below a place mean.
enum class Level : std::uint8_t {
  root,  // Of an event.
  plain,
  event,            // Event
  system,           // Event.System
  system_item,      // Event.System.Provider
  event_data,       // Event.EventData, winlog.event_data
  event_data_item,  // Event.EventData.Image
  data_list,        // Event.EventData.Data: may hold {"@Name": …, "#text": …}
  data_attributes,  // Event.EventData.Data.#attributes
  user_data,        // Event.UserData
  user_data_item,   // Event.UserData.EventXML
  attributes,       // #attributes of any element
  winlog,           // winlog
};

struct Place {
  Level level = Level::root;
  std::string name;    // The field that a value standing right here feeds.
  std::string alias;   // A second one, or empty.
  std::string prefix;  // What the names of keys below begin with.
  std::string path;    // All keys joined by dots, nothing taken off.
};

Place place_below(const Place& parent, std::string_view key);

}  // namespace weir::formats::json
