#include "log/topic_file.h"

#include <algorithm>
#include <random>

#include "log/frame.h"

namespace weir::log {
namespace {

constexpr std::string_view kMagic = "weirtopc";
constexpr std::size_t kNameCharactersInFolder = 200;
constexpr std::size_t kSettingBytes = 8;

}  // namespace

std::string encode_topic(const TopicFile& topic) {
  FieldWriter out;
  out.text(topic.name).raw({reinterpret_cast<const char*>(topic.id.data()), topic.id.size()}).number(topic.partitions);
  out.number(static_cast<std::uint32_t>(topic.settings.size()));
  for (const auto& [name, value] : topic.settings) out.text(name).text(value);
  return make_frame(kMagic, out.take());
}

Result<TopicFile> decode_topic(std::string_view bytes, const std::string& path) {
  TRY(const std::string_view body, read_frame(kMagic, bytes, path));
  FieldReader in(body);
  TopicFile topic;
  topic.name = in.text();
  std::ranges::copy(in.raw(topic.id.size()), topic.id.begin());
  topic.partitions = in.number<std::int32_t>();
  for (std::uint32_t left = in.count(kSettingBytes); left > 0; --left) {
    std::string name = in.text();
    topic.settings[std::move(name)] = in.text();
  }
  if (!in.is_whole() || topic.partitions < 0) {
    return fail(ErrorKind::corrupt, "{} is damaged: its settings make no sense", path);
  }
  return topic;
}

std::string topic_folder(std::string_view name, const TopicId& id) {
  std::string folder = fmt::format("{}-", name.substr(0, kNameCharactersInFolder));
  for (const std::uint8_t byte : id) folder += fmt::format("{:02x}", byte);
  return folder;
}

TopicId random_id() {
  constexpr std::uint8_t kFirstOfDash = 62 << 2;  // A first byte from here to 251 is written as '-'.
  constexpr std::uint8_t kEndOfDash = 63 << 2;
  std::random_device random;
  TopicId id{};
  do {
    for (std::uint8_t& byte : id) byte = static_cast<std::uint8_t>(random());
  } while (id[0] >= kFirstOfDash && id[0] < kEndOfDash);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x40);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  return id;
}

std::string base64url(const TopicId& id) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  std::uint32_t bits = 0;
  int count = 0;
  for (const std::uint8_t byte : id) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 6; count -= 6) text += kDigits[(bits >> (count - 6)) & 0x3f];
  }
  if (count > 0) text += kDigits[(bits << (6 - count)) & 0x3f];
  return text;
}

}  // namespace weir::log
