// Rows whose bytes hold every value are passed over by the keywords' screen: what fires must stay what fires by the
// values, whatever way the bytes write them down.

#include <random>

#include "base/json_text.h"
#include "sigma/evaluation.h"
#include "sigma/matcher.h"
#include "sigma/test_rows.h"

namespace weir::sigma {
namespace {

using Random = std::mt19937;
using Fired = std::vector<std::uint32_t>;

bool chance(Random& random, unsigned percent) {
  return random() % 100 < percent;
}

template <typename T>
const T& pick(Random& random, const std::vector<T>& choices) {
  return choices[random() % choices.size()];
}

// The inside of a JSON string that means `text`; beside what must be escaped, `percent` of the characters are.
std::string escaped(Random& random, std::string_view text, unsigned percent) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    std::size_t size = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : 3;
    unsigned code = byte;
    if (size == 2) code = (byte & 0x1Fu) << 6 | (text[i + 1] & 0x3Fu);
    if (size == 3) code = (byte & 0xFu) << 12 | (text[i + 1] & 0x3Fu) << 6 | (text[i + 2] & 0x3Fu);
    if (chance(random, percent)) {
      out += chance(random, 50) ? fmt::format("\\u{:04x}", code) : fmt::format("\\u{:04X}", code);
    } else if (byte == '"' || byte == '\\' || (byte == '/' && chance(random, 50))) {
      (out += '\\') += text[i];
    } else {
      out += text.substr(i, size);
    }
    i += size - 1;
  }
  return out;
}

// One record, as its values are and as a JSON text writes them.
struct Record {
  Values values;
  Values written;
  std::string raw = "{";

  void add(Random& random, std::string_view field, std::string text, ValueKind kind, unsigned percent) {
    written.push_back({std::string(field), text, kind});
    if (kind == ValueKind::string) written.back().text = escaped(random, text, percent);
    const std::string& inside = written.back().text;
    if (raw.size() > 1) raw += ',';
    const bool string = kind == ValueKind::string;
    raw += fmt::format(R"("{}":{})", field, kind == ValueKind::null ? "null" : string ? '"' + inside + '"' : inside);
    values.push_back({std::string(field), std::move(text), kind});
  }
};

// Matchers that look at a record's bytes and at its values, and the plain way.
class Comparison {
 public:
  explicit Comparison(const std::vector<std::string>& rules)
      : variants_(variants_of(rules)),
        plan_(std::make_shared<const Plan>(variants_)),
        screen_(make_group(*plan_, TestRows::windows(), false).keywords),
        rows_(plan_->field_table()) {}

  bool has_screen() const { return screen_.has_value(); }
  bool passes_over(const Record& record) const {
    match::LiteralScreen::Scratch scratch;
    return !screen_->may_occur(record.raw + "}", match::LiteralScreen::Written::as_json, scratch);
  }

  // The rules that fire; fails where one of the ways says otherwise.
  Fired fired(const Record& record) {
    rows_.clear();
    const event::Row plain = rows_.add(record.values);
    const event::Row verbatim = rows_.add_verbatim(record.written, record.raw + "}");
    const EventView view(plan_->field_table(), rows_.batch(), plain);
    Fired expected;
    for (const Variant& variant : variants_) {
      if (holds(variant.condition, view)) expected.push_back(variant.rule);
    }
    EXPECT_EQ(run(by_bytes_, verbatim), expected) << "by bytes: " << record.raw;
    EXPECT_EQ(run(by_bytes_anew_, verbatim), expected) << "by bytes, remembering nothing: " << record.raw;
    EXPECT_EQ(run(by_values_, plain), expected) << "by values: " << record.raw;
    return expected;
  }

 private:
  Fired run(Matcher& matcher, const event::Row& row) {
    const auto rules = matcher.match(rows_.batch(), row);
    return {rules.begin(), rules.end()};
  }

  std::vector<Variant> variants_;
  std::shared_ptr<const Plan> plan_;
  std::optional<match::LiteralScreen> screen_;
  TestRows rows_;
  Matcher by_bytes_{plan_, {}};
  Matcher by_bytes_anew_{plan_, {.remember = false, .any_logsource = false}};
  Matcher by_values_{plan_, {}};
};

Record record_of(const Values& values) {
  Random random(1);
  Record record;
  for (const Value& value : values) record.add(random, value.field, value.text, value.kind, 0);
  return record;
}

