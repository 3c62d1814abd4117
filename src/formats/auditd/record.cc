#include "formats/auditd/record.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "base/utf8.h"
#include "formats/auditd/syscalls.h"

namespace weir::formats::auditd {
namespace {

constexpr char kEnrichment = '\x1d';
// Values that one event may have; a command line of the kernel's own limits fits many times.
constexpr std::size_t kCellsMax = 65'536;
// The kernel gives arguments and environment three quarters of the usual stack limit of 8 MiB at most (fs/exec.c,
// bprm_stack_limits).
constexpr std::size_t kCommandLineBytesMax = 8 * 1024 * 1024;

// Keys whose values the kernel and libaudit encode in hexadecimal digits when they hold a blank, a quote or a byte that
// is no printable ASCII (audit_log_untrustedstring, audit_encode_value).
constexpr auto kEncodedKeys =
    std::to_array<std::string_view>({"acct",      "cgroup",   "cmd",      "comm",  "cwd",      "data",
                                     "device",    "dir",      "exe",      "file",  "grp",      "invalid_context",
                                     "key",       "name",     "new-disk", "ocomm", "old-disk", "path",
                                     "proctitle", "root_dir", "vm",       "watch"});

bool is_encoded_key(std::string_view key) {
  return std::ranges::find(kEncodedKeys, key) != kEncodedKeys.end();
}

// Both writers use capitals.
bool is_upper_hex(std::string_view text) {
  return !text.empty() && text.size() % 2 == 0 &&
         std::ranges::all_of(text, [](char c) { return is_digit(c) || (c >= 'A' && c <= 'F'); });
}

// "a0", "a12"; not "arch".
bool is_argument(std::string_view key) {
  return key.size() >= 2 && key[0] == 'a' && std::ranges::all_of(key.substr(1), is_digit);
}

bool ends_value(char c) {
  return is_space(c) || c == kEnrichment;
}

void skip_blanks(std::string_view& text) {
  while (!text.empty() && (is_space(text.front()) || text.front() == kEnrichment)) text.remove_prefix(1);
}

std::string_view take_word(std::string_view& text) {
  const std::size_t size = static_cast<std::size_t>(std::ranges::find_if(text, ends_value) - text.begin());
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size);
  return word;
}

std::uint8_t hex_byte(std::string_view hex, std::size_t i) {
  return static_cast<std::uint8_t>(hex_value(hex[2 * i]) * 16 + hex_value(hex[2 * i + 1]));
}

}  // namespace

RecordReader::RecordReader(const event::FieldTable& table)
    : names_(table), type_(names_.resolve("type")), command_line_(table.find("command_line")) {}

void RecordReader::begin_event(event::Batch& batch, bool has_arguments) {
  batch_ = &batch;
  has_arguments_ = has_arguments;
  types_.clear();
  arguments_.clear();
  title_ = {};
}

void RecordReader::end_event() {
  flush_argument();
  if (command_line_ != nullptr) add_command_line();
}

void RecordReader::add(const Line& line) {
  record_type_ = line.type;
  if (line.type != "EXECVE") flush_argument();
  add_type(line.type);
  if (!line.node.empty() && batch_->open_cells().size() == 1) add_cell("node", line.node);
  if (line.type == "SYSCALL" || line.type == "SECCOMP") add_call_name(line.body);
  add_pairs(line.body, false);
}

// Once per event, however many PATH records it has.
void RecordReader::add_type(std::string_view type) {
  // More types than there are is somebody's attempt to keep us busy.
  constexpr std::size_t kTypesMax = 64;
  if (std::ranges::find(types_, type) != types_.end()) return;
  if (types_.size() < kTypesMax) types_.push_back(type);
  batch_->add(type_, event::ValueKind::string, type);
}

void RecordReader::add_pairs(std::string_view text, bool is_message) {
  Pair pair;
  while (true) {
    skip_blanks(text);
    if (text.starts_with("avc:")) add_decision(text);
    if (text.empty() || batch_->open_cells().size() >= kCellsMax) return;
    if (take_pair(text, is_message, pair)) add_pair(pair, is_message);
  }
}

