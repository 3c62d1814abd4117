#include "formats/auditd/line.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace weir::formats::auditd {
namespace {

constexpr std::string_view kStamp = "audit(";
constexpr std::string_view kNoStamp = "no audit(seconds:serial) stamp";

struct TypeName {
  std::string_view number;
  std::string_view name;
};

// The kernel's own log has numbers (linux/audit.h); so has auditd for what is younger than itself: UNKNOWN[1323].
constexpr auto kTypes = std::to_array<TypeName>({
    {"1300", "SYSCALL"},
    {"1302", "PATH"},
    {"1303", "IPC"},
    {"1304", "SOCKETCALL"},
    {"1305", "CONFIG_CHANGE"},
    {"1306", "SOCKADDR"},
    {"1307", "CWD"},
    {"1309", "EXECVE"},
    {"1311", "IPC_SET_PERM"},
    {"1312", "MQ_OPEN"},
    {"1313", "MQ_SENDRECV"},
    {"1314", "MQ_NOTIFY"},
    {"1315", "MQ_GETSETATTR"},
    {"1316", "KERNEL_OTHER"},
    {"1317", "FD_PAIR"},
    {"1318", "OBJ_PID"},
    {"1319", "TTY"},
    {"1320", "EOE"},
    {"1321", "BPRM_FCAPS"},
    {"1322", "CAPSET"},
    {"1323", "MMAP"},
    {"1324", "NETFILTER_PKT"},
    {"1325", "NETFILTER_CFG"},
    {"1326", "SECCOMP"},
    {"1327", "PROCTITLE"},
    {"1328", "FEATURE_CHANGE"},
    {"1329", "REPLACE"},
    {"1330", "KERN_MODULE"},
    {"1331", "FANOTIFY"},
    {"1334", "BPF"},
    {"1335", "EVENT_LISTENER"},
    {"1336", "URINGOP"},
    {"1337", "OPENAT2"},
    {"1400", "AVC"},
    {"1401", "SELINUX_ERR"},
    {"1404", "MAC_STATUS"},
    {"1405", "MAC_CONFIG_CHANGE"},
    {"1700", "ANOM_PROMISCUOUS"},
    {"1701", "ANOM_ABEND"},
    {"1702", "ANOM_LINK"},
});

std::string_view named_type(std::string_view type) {
  std::string_view number = type;
  constexpr std::string_view kUnknown = "UNKNOWN[";
  if (number.starts_with(kUnknown) && number.ends_with(']')) {
    number.remove_prefix(kUnknown.size());
    number.remove_suffix(1);
  }
  const auto* const found = std::ranges::find(kTypes, number, &TypeName::number);
  return found == kTypes.end() ? type : found->name;
}

// What follows `key` in `text`, up to a blank, if `key` stands at the start of a word.
std::string_view word_after(std::string_view text, std::string_view key) {
  for (std::size_t at = text.rfind(key); at != std::string_view::npos; at = at == 0 ? at : text.rfind(key, at - 1)) {
    if (at == 0 || !(is_alpha(text[at - 1]) || text[at - 1] == '_')) {
      const std::string_view rest = text.substr(at + key.size());
      return rest.substr(0, rest.find(' '));
    }
    if (at == 0) break;
  }
  return {};
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit);
}

}  // namespace

std::optional<Line> read_line(std::string_view text, std::string_view& reason) {
  reason = kNoStamp;
  const std::size_t stamp = text.find(kStamp);
  if (stamp == std::string_view::npos) return std::nullopt;
  const std::string_view before = text.substr(0, stamp);
  const std::string_view rest = text.substr(stamp + kStamp.size());
  const std::size_t end = rest.find(')');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = rest.substr(0, end);
  const std::size_t colon = inside.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Line line;
  line.text = text;
  line.time = inside.substr(0, colon);
  line.serial = inside.substr(colon + 1);
  const std::size_t dot = line.time.find('.');
  const bool is_time =
      dot != std::string_view::npos && is_number(line.time.substr(0, dot)) && is_number(line.time.substr(dot + 1));
  if (!is_time || !is_number(line.serial)) return std::nullopt;
  line.type = named_type(word_after(before, "type="));
  if (line.type.empty()) {
    reason = "audit record without a type";
    return std::nullopt;
  }
  line.node = word_after(before, "node=");
  line.body = rest.substr(end + 1);
  if (line.body.starts_with(" :")) line.body.remove_prefix(1);
  if (line.body.starts_with(':')) line.body.remove_prefix(1);
  return line;
}

bool is_between_records(std::string_view text) {
  return trim(text).empty() || text.starts_with("----") || text.starts_with("time->");
}

}  // namespace weir::formats::auditd
