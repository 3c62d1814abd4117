#include "formats/windows_event.h"

#include "formats/windows_channel.h"

namespace weir::formats {

Place place_inside(Place place, std::string_view element) {
  switch (place) {
    case Place::outside:
      // A fragment that is no Event (or a provider's own XML) is all data.
      if (element == "Event") return Place::event;
      return element == "Events" ? Place::outside : Place::data;
    case Place::event:
      if (element == "System") return Place::system;
      return element == "RenderingInfo" ? Place::rendering : Place::data;
    case Place::system:
    case Place::data:
    case Place::rendering: break;
  }
  return place;
}

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_text_if_empty(Place place) {
  return place == Place::data;
}

bool is_kept(Place place, std::string_view element) {
  return place != Place::rendering || element == "Message";
}

bool is_field(Place place, std::string_view attribute) {
  if (attribute == "xmlns" || attribute.starts_with("xmlns:")) return false;
  // An xml:… attribute says how to read the text (xml:space, xml:lang); RenderingInfo's only one is Culture.
  if (attribute.starts_with("xml:") || place == Place::rendering) return false;
  if (place == Place::data) return local_name(attribute) != "Name";
  return place == Place::system || (place == Place::event && local_name(attribute) != "Culture");
}

std::string attribute_field_name(std::string_view element, std::string_view attribute) {
  std::string name(local_name(element));
  name += '_';
  name += local_name(attribute);
  return name;
}

WindowsFields::WindowsFields(const event::FieldTable& table, const Options& options)
    : names_(table),
      channel_(names_.resolve("Channel")),
      provider_(names_.resolve("Provider_Name")),
      time_created_(names_.resolve("TimeCreated_SystemTime")),
      options_(options) {}

const event::Logsource* WindowsFields::logsource_of(std::string_view channel, std::string_view provider) {
  if (channel.empty()) return chosen_logsource(options_, windows_logsource_of_provider(provider));
  // Events of one channel come in runs.
  if (last_logsource_ == nullptr || channel != last_channel_) {
    last_channel_ = channel;
    last_logsource_ = chosen_logsource(options_, windows_logsource(channel));
  }
  return last_logsource_;
}

std::optional<event::EventTime> WindowsFields::time_of(event::Batch& batch, const event::Row& row) const {
  for (event::Cell& cell : batch.cells(row)) {
    if (cell.field == time_created_) return event::parse_iso_time(batch.text(cell));
  }
  return std::nullopt;
}

}  // namespace weir::formats