// Takes a word off `text`; false if it is none of key=value.
bool RecordReader::take_pair(std::string_view& text, bool is_message, Pair& pair) {
  const std::size_t stop = static_cast<std::size_t>(
      std::ranges::find_if(text, [](char c) { return c == '=' || ends_value(c); }) - text.begin());
  const bool has_value = stop < text.size() && text[stop] == '=';
  pair.key = text.substr(0, stop);
  text.remove_prefix(std::min(text.size(), stop + (has_value ? 1 : 0)));
  // RedHat 5 wrote "(hostname=?, addr=?, terminal=ssh res=failed)".
  if (is_message && pair.key.starts_with('(')) pair.key.remove_prefix(1);
  if (!has_value || pair.key.empty()) return false;
  pair.is_quoted = text.starts_with('"');
  if (pair.is_quoted) {
    const std::size_t end = text.find('"', 1);
    pair.value = text.substr(1, end == std::string_view::npos ? end : end - 1);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return true;
  }
  if (text.starts_with('\'')) {
    // A message may hold apostrophes; it goes on to the last one before the enrichment.
    const std::string_view plain = text.substr(0, text.find(kEnrichment));
    const std::size_t end = plain.rfind('\'');
    pair.value = text.substr(1, end == 0 ? plain.size() - 1 : end - 1);
    text.remove_prefix(end == 0 ? plain.size() : end + 1);
    pair.is_quoted = true;
    return true;
  }
  pair.value = take_word(text);
  if (is_message && pair.value.ends_with(',')) pair.value.remove_suffix(1);
  if (is_message && pair.value.ends_with(')') && !pair.value.starts_with('(')) pair.value.remove_suffix(1);
  return true;
}

void RecordReader::add_pair(const Pair& pair, bool is_message) {
  if (record_type_ == "EXECVE" && pair.key != "argc" && pair.key.starts_with('a')) return add_argument(pair);
  if (record_type_ == "SYSCALL" && has_arguments_ && is_argument(pair.key)) {
    std::string name = "SYSCALL_";
    return add_cell(name += pair.key, pair.value);
  }
  // The braces of "SADDR={ saddr_fam=inet laddr=… }".
  if (!pair.is_quoted && pair.value == "{") return;
  if (pair.key == "key") return add_keys(decoded(pair));
  const std::string_view value = is_encoded_key(pair.key) ? decoded(pair) : pair.value;
  if (record_type_ == "PROCTITLE" && pair.key == "proctitle") title_ = value;
  add_cell(pair.key, value);
  // A message holds no further message; one that pretends to is only text.
  if (pair.key == "msg" && pair.is_quoted && !is_message) add_pairs(pair.value, true);
  if (pair.key == "saddr") add_address(pair.value);
}

// "avc:  denied  { read write } for  pid=…", named as auparse does: seresult, seperms.
void RecordReader::add_decision(std::string_view& text) {
  text.remove_prefix(std::string_view("avc:").size());
  skip_blanks(text);
  add_cell("seresult", take_word(text));
  skip_blanks(text);
  if (!text.starts_with('{')) return;
  text.remove_prefix(1);
  while (true) {
    skip_blanks(text);
    const std::string_view word = take_word(text);
    if (word.empty() || word == "}" || batch_->open_cells().size() >= kCellsMax) return;
    add_cell("seperms", word);
  }
}

void RecordReader::add_argument(const Pair& pair) {
  const std::size_t bracket = pair.key.find('[');
  const std::string_view name = pair.key.substr(0, bracket);
  if (!is_argument(name)) return;  // a2_len
  if (name != argument_name_) flush_argument();
  const bool is_hex = !pair.is_quoted && is_upper_hex(pair.value);
  if (bracket == std::string_view::npos) {
    add_argument_text(name, is_hex ? decoded(pair) : pair.value);
    return;
  }
  argument_name_ = name;
  if (!is_hex) argument_ += pair.value;
  for (std::size_t i = 0; is_hex && i < pair.value.size() / 2; ++i)
    argument_ += static_cast<char>(hex_byte(pair.value, i));
}

void RecordReader::flush_argument() {
  if (argument_name_.empty()) return;
  // Pieces are cut anywhere, so only the whole can be asked whether it is UTF-8.
  add_argument_text(argument_name_, batch_->arena().copy(is_utf8(argument_) ? argument_ : repaired_utf8(argument_)));
  argument_name_.clear();
  argument_.clear();
}

// `text` lives as long as the batch.
void RecordReader::add_argument_text(std::string_view name, std::string_view text) {
  add_cell(name, text);
  std::uint32_t number = 0;
  if (std::from_chars(name.data() + 1, name.data() + name.size(), number).ec != std::errc()) return;
  if (command_line_ != nullptr) arguments_.push_back({number, text});
}

void RecordReader::add_command_line() {
  const std::string_view line = arguments_.empty() ? title_ : joined_arguments();
  if (!arguments_.empty() || !title_.empty()) batch_->add(command_line_, event::ValueKind::string, line);
}

