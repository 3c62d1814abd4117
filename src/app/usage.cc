#include <cstdio>
#include <vector>

#include "app/command.h"
#include "base/text.h"

namespace weir::app {
namespace {

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!child->get_group().empty()) names.push_back(child->get_name());
  }
  return names;
}

std::vector<std::string> options_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string mean(std::string_view word, const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::string_view near = nearest(word, candidates);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

// The command that was written, as far as its words are known.
const CLI::App& written_command(const CLI::App& root) {
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  return *app;
}

std::string words_of(const CLI::App& app) {
  return app.get_parent() == nullptr ? app.get_name() : words_of(*app.get_parent()) + " " + app.get_name();
}

}  // namespace

int report_usage(const CLI::App& root, const CLI::ParseError& error) {
  const CLI::App& command = written_command(root);
  const std::vector<std::string> extras = root.remaining(true);
  const std::vector<std::string> commands = commands_of(command);
  if (extras.empty() && !commands.empty()) {
    fmt::print(stderr, "{}", command.help());
    return kExitUsage;
  }
  std::string message = error.what();
  if (!extras.empty()) {
    const std::string word = extras.front().substr(0, extras.front().find('='));
    message = word.starts_with('-') ? fmt::format("unknown option '{}'{}", word, mean(word, options_of(command)))
              : commands.empty()    ? fmt::format("'{}' was not expected", word)
                                    : fmt::format("unknown command '{}'{}", word, mean(word, commands));
  }
  fmt::print(stderr, "weir: error: {}\n  {} --help shows how it is used\n", message, words_of(command));
  return kExitUsage;
}

}  // namespace weir::app
