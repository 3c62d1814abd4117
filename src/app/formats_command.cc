// `weir formats`: which inputs can be read, and what each format assumes of times and logsources.

#include <cstdio>

#include "app/command.h"
#include "app/scan/alert_writer.h"
#include "app/terminal.h"
#include "base/json_text.h"
#include "formats/registry.h"

namespace weir::app {
namespace {

void print_table(const Terminal& terminal) {
  constexpr std::size_t kIndent = 14;
  for (const formats::Format& format : formats::all_formats()) {
    const std::string name = terminal.paint(Colour::bold, fitted(format.name, kIndent));
    fmt::print("{}{}\n", name, wrapped(format.description, terminal.width() - kIndent, kIndent));
    const std::string text = wrapped(format.assumptions, terminal.width() - kIndent, kIndent);
    fmt::print("{}{}\n", std::string(kIndent, ' '), text);
  }
}

void print_json() {
  for (const formats::Format& format : formats::all_formats()) {
    std::string line;
    JsonWriter json(line);
    json.begin_object().key("name").string(format.name).key("description").string(format.description);
    json.key("assumptions").string(format.assumptions).end_object();
    fmt::print("{}\n", line);
  }
}

void print_csv() {
  fmt::print("name,description,assumptions\r\n");
  for (const formats::Format& format : formats::all_formats()) {
    std::string line(format.name);
    for (const std::string_view cell : {format.description, format.assumptions}) {
      line += ',';
      append_csv_cell(line, cell);
    }
    fmt::print("{}\r\n", line);
  }
}

Result<int> list_formats(const std::string& wanted) {
  const Terminal terminal(stdout);
  TRY(const OutputFormat output, parse_output_format(wanted));
  switch (output) {
    case OutputFormat::table: print_table(terminal); break;
    case OutputFormat::json: print_json(); break;
    case OutputFormat::csv: print_csv(); break;
  }
  return static_cast<int>(kExitFine);
}

}  // namespace

void add_formats_command(CLI::App& root, Action& action) {
  auto wanted = std::make_shared<std::string>("table");
  CLI::App* command =
      root.add_subcommand("formats", "List input formats, and what each assumes of times and logsources");
  command->add_option("--format", *wanted, "table, json or csv")->type_name("FORMAT");
  command->footer("Example:\n  weir formats");
  command->callback([wanted, &action] {
    action = [wanted] {
      const auto code = list_formats(*wanted);
      return code ? *code : report_error(code.error());
    };
  });
}

}  // namespace weir::app