// By number, since a transport may have changed the order of records; of two with one number the first counts.
std::string_view RecordReader::joined_arguments() {
  std::ranges::stable_sort(arguments_, {}, &Argument::number);
  const auto twins = std::ranges::unique(arguments_, {}, &Argument::number);
  arguments_.erase(twins.begin(), twins.end());
  std::size_t size = arguments_.size() - 1;
  for (const Argument& argument : arguments_) size += argument.text.size();
  if (arguments_.size() == 1 && size <= kCommandLineBytesMax) return arguments_.front().text;
  char* const joined = batch_->arena().allocate(std::min(size, kCommandLineBytesMax));
  std::size_t used = 0;
  for (const Argument& argument : arguments_) {
    if (used == kCommandLineBytesMax) break;
    if (used > 0 || &argument != &arguments_.front()) joined[used++] = ' ';
    const std::string_view part = argument.text.substr(0, kCommandLineBytesMax - used);
    std::ranges::copy(part, joined + used);
    used += part.size();
  }
  // Not inside a character.
  if (used == kCommandLineBytesMax) {
    while (used > 0 && (joined[used - 1] & 0xC0) == 0x80) --used;
    if (used > 0 && (joined[used - 1] & 0x80) != 0) --used;
  }
  return {joined, used};
}

// Several keys of a rule are joined by 0x01 and therefore in hexadecimal digits.
void RecordReader::add_keys(std::string_view keys) {
  for (const std::string_view key : split(keys, '\x01')) {
    if (batch_->open_cells().size() < kCellsMax) add_cell("key", key);
  }
}

// struct sockaddr in its bytes, named as the enriched format does.
void RecordReader::add_address(std::string_view hex) {
  if (!is_upper_hex(hex) || hex.size() < 8) return;
  const std::size_t size = hex.size() / 2;
  const int family = hex_byte(hex, 0) | hex_byte(hex, 1) << 8;
  constexpr int kUnix = 1, kInet = 2, kInet6 = 10;
  std::string address;
  if (family == kInet && size >= 8) {
    address = fmt::format("{}.{}.{}.{}", hex_byte(hex, 4), hex_byte(hex, 5), hex_byte(hex, 6), hex_byte(hex, 7));
  } else if (family == kInet6 && size >= 24) {
    for (std::size_t i = 8; i < 24; i += 2) {
      address += fmt::format("{}{:x}", i > 8 ? ":" : "", hex_byte(hex, i) << 8 | hex_byte(hex, i + 1));
    }
  } else if (family == kUnix) {
    // An abstract name begins with a zero; the kernel's padding ends a plain one.
    for (std::size_t i = 2; i < size && (i == 2 || hex_byte(hex, i) != 0); ++i) {
      address += hex_byte(hex, i) == 0 ? '@' : static_cast<char>(hex_byte(hex, i));
    }
    add_cell("path", batch_->arena().copy(repaired_utf8(address)));
    return;
  }
  if (address.empty()) return;
  add_cell("laddr", batch_->arena().copy(address));
  add_cell("lport", batch_->arena().copy(std::to_string(hex_byte(hex, 2) << 8 | hex_byte(hex, 3))));
}

// Rules name the system call; a record that was not enriched has only its number.
void RecordReader::add_call_name(std::string_view body) {
  if (body.find("SYSCALL=") != std::string_view::npos) return;
  std::string_view arch, number;
  Pair pair;
  while (number.empty() && !body.empty()) {
    skip_blanks(body);
    if (!take_pair(body, false, pair)) continue;
    if (pair.key == "arch") arch = pair.value;
    if (pair.key == "syscall") number = pair.value;
  }
  if (const std::string_view machine = name_of_machine(arch); !machine.empty()) add_cell("ARCH", machine);
  if (const std::string_view call = name_of_syscall(arch, number); !call.empty()) add_cell("SYSCALL", call);
}

// `value` lives as long as the batch.
void RecordReader::add_cell(std::string_view name, std::string_view value) {
  batch_->add(names_.resolve(name), event::ValueKind::string, value);
}

std::string_view RecordReader::decoded(const Pair& pair) {
  if (pair.is_quoted || !is_upper_hex(pair.value)) return pair.value;
  const std::size_t size = pair.value.size() / 2;
  char* const bytes = batch_->arena().allocate(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(hex_byte(pair.value, i));
  // Zeros stand between the arguments of a proctitle.
  std::replace(bytes, bytes + size, '\0', ' ');
  const std::string_view text(bytes, size);
  return is_utf8(text) ? text : batch_->arena().copy(repaired_utf8(text));
}

}  // namespace weir::formats::auditd
