#include "formats/windows_xml.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "formats/lines.h"
#include "formats/windows_event.h"
#include "formats/xml_reader.h"

namespace weir::formats {
namespace {

constexpr std::size_t kDepthMax = 64;
constexpr std::string_view kNamespace = "schemas.microsoft.com/win/2004/08/events/event";

constexpr std::string_view kNeverClosed = "XML event is never closed";
constexpr std::string_view kWrongTag = "XML element is closed by another's tag";
constexpr std::string_view kTooDeep = "XML elements nested more than 64 deep";
constexpr std::string_view kDoctypeSkipped = "XML with a DOCTYPE is not read";
constexpr std::size_t kCellsPerEventMax = 65'536;
constexpr std::string_view kTooMany = "XML event has more than 65,536 values";
constexpr std::string_view kNoEvent = "XML event holds nothing";

// Whether a tag of the element Event begins at `position`, with whatever prefix; `opening` is "<" or "</". The name
// ends at marks that no name holds (XML 1.0, section 2.3), so "<?x:Event ?>" and "<!--:Event -->" are no tags.
bool is_event_tag(std::string_view bytes, std::size_t position, std::string_view opening) {
  std::string_view rest = bytes.substr(position);
  if (!rest.starts_with(opening)) return false;
  rest.remove_prefix(opening.size());
  constexpr std::size_t kPrefixMax = 64;
  const std::size_t end = rest.substr(0, kPrefixMax).find_first_of(" \t\r\n>/<?!");
  return end != std::string_view::npos && local_name(rest.substr(0, end)) == "Event";
}

// Behind the closing tag of the last event that ends in `bytes`; 0 if none does.
std::size_t end_of_last_event(std::string_view bytes) {
  std::size_t end = 0;
  for (std::size_t at = bytes.find('<'); at != std::string_view::npos; at = bytes.find('<', at)) {
    if (const std::size_t behind = end_of_section(bytes, at); behind != at) {
      at = behind;
    } else if (is_event_tag(bytes, at, "</")) {
      const std::size_t bracket = bytes.find('>', at);
      if (bracket == std::string_view::npos) break;
      at = end = bracket + 1;
    } else {
      ++at;
    }
  }
  return end;
}

class EventSplitter final : public Splitter {
 public:
  Cut cut(std::string_view data, bool at_end) override {
    if (at_end) return {.skip = 0, .size = data.size(), .context = nullptr};
    // The last closing tag is the end of an event unless it stands in a comment or a CDATA section, which is rare: only
    // then everything is looked at.
    constexpr std::string_view kClosing = "</Event>";
    const std::size_t last = data.rfind(kClosing);
    const bool is_plain = last != std::string_view::npos && data.substr(0, last).find("<!") == std::string_view::npos;
    return {.skip = 0, .size = is_plain ? last + kClosing.size() : end_of_last_event(data), .context = nullptr};
  }
};

class WindowsXmlParser final : public Parser {
 public:
  WindowsXmlParser(const event::FieldTable& table, const Options& options) : fields_(table, options) {}

  void parse(const Chunk& chunk, event::Batch& batch) override {
    batch_ = &batch;
    number_ = 0;
    is_clean_ = is_valid_text(chunk.bytes);
    std::size_t position = 0;
    while ((position = find_event(chunk.bytes, position)) < chunk.bytes.size()) {
      position = parse_event(chunk.bytes, position);
    }
    batch.set_record_count(number_);
  }

  std::optional<event::EventTime> time_of(event::Batch& batch, const event::Row& row) override {
    return fields_.time_of(batch, row);
  }

 private:
  struct Element {
    std::string_view name;
    std::string_view field_name;  // Its Name attribute, if that is the field.
    std::string_view text;
    char* joined = nullptr;  // Where the text lies once it came in several pieces.
    std::size_t joined_capacity = 0;
    Place place = Place::outside;
    Place inside = Place::outside;
    bool has_children = false;
  };

  // From `position` on, the first <Event …>; the end if there is none. A DOCTYPE on the way is counted.
  std::size_t find_event(std::string_view bytes, std::size_t position) {
    for (position = bytes.find('<', position); position != std::string_view::npos;
         position = bytes.find('<', position)) {
      if (is_event_tag(bytes, position, "<")) return position;
      const std::string_view rest = bytes.substr(position);
      if (rest.starts_with("<!DOCTYPE")) reject(kDoctypeSkipped, rest);
      position = std::max(position + 1, end_of_section(bytes, position));
    }
    return bytes.size();
  }

  // Reads the event whose tag is at `begin`; returns where to go on.
  std::size_t parse_event(std::string_view bytes, std::size_t begin) {
    XmlReader reader(bytes, begin, batch_->arena());
    elements_.clear();
    channel_ = provider_ = {};
    next_event_ = 0;
    batch_->begin_row();
    std::string_view reason;
    do {
      reason = take_token(reader);
    } while (reason.empty() && !elements_.empty());
    const std::string_view raw = bytes.substr(begin, reader.position() - begin);
    if (reason.empty() && batch_->open_cells().empty()) reason = kNoEvent;
    if (raw.size() > kRecordBytesMax) reason = kTooLong;
    if (reason.empty() && !is_clean_ && !is_valid_text(raw)) {
      // Read again as repaired: markup is ASCII, so it stands as it did.
      batch_->drop_row();
      parse_event(valid_text(raw, *batch_), 0);
      return reader.position();
    }
    if (reason.empty()) {
      batch_->finish_row(number_++, fields_.logsource_of(channel_, provider_), raw);
      return reader.position();
    }
    batch_->drop_row();
    reject(reason, bytes.substr(begin));
    // The next event may begin inside what was read as part of this one.
    return next_event_ > begin ? next_event_ : std::max(begin + 1, reader.position());
  }

