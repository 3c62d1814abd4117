// Multiplies recorded Windows events (JSON lines) to a corpus of any size in which values are as varied as in life:
// each copy of the input has its own GUIDs, process ids, times, hosts, users and command-line tokens, drawn from a
// seed. So remembered verdicts are no more useful than on a real stream.
//
//   multiply_events BYTES SEED FILE… > corpus.jsonl

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace {

std::uint64_t mixed(std::uint64_t x) {  // splitmix64's output function.
  x += 0x9E3779B97F4A7C15;
  x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
  x = (x ^ x >> 27) * 0x94D049BB133111EB;
  return x ^ x >> 31;
}

std::uint64_t hashed(std::string_view text, std::uint64_t seed) {
  for (const char c : text) seed = mixed(seed ^ static_cast<unsigned char>(c));
  return seed;
}

bool is_hex(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0;
}

// 8-4-4-4-12 hexadecimal digits.
bool is_guid(std::string_view text) {
  if (text.size() < 36) return false;
  for (std::size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

// "2020-10-18 10:56:18": the shape, not the range.
bool is_time(std::string_view text) {
  if (text.size() < 19) return false;
  constexpr std::string_view kShape = "dddd-dd-dd.dd:dd:dd";
  for (std::size_t i = 0; i < kShape.size(); ++i) {
    if (kShape[i] == 'd' ? std::isdigit(static_cast<unsigned char>(text[i])) == 0
                         : kShape[i] != '.' && text[i] != kShape[i]) {
      return false;
    }
  }
  return true;
}

class Multiplier {
 public:
  explicit Multiplier(std::uint64_t seed) : seed_(seed) {}

  void append_copy(std::string_view line, std::uint64_t copy, std::uint64_t number, std::string& out) const {
    const std::uint64_t of_copy = mixed(seed_ ^ mixed(copy + 1));
    const std::uint64_t of_event = mixed(of_copy ^ number);
    for (std::size_t i = 0; i < line.size();) {
      const std::string_view rest = line.substr(i);
      const bool at_word = i == 0 || std::isalnum(static_cast<unsigned char>(line[i - 1])) == 0;
      if (std::size_t size = at_word ? replace_word(rest, of_copy, out) : 0; size > 0) {
        i += size;
        continue;
      }
      if (const std::size_t size = replace_number(rest, of_copy, out); size > 0) {
        i += size;
        continue;
      }
      if (const std::size_t size = lengthen_command(rest, of_event, out); size > 0) {
        i += size;
        continue;
      }
      out += line[i++];
    }
    out += '\n';
  }

 private:
  // GUIDs, times, hosts and users: the same in all events of a copy, other in the next.
  static std::size_t replace_word(std::string_view rest, std::uint64_t seed, std::string& out) {
    if (is_guid(rest)) {
      std::uint64_t bits = hashed(rest.substr(0, 36), seed);
      for (std::size_t i = 0; i < 36; ++i) {
        if (rest[i] == '-') {
          out += '-';
          continue;
        }
        out += "0123456789abcdef"[bits & 15];
        bits = i == 15 ? mixed(bits) : bits >> 4 | bits << 60;
      }
      return 36;
    }
    if (is_time(rest)) {
      const std::uint64_t bits = mixed(seed ^ 7);
      char time[24];
      std::snprintf(time, sizeof time, "%.4s-%02u-%02u%c%02u:", rest.data(), static_cast<unsigned>(1 + bits % 12),
                    static_cast<unsigned>(1 + bits / 12 % 28), rest[10], static_cast<unsigned>(bits / 336 % 24));
      out.append(time).append(rest.substr(14, 5));
      return 19;
    }
    static constexpr std::string_view kNames[] = {"WORKSTATION", "MORDORDC", "IT001",   "HFDC01",   "WEC",
                                                  "wardog",      "pgustavo", "nmartha", "sbeavers", "Administrator"};
    for (const std::string_view name : kNames) {
      if (!rest.starts_with(name)) continue;
      out.append(name).append(std::to_string(seed % 5000));
      return name.size();
    }
    return 0;
  }

  // "ProcessId":"4164" and the like.
  static std::size_t replace_number(std::string_view rest, std::uint64_t seed, std::string& out) {
    static constexpr std::string_view kKeys[] = {
        "\"ProcessId\":",       "\"ProcessID\":",       "\"ThreadID\":",        "\"NewProcessId\":",
        "\"ParentProcessId\":", "\"SourceProcessId\":", "\"TargetProcessId\":", "\"RecordNumber\":",
        "\"HandleId\":",        "\"SourcePort\":",      "\"SubjectLogonId\":",  "\"LogonId\":"};
    if (rest.front() != '"') return 0;
    for (const std::string_view key : kKeys) {
      if (!rest.starts_with(key)) continue;
      std::size_t end = key.size();
      const bool quoted = rest[end] == '"';
      if (quoted) ++end;
      const bool hex = rest.substr(end).starts_with("0x");
      if (hex) end += 2;
      const std::size_t digits = end;
      while (end < rest.size() && (hex ? is_hex(rest[end]) : std::isdigit(static_cast<unsigned char>(rest[end])) != 0))
        ++end;
      if (end == digits) return 0;
      const std::uint64_t value = 4 + hashed(rest.substr(digits, end - digits), seed) % 65'000;
      char text[24];
      std::snprintf(text, sizeof text, hex ? "%llx" : "%llu", static_cast<unsigned long long>(value));
      out.append(rest.substr(0, digits)).append(text);
      return end;
    }
    return 0;
  }

  // Command lines get a token of their own, as real ones have file names, ids and paths in them.
  static std::size_t lengthen_command(std::string_view rest, std::uint64_t seed, std::string& out) {
    static constexpr std::string_view kKeys[] = {"\"CommandLine\":\"", "\"ParentCommandLine\":\"",
                                                 "\"ScriptBlockText\":\"", "\"Payload\":\""};
    if (rest.front() != '"') return 0;
    for (const std::string_view key : kKeys) {
      if (!rest.starts_with(key)) continue;
      char token[40];
      std::snprintf(token, sizeof token, "%08llx.tmp /x%llu ", static_cast<unsigned long long>(seed >> 32),
                    static_cast<unsigned long long>(seed % 1000));
      // After the program, where the line's own arguments begin.
      std::size_t at = key.size();
      if (rest.substr(at).starts_with("\\\"")) {
        const std::size_t quote = rest.find("\\\"", at + 2);
        if (quote != std::string_view::npos) at = quote + 2;
      }
      while (at < rest.size() && rest[at] != ' ' && rest[at] != '"') at += rest[at] == '\\' ? 2 : 1;
      at = std::min(at, rest.size());
      out.append(rest.substr(0, at));
      if (at < rest.size() && rest[at] == ' ') out.append(" ").append(token, std::char_traits<char>::length(token) - 1);
      return at;
    }
    return 0;
  }

  std::uint64_t seed_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "multiply_events BYTES SEED FILE…\n");
    return 3;
  }
  const std::uint64_t wanted = std::strtoull(argv[1], nullptr, 10);
  const Multiplier multiplier(std::strtoull(argv[2], nullptr, 10));
  std::vector<std::string> lines;
  for (int i = 3; i < argc; ++i) {
    std::ifstream file(argv[i]);
    for (std::string line; std::getline(file, line);) {
      if (!line.empty()) lines.push_back(line);
    }
  }
  if (lines.empty()) {
    std::fprintf(stderr, "multiply_events: no events were read\n");
    return 4;
  }
  std::uint64_t written = 0;
  std::string out;
  for (std::uint64_t copy = 0; written < wanted; ++copy) {
    for (std::size_t i = 0; i < lines.size() && written + out.size() < wanted; ++i) {
      multiplier.append_copy(lines[i], copy, i, out);
      if (out.size() < (1 << 20)) continue;
      written += std::fwrite(out.data(), 1, out.size(), stdout);
      out.clear();
    }
    written += std::fwrite(out.data(), 1, out.size(), stdout);
    out.clear();
  }
  return 0;
}