// A search for keywords' witnesses once took fields for false that are only no keywords.
TEST(KeywordScreen, FieldsBesideKeywordsKeepTheirSay) {
  Comparison comparison({
      "{s: {EventID: 5861}, keywords: [ActiveScript, CommandLineEvent], t: {EventID: 5859},"
      " filter: {Provider: x, User: y}, condition: ((s and keywords) or t) and not filter}",
      "{keywords: [sekurlsa], condition: keywords}",
  });
  ASSERT_TRUE(comparison.has_screen());
  const Record other = record_of({{"EventID", "5859"}, {"Provider", "x"}, {"User", "z"}});
  EXPECT_TRUE(comparison.passes_over(other));
  EXPECT_EQ(comparison.fired(other), Fired{0});
  EXPECT_EQ(comparison.fired(record_of({{"EventID", "5859"}, {"Provider", "x"}, {"User", "y"}})), Fired{});
  EXPECT_EQ(comparison.fired(record_of({{"EventID", "5861"}, {"User", "y"}})), Fired{});
  EXPECT_EQ(comparison.fired(record_of({{"EventID", "5861"}, {"A", "an activescript here"}})), Fired{0});
}

TEST(KeywordScreen, RowsPassedOverFireWhatNeedsNoKeyword) {
  Comparison comparison({
      "{k: [sekurlsa], condition: not k}",
      "{k: [sekurlsa], s: {A: x}, condition: k or s}",
      "{k: {'|all': [sekurlsa, token]}, s: {A: x}, condition: not k and s}",
      "{k: [sekurlsa], s: {A: null}, condition: s and not k}",
  });
  ASSERT_TRUE(comparison.has_screen());
  EXPECT_EQ(comparison.fired(record_of({{"A", "x"}})), (Fired{0, 1, 2}));
  EXPECT_EQ(comparison.fired(record_of({{"A", "", ValueKind::null}})), (Fired{0, 3}));
  EXPECT_EQ(comparison.fired(record_of({})), (Fired{0, 3}));
  EXPECT_EQ(comparison.fired(record_of({{"A", "x"}, {"B", "SEKURLSA"}})), (Fired{1, 2}));
  EXPECT_EQ(comparison.fired(record_of({{"A", "x"}, {"B", "SEKURLSA"}, {"C", "Token"}})), Fired{1});
}

TEST(KeywordScreen, IsNotMadeWhereAKeywordTellsTooLittle) {
  for (const char* item : {"k: [ab]", "k: ['??\?']", "k: ['*']", "k: {'|re': '[0-9]+'}", "k: [sekurlsa, 'é日']"}) {
    EXPECT_FALSE(Comparison({fmt::format("{{{}, condition: k}}", item)}).has_screen()) << item;
    EXPECT_FALSE(Comparison({fmt::format("{{{}, s: {{A: x}}, condition: k or s}}", item)}).has_screen()) << item;
  }
  EXPECT_FALSE(Comparison({"{s: {A: x}, condition: s}"}).has_screen());
  // Another keyword that is needed as well tells enough.
  EXPECT_TRUE(Comparison({"{k: ['*'], t: [sekurlsa], condition: k and t}"}).has_screen());
}

const std::vector<std::string> kWords = {"mimikatz", "kerberos::",  "sekurlsa", "Invoke-Disk", "ssk",    "<%=",
                                         "a+b=c&d",  R"(C:\Temp\)", "cmd /c ",  R"("who" am)", "äöüabc", "token"};
const std::vector<std::string> kWildWords = {"mimi*katz", "*ker?eros::*", "task*disk", "token ?x"};
const std::vector<std::string> kRegexes = {"mimi[a-z]?katz", "(?i)kerb.ros::", "(token|disks) ?x", "sek[u]rlsa.*ssk"};
const std::vector<std::string> kFields = {
    "{EventID: 5861}",   "{EventID: [5859, 1]}", "{Provider_Name: P, User|contains: adm}",    "{User|contains: token}",
    "{A: null}",         "{A|exists: false}",    "{Provider_Name|startswith: P, User: SYS*}", "{A|re: 'k.*x'}",
    "{User|fieldref: A}"};

std::string in_quotes(std::string_view text) {
  return fmt::format("'{}'", text);
}

std::string word_item(Random& random, bool many) {
  if (many && chance(random, 50)) return in_quotes(fmt::format("never{}here", random() % 80));
  return in_quotes(pick(random, chance(random, 25) ? kWildWords : kWords));
}

std::string keywords(Random& random, bool many) {
  if (chance(random, 20)) return fmt::format("{{'|re': {}}}", in_quotes(pick(random, kRegexes)));
  std::string list = word_item(random, many);
  if (chance(random, 40)) return fmt::format("[{}]", list);
  for (unsigned more = 1 + random() % 2; more > 0; --more) list += ", " + word_item(random, many);
  return fmt::format(fmt::runtime(chance(random, 50) ? "{{'|all': [{}]}}" : "[{}]"), list);
}

std::string condition(Random& random, int depth) {
  if (depth == 0 || chance(random, 25)) return fmt::format("s{}", random() % 4);
  const std::string left = condition(random, depth - 1);
  switch (random() % 6) {
    case 0: return fmt::format("not ({})", left);
    case 1:
    case 2: return fmt::format("({} and {})", left, condition(random, depth - 1));
    case 3:
    case 4: return fmt::format("({} or {})", left, condition(random, depth - 1));
    default: return chance(random, 50) ? "1 of s*" : "all of s*";
  }
}