  std::string_view take_token(XmlReader& reader) {
    const std::size_t begin = reader.position();
    switch (reader.next()) {
      case XmlReader::Token::open:
        if (next_event_ == 0 && !elements_.empty() && local_name(reader.name()) == "Event") next_event_ = begin;
        return open_element(reader);
      case XmlReader::Token::close: return close_element(reader.name());
      case XmlReader::Token::text:
        CHECK(!elements_.empty());  // An event is read from its tag to that element's end.
        add_text(elements_.back(), reader.text());
        return {};
      case XmlReader::Token::end: return kNeverClosed;
      case XmlReader::Token::error: break;
    }
    return reader.reason();
  }

  std::string_view open_element(const XmlReader& reader) {
    if (elements_.size() == kDepthMax) return kTooDeep;
    if (batch_->open_cells().size() > kCellsPerEventMax) return kTooMany;
    Element element;
    element.name = reader.name();
    element.place = elements_.empty() ? Place::outside : elements_.back().inside;
    // An event inside an event is the next one, whose predecessor was cut off.
    if (!elements_.empty() && element.place == Place::event && local_name(element.name) == "Event") return kNeverClosed;
    element.inside = place_inside(element.place, local_name(element.name));
    if (!elements_.empty()) elements_.back().has_children = true;
    for (const XmlAttribute& attribute : reader.attributes()) {
      if (element.place == Place::data && local_name(attribute.name) == "Name") {
        element.field_name = attribute.value;
      } else if (is_field(element.place, attribute.name)) {
        add(field_of_attribute(element.name, attribute.name), attribute.value);
      }
    }
    elements_.push_back(element);
    return {};
  }

  std::string_view close_element(std::string_view name) {
    CHECK(!elements_.empty());
    const Element& element = elements_.back();
    if (element.name != name) return kWrongTag;
    if (is_kept(element.place, local_name(element.name)) && has_text(element)) {
      add(fields_.resolve(element.field_name.empty() ? local_name(element.name) : element.field_name), element.text);
    }
    elements_.pop_back();
    return {};
  }

  static bool has_text(const Element& element) {
    const bool is_container = element.has_children || element.place == Place::outside || element.place == Place::event;
    // Between elements, blanks only make the XML pretty.
    if (is_container) return !trim(element.text).empty();
    return !element.text.empty() || is_text_if_empty(element.place);
  }

  void add_text(Element& element, std::string_view text) {
    if (element.text.empty()) {
      element.text = text;
      return;
    }
    if (element.has_children && trim(text).empty()) return;
    const std::size_t size = element.text.size() + text.size();
    if (size > element.joined_capacity) {
      // Twice as much as needed, so that text in a thousand pieces is not copied a thousand times.
      char* const joined = batch_->arena().allocate(2 * size);
      std::ranges::copy(element.text, joined);
      element.joined = joined;
      element.joined_capacity = 2 * size;
    }
    std::ranges::copy(text, element.joined + element.text.size());
    element.text = {element.joined, size};
  }

  const event::Field* field_of_attribute(std::string_view element, std::string_view attribute) {
    attribute_name_.assign(local_name(element));
    attribute_name_ += '_';
    attribute_name_ += local_name(attribute);
    return fields_.resolve(attribute_name_);
  }

  void add(const event::Field* field, std::string_view text) {
    if (field == fields_.channel()) channel_ = text;
    if (field == fields_.provider()) provider_ = text;
    batch_->add(field, event::ValueKind::string, text);
  }

  void reject(std::string_view reason, std::string_view bytes) {
    constexpr std::size_t kShown = 256;
    batch_->reject(number_++, reason, bytes.substr(0, kShown));
  }

  WindowsFields fields_;
  event::Batch* batch_ = nullptr;
  std::vector<Element> elements_;
  std::string attribute_name_;
  std::string_view channel_;
  std::string_view provider_;
  std::size_t next_event_ = 0;  // Where the first <Event> inside the event being read is; 0: none was seen.
  std::uint64_t number_ = 0;
  bool is_clean_ = true;  // The chunk is valid UTF-8.
};

Detected detect(std::string_view sample, std::string_view) {
  const std::string_view start = trim(sample);
  // JSON and CSV hold such events too, as one of their values.
  if (start.starts_with('{') || start.starts_with('[') || start.starts_with('"')) return {};
  std::size_t tag = sample.find("<Event");
  while (tag != std::string_view::npos && !is_event_tag(sample, tag, "<")) tag = sample.find("<Event", tag + 1);
  const bool has_event = tag != std::string_view::npos;
  if (sample.find(kNamespace) != std::string_view::npos && (has_event || start.starts_with('<'))) {
    return {Confidence::certain, "Windows events, XML"};
  }
  const bool has_system = sample.find("<System>") != std::string_view::npos;
  if (has_event && has_system) return {Confidence::likely, "Windows events, XML without namespace"};
  return {};
}

std::unique_ptr<Splitter> make_splitter(const Options&) {
  return std::make_unique<EventSplitter>();
}

std::unique_ptr<Parser> make_parser(const event::FieldTable& table, const Options& options) {
  return std::make_unique<WindowsXmlParser>(table, options);
}

}  // namespace

constinit const Format kWindowsXml = {
    .name = "windows-xml",
    .description = "Windows events as XML (wevtutil, Event Viewer, Get-WinEvent)",
    .assumptions = "event time: TimeCreated, without zone: UTC; logsource: product windows, service by channel",
    .binary = false,
    .detect = detect,
    .make_splitter = make_splitter,
    .make_parser = make_parser,
};

}  // namespace weir::formats
