#include "app/scan/input_table.h"

#include <algorithm>

#include "base/sorted.h"
#include "base/text.h"

namespace weir::app {
namespace {

constexpr std::size_t kShown = 12;
constexpr std::size_t kNamesShown = 3;
constexpr std::size_t kNameWidthMax = 48;

using Rows = std::vector<const InputReport*>;

// Digits stand under each other, whether "event" or "events" follows.
std::string column(std::uint64_t number, std::string_view noun, std::size_t width) {
  return fmt::format("{:>{}}{}", counted(number, noun), width - (number == 1 ? 1 : 0), number == 1 ? " " : "");
}

std::string counts_of(const InputReport& input) {
  return column(input.counts.events, "event", 17) + "  " + column(input.alerts, "alert", 12) + "  ";
}

// "windows/process_creation/sysmon (1,234), unknown (5)", the most frequent first.
std::string logsources_of(const ScanCounts& counts) {
  std::map<std::string, std::uint64_t> named;
  for (const auto& [source, number] : counts.logsources) named[event::to_string(source)] = number;
  auto rows = by_count(named);
  if (counts.unknown_logsource > 0) {
    const auto place =
        std::ranges::find_if(rows, [&](const auto& row) { return row.second < counts.unknown_logsource; });
    rows.insert(place, {"unknown", counts.unknown_logsource});
  }
  std::string text;
  for (const auto& [source, number] : rows) {
    text += fmt::format("{}{} ({})", text.empty() ? "" : ", ", source, human_count(number));
  }
  return text;
}

class InputTable {
 public:
  InputTable(std::string& out, const Terminal& terminal, bool verbose)
      : out_(out),
        terminal_(terminal),
        verbose_(verbose),
        name_width_(std::clamp<std::size_t>(terminal.width() / 3, 20, kNameWidthMax)),
        rest_(terminal.width() - name_width_ - 4) {}

  void list(const Rows& inputs) {
    for (const InputReport* input : inputs) {
      begin_line(*input);
      const std::string counts = counts_of(*input);
      const std::string format = visible(input->format);
      const std::string logsources = verbose_ ? visible(logsources_of(input->counts)) : std::string();
      const bool is_cut = terminal_.is_terminal() && !verbose_ && display_width(format) + counts.size() > rest_;
      out_ += counts + (is_cut ? fitted(format, rest_ - std::min(rest_, counts.size())) : format);
      out_ += logsources.empty() ? "\n" : fmt::format("; {}\n", logsources);
    }
  }

  // "JSON lines, windows sysmon: 412 files, 1,234,567 events, 3 alerts", most events first.
  void group(const Rows& inputs) {
    struct Group {
      std::uint64_t files = 0;
      std::uint64_t events = 0;
      std::uint64_t alerts = 0;
    };
    std::map<std::string_view, Group> by_format;
    for (const InputReport* input : inputs) {
      Group& group = by_format[input->format];
      ++group.files;
      group.events += input->counts.events;
      group.alerts += input->alerts;
    }
    std::vector<std::pair<std::string_view, Group>> rows(by_format.begin(), by_format.end());
    std::ranges::stable_sort(rows, std::greater{}, [](const auto& row) { return row.second.events; });
    const std::size_t shown = std::min(kShown, rows.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const auto& [format, group] = rows[i];
      paragraph(fmt::format("{}: {}, {}, {}", visible(format), counted(group.files, "file"),
                            counted(group.events, "event"), counted(group.alerts, "alert")));
    }
    if (rows.size() > shown) paragraph(fmt::format("and {}", counted(rows.size() - shown, "more format")));
    paragraph("(-v lists every file)");
  }

  void failures(const Rows& inputs) {
    const std::size_t shown = verbose_ ? inputs.size() : std::min(kShown, inputs.size());
    for (std::size_t i = 0; i < shown; ++i) {
      const InputReport& input = *inputs[i];
      begin_line(input);
      if (input.counts.events > 0) out_ += counts_of(input) + '\n' + std::string(name_width_ + 4, ' ');
      const std::string message = wrapped(visible(input.failure->message), rest_, name_width_ + 4);
      out_ += terminal_.paint(Colour::red, message) + '\n';
    }
    if (inputs.size() > shown) {
      const std::string more = counted(inputs.size() - shown, "more file");
      out_ += "  " + terminal_.paint(Colour::red, fmt::format("and {} that failed (-v names all)", more)) + '\n';
    }
  }

  void of_unknown_format(const Rows& inputs) {
    if (inputs.empty()) return;
    std::string text = counted(inputs.size(), "file") + " in no known log format: ";
    const std::size_t shown = verbose_ ? inputs.size() : std::min(kNamesShown, inputs.size());
    for (std::size_t i = 0; i < shown; ++i) text += (i == 0 ? "" : ", ") + short_name(*inputs[i]);
    if (inputs.size() > shown) text += ", … (-v names all)";
    paragraph(text + "; --input-format NAME sets one (weir formats lists them)");
  }

 private:
  std::string short_name(const InputReport& input) const {
    const std::string name = visible(input.path);
    return verbose_ || display_width(name) <= kNameWidthMax ? name : fitted_at_end(name, kNameWidthMax);
  }

  // The input's name; one that must not be cut and is too long has a line of its own.
  void begin_line(const InputReport& input) {
    const std::string name = visible(input.path);
    const bool is_long = verbose_ && display_width(name) > name_width_;
    out_ += is_long ? fmt::format("  {}\n{}", name, std::string(name_width_ + 4, ' '))
                    : fmt::format("  {}  ", fitted_at_end(name, name_width_));
  }

  void paragraph(std::string_view text) { out_ += "  " + wrapped(text, terminal_.width() - 4, 4) + '\n'; }

  std::string& out_;
  const Terminal& terminal_;
  const bool verbose_;
  const std::size_t name_width_;
  const std::size_t rest_;
};

}  // namespace

void render_inputs(std::string& out, const Terminal& terminal, const std::vector<InputReport>& inputs, bool verbose) {
  Rows read;
  Rows failed;
  Rows unknown;
  for (const InputReport& input : inputs) {
    Rows& rows = !input.failure ? read : input.is_unrecognised ? unknown : failed;
    rows.push_back(&input);
  }
  std::ranges::stable_partition(read, [](const InputReport* input) { return input->counts.events > 0; });
  InputTable table(out, terminal, verbose);
  read.size() > kShown && !verbose ? table.group(read) : table.list(read);
  table.failures(failed);
  table.of_unknown_format(unknown);
}

}  // namespace weir::app
