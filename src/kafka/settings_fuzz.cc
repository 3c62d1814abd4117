// Properties and login modules from any bytes: no crash, and nothing that takes long.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kafka/connection_settings.h"
#include "kafka/jaas.h"
#include "kafka/properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(weir::kafka::parse_jaas(text));
  weir::kafka::SettingsReader reader([&](const std::string&) { return weir::Result<std::string>(std::string(text)); });
  static_cast<void>(reader.set_all("fuzz"));
  static_cast<void>(reader.finish());
  return 0;
}
