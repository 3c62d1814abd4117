// `weir completion bash|zsh|fish` and `weir man`: generated from the tree of commands, so that they cannot lag behind
// it.

#include <algorithm>
#include <cstdio>
#include <map>

#include <fmt/ranges.h>

#include "app/command.h"
#include "base/text.h"
#include "formats/registry.h"
#include "sigma/rule.h"

namespace weir::app {
namespace {

// "weir rules check" → its App.
struct CommandPath {
  std::string words;  // Without "weir": "rules check".
  const CLI::App* app;
};

void collect(const CLI::App& app, const std::string& words, std::vector<CommandPath>& paths) {
  paths.push_back({words, &app});
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (child->get_group().empty()) continue;  // Hidden.
    collect(*child, words.empty() ? child->get_name() : words + " " + child->get_name(), paths);
  }
}

std::vector<const CLI::Option*> visible_options(const CLI::App& app) {
  std::vector<const CLI::Option*> options;
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty() && !option->get_lnames().empty()) options.push_back(option);
  }
  return options;
}

std::string words_after(const CLI::App& app) {
  std::string words;
  for (const CLI::App* child : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!child->get_group().empty()) words += child->get_name() + " ";
  }
  for (const CLI::Option* option : visible_options(app)) words += "--" + option->get_lnames().front() + " ";
  if (!words.empty()) words.pop_back();
  return words;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

// What an option's value may be; empty if that is no short list.
std::string values_of(const CLI::Option& option) {
  if (option.get_type_name() == "LEVEL") return fmt::format("{}", fmt::join(sigma::level_names(), " "));
  if (option.get_lnames().front() != "input-format") return {};
  return fmt::format("{}", fmt::join(formats::format_names(), " "));
}

// Options that take a value, as a pattern of bash → the list of values; an empty list stands for files.
std::map<std::string, std::string> values_by_option(const std::vector<CommandPath>& paths) {
  std::map<std::string, std::string> values;
  for (const CommandPath& command : paths) {
    for (const CLI::Option* option : visible_options(*command.app)) {
      if (!takes_value(*option)) continue;
      std::string& known = values["--" + option->get_lnames().front()];
      if (known.empty()) known = values_of(*option);
    }
  }
  return values;
}

std::string function_name(const std::string& words) {
  std::string name = "_weir_" + words;
  std::ranges::replace(name, ' ', '_');
  return name;
}

std::string bash(const std::vector<CommandPath>& paths) {
  std::string script =
      "# bash completion for weir; source it, or put it into /etc/bash_completion.d/\n_weir() {\n"
      "  local path=\"\" word candidates=\"\"\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n    case \"$path $word\" in\n";
  for (const CommandPath& command : paths) {
    if (command.words.empty()) continue;
    const std::size_t last = command.words.rfind(' ');
    const std::string before = last == std::string::npos ? "" : command.words.substr(0, last);
    const std::string word = last == std::string::npos ? command.words : command.words.substr(last + 1);
    script += fmt::format("      \"{} {}\") path=\"{}\" ;;\n", before, word, command.words);
  }
  script += "    esac\n  done\n  case \"$path\" in\n";
  for (const CommandPath& command : paths) {
    script += fmt::format("    \"{}\") candidates=\"{}\" ;;\n", command.words, words_after(*command.app));
  }
  script += "  esac\n  case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n";
  for (const auto& [option, values] : values_by_option(paths)) {
    script += fmt::format("    {}) candidates=\"{}\" ;;\n", option, values);
  }
  script +=
      "    *) [[ $path == completion ]] && candidates=\"bash zsh fish\"\n"
      "      # Options where a dash was typed, else files or further commands.\n"
      "      [[ ${COMP_WORDS[COMP_CWORD]} == -* ]] || candidates=$(printf '%s\\n' $candidates | grep -v '^-') ;;\n";
  script +=
      "  esac\n  COMPREPLY=($(compgen -W \"$candidates\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
      "  if [ ${#COMPREPLY[@]} -eq 0 ]; then\n    compopt -o default 2>/dev/null\n  fi\n}\n"
      "complete -F _weir weir\n";
  return script;
}

std::string single_quoted(std::string text) {
  for (std::size_t at = text.find('\''); at != std::string::npos; at = text.find('\'', at + 4))
    text.replace(at, 1, "'\\''");
  return text;
}

std::string zsh_values(const CLI::Option& option) {
  const std::string values = values_of(option);
  return values.empty() ? ":value:_files" : fmt::format(":value:({})", values);
}

std::string fish_values(const CLI::Option& option) {
  const std::string values = values_of(option);
  return values.empty() ? " -r" : fmt::format(" -x -a '{}'", values);
}