std::string rule(Random& random, bool many) {
  std::string text = "{";
  for (int i = 0; i < 4; ++i) {
    const bool keyword = i == 0 || chance(random, 30);
    text += fmt::format("s{}: {}, ", i, keyword ? keywords(random, many) : pick(random, kFields));
  }
  return text + "condition: " + condition(random, 3) + "}";
}

std::vector<std::string> rules(Random& random, bool many) {
  std::vector<std::string> all = {pick<std::string>(
      random, {"{s: {EventID: 1}, k: [sekurlsa], condition: s and k}", "{k: [token], condition: not k}"})};
  for (std::size_t i = 4 + random() % 11; i > 0; --i) all.push_back(rule(random, many));
  if (!many) return all;
  std::string list = "never0here";
  for (int i = 1; i < 80; ++i) list += fmt::format(", never{}here", i);
  all.push_back(fmt::format("{{k: [{}], condition: k}}", list));
  return all;
}

// A word as an event may spell it: the long s and the Kelvin sign are an s and a k to keywords.
std::string spelled(Random& random, std::string word) {
  if (chance(random, 15)) word.pop_back();  // All words end in ASCII.
  std::string out;
  const bool strange = chance(random, 30);
  for (const char c : word) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (strange && (c | 0x20) == 'k' && chance(random, 60)) {
      out += "\u212A";
    } else if (strange && (c | 0x20) == 's' && chance(random, 60)) {
      out += "\u017F";
    } else {
      out += letter && chance(random, 20) ? static_cast<char>(c ^ 0x20) : c;
    }
  }
  return out;
}

std::string text(Random& random, bool telling) {
  static const std::vector<std::string> kFillers = {"x",   " ", R"(C:\Windows\System32\)", "adm", "SYSTEM", "/u0073/",
                                                    "tok", "en"};
  std::string out;
  for (unsigned pieces = random() % 5; pieces > 0; --pieces) {
    if (!telling || chance(random, 40)) {
      out += pick(random, kFillers);
    } else if (chance(random, 10)) {
      out += spelled(random, fmt::format("never{}here", random() % 90));
    } else {
      out += spelled(random, pick(random, kWords));
    }
  }
  return out;
}

Record record(Random& random) {
  Record made;
  const unsigned percent = pick<unsigned>(random, {0, 0, 0, 3, 30, 100});
  const bool telling = chance(random, 50);
  made.add(random, "EventID", pick<std::string>(random, {"5861", "5859", "1", "2"}), ValueKind::number, percent);
  if (chance(random, 70)) made.add(random, "Provider_Name", chance(random, 50) ? "P" : "q", ValueKind::string, percent);
  if (chance(random, 70)) made.add(random, "User", text(random, telling), ValueKind::string, percent);
  for (unsigned i = random() % 3; i > 0; --i) {
    const bool null = chance(random, 25);
    made.add(random, "A", null ? "" : text(random, telling), null ? ValueKind::null : ValueKind::string, percent);
  }
  if (chance(random, 70)) made.add(random, "Unread", text(random, telling), ValueKind::string, percent);
  if (chance(random, 20))
    made.add(random, "Doc", fmt::format(R"(["{}"])", escaped(random, text(random, telling), percent)), ValueKind::json,
             0);
  return made;
}

void expect_no_difference(unsigned plans, bool many) {
  std::size_t passed_over = 0;
  std::size_t fired_in_passed_over = 0;
  std::size_t fired_otherwise = 0;
  for (unsigned seed = 0; seed < plans; ++seed) {
    Random random(seed);
    const std::vector<std::string> texts = rules(random, many);
    Comparison comparison(texts);
    const auto trace = [&] { return fmt::format("seed {}{}\n{}", seed, many ? ", many" : "", fmt::join(texts, "\n")); };
    ASSERT_TRUE(comparison.has_screen()) << trace();
    for (int i = 0; i < 60; ++i) {
      const Record one = record(random);
      const std::size_t fired = comparison.fired(one).size();
      ASSERT_FALSE(testing::Test::HasFailure()) << trace();
      const bool over = comparison.passes_over(one);
      passed_over += over;
      (over ? fired_in_passed_over : fired_otherwise) += fired;
    }
  }
  EXPECT_GT(passed_over, plans * 60 / 4);
  EXPECT_GT(fired_in_passed_over, plans * 10);
  EXPECT_GT(fired_otherwise, plans * 10);
}

TEST(KeywordScreen, ChangesNothingOnGeneratedRecords) {
  expect_no_difference(600, false);
}
TEST(KeywordScreen, OfManyKeywordsChangesNothingOnGeneratedRecords) {
  expect_no_difference(200, true);
}

}  // namespace
}  // namespace weir::sigma
