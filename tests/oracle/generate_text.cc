#include "oracle/generate_text.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "oracle/encoding.h"
#include "oracle/text.h"

namespace weir::oracle {

namespace {

// Letters that meet often, and what is special: case pairs beyond ASCII, dashes, escapes, characters of 2 to 4 bytes.
const std::vector<std::string>& alphabet() {
  static const std::vector<std::string> kCharacters{"a", "a", "b",  "b", "c", "A", "B", "k", "s", "1",  "2",  " ", ".",
                                                    "-", "/", "\\", "é", "É", "ß", "ſ", "K", "–", "日", "😀", "%", "_"};
  return kCharacters;
}

std::string encode(std::u32string_view text) {
  std::string out;
  for (const char32_t c : text) {
    if (c >= kMalformed)
      out.push_back(static_cast<char>(c - kMalformed));
    else
      append_utf8(out, c);
  }
  return out;
}

std::string number_text(std::size_t number) {
  return std::to_string(number);
}

bool has(const RuleItem& item, std::string_view modifier) {
  return std::find(item.modifiers.begin(), item.modifiers.end(), modifier) != item.modifiers.end();
}

std::string other_case(Random& random, const std::string& text) {
  std::u32string characters = decode(text);
  for (char32_t& c : characters) {
    if (c < 0x80 && random.chance(50)) {
      if (c >= 'a' && c <= 'z')
        c -= 32;
      else if (c >= 'A' && c <= 'Z')
        c += 32;
    } else if (c == U'é') {
      c = U'É';
    } else if (c == U'k' && random.chance(20)) {
      c = U'\u212A';
    }
  }
  return encode(characters);
}

// Wildcards filled in.
std::string fill(Random& random, const SigmaText& text) {
  std::string out;
  for (const Piece& piece : text.pieces) {
    if (piece.kind == Piece::Kind::bytes) out += piece.bytes;
    if (piece.kind == Piece::Kind::any_one) out += random.pick(alphabet());
    if (piece.kind == Piece::Kind::any_run) out += random_text(random, 3);
  }
  return out;
}

// What the transforming modifiers make of the value, one of the texts if there are several.
SigmaText transformed(Random& random, const RuleItem& item, SigmaText text) {
  for (const std::string& modifier : item.modifiers) {
    if (modifier == "windash") text = random.pick(windash(text));
    if (modifier == "base64") text = SigmaText{{Piece{Piece::Kind::bytes, base64(text.plain())}}};
    if (modifier == "base64offset") {
      const auto all = base64_at_offsets(text.plain());
      text = SigmaText{{Piece{Piece::Kind::bytes, all.empty() ? "" : random.pick(all)}}};
    }
    if (modifier == "wide" || modifier == "utf16le" || modifier == "utf16be" || modifier == "utf16") {
      for (Piece& piece : text.pieces) piece.bytes = utf16(piece.bytes, modifier == "utf16be");
      if (modifier == "utf16") text.pieces.insert(text.pieces.begin(), Piece{Piece::Kind::bytes, "\xFF\xFE"});
    }
  }
  return text;
}

std::string expanded(Random& random, const std::string& written, const Placeholders& placeholders) {
  for (const auto& [name, values] : placeholders) {
    const std::string mark = "%" + name + "%";
    if (const std::size_t place = written.find(mark); place != std::string::npos) {
      return written.substr(0, place) + random.pick(values) + written.substr(place + mark.size());
    }
  }
  return written;
}

std::string date_with(Random& random, const RuleItem& item, const std::string& number) {
  std::string date = random_date(random);
  const auto put = [&](std::size_t place, std::size_t width) {
    if (date.size() >= place + width && number.size() <= width) {
      date.replace(place, width, std::string(width - number.size(), '0') + number);
    }
  };
  if (has(item, "year")) put(0, 4);
  if (has(item, "month")) put(5, 2);
  if (has(item, "day")) put(8, 2);
  if (has(item, "hour")) put(11, 2);
  if (has(item, "minute")) put(14, 2);
  return date;
}

}  // namespace

std::string random_text(Random& random, std::size_t length_max) {
  std::string text;
  for (std::size_t length = random.below(length_max + 1); length > 0; --length) {
    // A line end never comes last: engines may differ in what `$` thinks of that (docs/semantics-sigma.md).
    text += length > 1 && random.chance(3) ? "\n" : random.pick(alphabet());
  }
  return text;
}

std::string random_sigma_text(Random& random, bool plain) {
  static const std::vector<std::string> kEscapes{"\\*", "\\?", "\\\\", "\\"};
  static const std::vector<std::string> kWildcards{"*", "*", "?"};
  std::string text;
  for (std::size_t length = 1 + random.below(5); length > 0; --length) {
    const std::size_t kind = random.below(20);
    if (kind == 0)
      text += random.pick(kEscapes);
    else if (kind < 4 && !plain)
      text += random.pick(kWildcards);
    else
      text += random.pick(alphabet());
  }
  // A backslash and an escaped wildcard make an escaped backslash and a wildcard.
  if (plain && parse_sigma_text(text).has_wildcard()) return "b";
  return text;
}

RegexSample random_regex(Random& random, int depth) {
  static const std::vector<RegexSample> kAtoms{{"a", "a"},     {"b", "b"},    {"ab", "ab"},       {"\\.", "."},
                                               {".", "c"},     {"[ab]", "b"}, {"[^ab]", "c"},     {"\\d", "1"},
                                               {"\\w", "s"},   {"\\s", " "},  {"é", "é"},         {"[a-c]", "c"},
                                               {"\\\\", "\\"}, {"日", "日"},  {"\\bab\\b", "ab"}, {"k", "k"}};
  if (depth == 0 || random.chance(30)) return random.pick(kAtoms);
  const RegexSample left = random_regex(random, depth - 1);
  switch (random.below(8)) {
    case 0: return {"(" + left.pattern + ")*", left.text + left.text};
    case 1: return {"(?:" + left.pattern + ")+", left.text};
    case 2: return {"(" + left.pattern + ")?", random.chance(50) ? left.text : ""};
    case 3: return {"(" + left.pattern + "){1,2}", left.text};
    case 4: {
      const RegexSample right = random_regex(random, depth - 1);
      return {"(" + left.pattern + "|" + right.pattern + ")", random.chance(50) ? left.text : right.text};
    }
    default: {
      const RegexSample right = random_regex(random, depth - 1);
      return {left.pattern + right.pattern, left.text + right.text};
    }
  }
}

std::string random_number(Random& random) {
  static const std::vector<std::string> kNumbers{
      "0", "1", "2", "5", "9", "10", "11", "-1", "2.5", "10.0", "100", "-2.5",
      // What binary numbers of 64 bits would round, or cannot hold.
      "9007199254740992", "9007199254740993", "-9007199254740993", "18446744073709551616", "0.10000000000000000001",
      "1e3", "1e-999", "1e999"};
  return random.pick(kNumbers);
}

std::string random_date(Random& random) {
  static const std::vector<std::string> kDates{"2024-12-30", "2021-01-03", "2020-12-31",
                                               "2023-01-01", "2024-02-29", "2026-11-21"};
  static const std::vector<std::string> kTails{"", "Z", "+02:00", "-0800", ".123Z", ".5", " UTC"};
  std::string date = random.pick(kDates);
  if (random.chance(15)) return date;
  const std::size_t hour = 10 + random.below(14);
  const std::size_t minute = 10 + random.below(50);
  return date + (random.chance(50) ? "T" : " ") + number_text(hour) + ":" + number_text(minute) + ":30" +
         random.pick(kTails);
}

std::string random_address(Random& random) {
  static const std::vector<std::string> kAddresses{
      "10.0.0.1",    "10.1.2.3",        "10.255.0.0", "192.168.4.1", "192.168.5.255", "8.8.8.8",       "::1", "fe80::1",
      "2001:db8::5", "::ffff:10.0.0.1", "1.2.3",      "10.0.0.256",  "fe80::1%eth0",  "[2001:db8::5]", ""};
  return random.pick(kAddresses);
}

std::string random_network(Random& random) {
  static const std::vector<std::string> kNetworks{"10.0.0.0/8",    "10.0.0.0/31", "192.168.4.0/23", "0.0.0.0/0",
                                                  "8.8.8.8/32",    "8.8.8.8",     "::1/128",        "fe80::/10",
                                                  "2001:db8::/32", "10.1.0.0/16"};
  return random.pick(kNetworks);
}

std::string fitting_text(Random& random, const RuleItem& item, const RuleValue& value,
                         const Placeholders& placeholders) {
  if (has(item, "cidr")) return random_address(random);
  if (has(item, "lt") || has(item, "lte") || has(item, "gt") || has(item, "gte")) {
    const bool of_date = std::any_of(item.modifiers.begin(), item.modifiers.end(), [](const std::string& m) {
      return m == "minute" || m == "hour" || m == "day" || m == "week" || m == "month" || m == "year";
    });
    return of_date ? random_date(random) : random_number(random);
  }
  for (const std::string_view part : {"minute", "hour", "day", "month", "year"}) {
    if (has(item, part)) return date_with(random, item, value.text);
  }
  if (has(item, "week")) return random_date(random);
  const std::string written = has(item, "expand") ? expanded(random, value.text, placeholders) : value.text;
  std::string text = fill(random, transformed(random, item, parse_sigma_text(written)));
  if (has(item, "contains") || has(item, "endswith") || item.field.empty()) text = random_text(random, 2) + text;
  if (has(item, "contains") || has(item, "startswith") || item.field.empty()) text += random_text(random, 2);
  if (!has(item, "cased") && random.chance(40)) text = other_case(random, text);
  return text;
}

std::string nearly(Random& random, const std::string& text) {
  std::u32string characters = decode(text);
  const std::size_t place = random.below(characters.size() + 1);
  const std::u32string other = decode(random.pick(alphabet()));
  switch (random.below(4)) {
    case 0:
      if (place < characters.size()) characters.erase(place, 1);
      break;
    case 1:
      if (place < characters.size()) characters.replace(place, 1, other);
      break;
    case 2: characters.insert(place, other); break;
    default: return other_case(random, text);
  }
  return encode(characters);
}

}  // namespace weir::oracle