std::string zsh(const std::vector<CommandPath>& paths) {
  std::string script = "#compdef weir\n# zsh completion for weir; put it into a folder of $fpath as _weir\n";
  for (const CommandPath& command : paths) {
    std::string children;
    for (const CLI::App* child : command.app->get_subcommands([](const CLI::App*) { return true; })) {
      if (child->get_group().empty()) continue;
      children += fmt::format(" '{}:{}'", child->get_name(), single_quoted(child->get_description()));
    }
    script += fmt::format("{}() {{\n  _arguments -C", function_name(command.words));
    for (const CLI::Option* option : visible_options(*command.app)) {
      std::string description = option->get_description();
      std::erase_if(description, [](char c) { return c == '[' || c == ']'; });
      std::ranges::replace(description, ':', ' ');
      script += fmt::format(" \\\n    '--{}[{}]{}'", option->get_lnames().front(), single_quoted(description),
                            takes_value(*option) ? zsh_values(*option) : "");
    }
    if (children.empty()) {
      script += " \\\n    '*:file:_files'\n}\n";
      continue;
    }
    script += " \\\n    '1: :->command' '*:: :->rest'\n  case $state in\n    command) local -a commands\n";
    script += fmt::format("      commands=({} )\n      _describe 'command' commands ;;\n    rest) case $words[1] in\n",
                          children);
    for (const CLI::App* child : command.app->get_subcommands([](const CLI::App*) { return true; })) {
      if (child->get_group().empty()) continue;
      const std::string words = command.words.empty() ? child->get_name() : command.words + " " + child->get_name();
      script += fmt::format("      {}) {} ;;\n", child->get_name(), function_name(words));
    }
    script += "    esac ;;\n  esac\n}\n";
  }
  return script + "_weir_ \"$@\"\n";
}

std::string fish(const std::vector<CommandPath>& paths) {
  std::string script = "# fish completion for weir; put it into ~/.config/fish/completions/weir.fish\n";
  for (const CommandPath& command : paths) {
    std::string condition;
    for (const std::string_view word : split(command.words, ' ')) {
      if (!word.empty())
        condition += fmt::format("{}__fish_seen_subcommand_from {}", condition.empty() ? "" : "; and ", word);
    }
    if (condition.empty()) condition = "__fish_use_subcommand";
    for (const CLI::App* child : command.app->get_subcommands([](const CLI::App*) { return true; })) {
      if (child->get_group().empty()) continue;
      script += fmt::format("complete -c weir -n '{}' -a {} -d '{}'\n", condition, child->get_name(),
                            single_quoted(child->get_description()));
    }
    for (const CLI::Option* option : visible_options(*command.app)) {
      script += fmt::format("complete -c weir -n '{}' -l {}{} -d '{}'\n", condition, option->get_lnames().front(),
                            takes_value(*option) ? fish_values(*option) : "", single_quoted(option->get_description()));
    }
  }
  return script;
}

// Backslashes, and dots and quotes at the start of a line, mean something to roff.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n')) {
      out += std::string("\\&") + c;
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string man_page(const std::vector<CommandPath>& paths) {
  std::string page = ".TH WEIR 1 \"\" \"weir " WEIR_VERSION
                     "\" \"User commands\"\n.SH NAME\nweir \\- find suspicious events in logs\n"
                     ".SH SYNOPSIS\n.B weir\n.I command\n.RI [ options ]\n.SH DESCRIPTION\n" +
                     roff(paths.front().app->get_description()) + "\n.SH COMMANDS\n";
  for (const CommandPath& command : paths) {
    if (command.words.empty()) continue;
    page += fmt::format(".SS \"weir {}\"\n{}.\n", roff(command.words), roff(command.app->get_description()));
    for (const CLI::Option* option : command.app->get_options()) {
      if (option->get_group().empty()) continue;
      const std::string value = takes_value(*option) && !option->get_lnames().empty() ? option->get_type_name() : "";
      page += fmt::format(".TP\n.BI \"{}\" {}\n{}\n", roff(option->get_name(false, true)),
                          value.empty() ? "" : fmt::format("\" {}\"", roff(value)), roff(option->get_description()));
    }
    if (const std::string footer = command.app->get_footer(); !footer.empty()) {
      page += ".PP\n.nf\n" + roff(footer) + "\n.fi\n";
    }
  }
  page +=
      ".SH \"EXIT STATUS\"\n0 fine; 1 findings (\\-\\-fail\\-on, failed rule tests); 2 no usable rule, or a checked "
      "rule is wrong; "
      "3 wrong usage or configuration; 4 an outside system failed; 5 corrupt data; 130 interrupted.\n"
      ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colours if set.\n";
  return page;
}

int print(const std::string& text) {
  return std::fputs(text.c_str(), stdout) < 0 ? kExitOutside : kExitFine;
}

}  // namespace

void add_completion_command(CLI::App& root, Action& action) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = root.add_subcommand("completion", "Print a completion script for a shell");
  completion->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->footer("Example:\n  weir completion bash > /etc/bash_completion.d/weir");
  completion->callback([shell, &root, &action] {
    action = [shell, &root] {
      std::vector<CommandPath> paths;
      collect(root, "", paths);
      return print(*shell == "bash" ? bash(paths) : *shell == "zsh" ? zsh(paths) : fish(paths));
    };
  });
  CLI::App* man = root.add_subcommand("man", "Print the manual page");
  man->footer("Example:\n  weir man | man -l -");
  man->callback([&root, &action] {
    action = [&root] {
      std::vector<CommandPath> paths;
      collect(root, "", paths);
      return print(man_page(paths));
    };
  });
}

}  // namespace weir::app
