#include "app/rule_sources.h"

#include <algorithm>
#include <thread>

#include "app/terminal.h"
#include "base/embedded.h"
#include "base/text.h"
#include "io/files.h"
#include "sigma/pipeline.h"

extern "C" {
extern const char weir_rules_data[];
extern const std::size_t weir_rules_size;
}

namespace weir::app {
namespace {

constexpr std::size_t kRuleFileBytesMax = 4 * 1024 * 1024;

bool is_rule_file(std::string_view path) {
  const bool yaml = path.ends_with(".yml") || path.ends_with(".yaml");
  return yaml && !path.ends_with(".test.yml") && !path.ends_with(".test.yaml");
}

std::string_view file_name_of(std::string_view path) {
  return path.substr(path.rfind('/') == std::string_view::npos ? 0 : path.rfind('/') + 1);
}

bool is_named(const sigma::RuleInfo& info, const std::string& wanted) {
  return info.id == wanted || info.name == wanted || info.path == wanted ||
         fits_glob(file_name_of(info.path), wanted) || fits_glob(lower(info.title), lower(wanted));
}

bool is_chosen(const sigma::RuleInfo& info, const RuleChoice& choice) {
  if (info.level < choice.level_min) return false;
  return choice.rules.empty() ||
         std::ranges::any_of(choice.rules, [&](const std::string& wanted) { return is_named(info, wanted); });
}

// A name that is nearly `wanted`, or a glob that would find what begins, ends or goes on around it.
std::string near_miss(const std::string& wanted, const std::vector<sigma::Rule>& rules) {
  std::vector<std::string_view> names;
  for (const sigma::Rule& rule : rules) {
    for (const std::string_view name : {std::string_view(rule.info->title), file_name_of(rule.info->path),
                                        std::string_view(rule.info->name), std::string_view(rule.info->id)}) {
      if (!name.empty()) names.push_back(name);
    }
  }
  if (const std::string_view near = nearest(wanted, names); !near.empty()) {
    return fmt::format("; did you mean '{}'?", visible(near));
  }
  constexpr std::size_t kPartMin = 3;  // Shorter ones are a part of nearly everything.
  if (wanted.size() < kPartMin) return {};
  const std::string glob = fmt::format("*{}*", wanted);
  const bool is_part = std::ranges::any_of(rules, [&](const sigma::Rule& rule) { return is_named(*rule.info, glob); });
  return is_part ? fmt::format("; did you mean '{}'?", glob) : std::string();
}

std::vector<std::string> not_found(const LoadedRules& loaded, const RuleChoice& choice) {
  std::vector<std::string> messages;
  for (const std::string& wanted : choice.rules) {
    const auto names_it = [&](const sigma::Rule& rule) { return is_named(*rule.info, wanted); };
    if (std::ranges::any_of(loaded.set.rules, names_it)) continue;
    if (names_correlation(loaded, wanted)) {
      messages.push_back(fmt::format("--rule {}: a correlation rule, which is checked but does not run yet", wanted));
      continue;
    }
    const std::size_t failed = loaded.set.rules_failed;
    messages.push_back(fmt::format(
        "--rule {}: no rule has this id, title or file name{}{}", wanted, near_miss(wanted, loaded.set.rules),
        failed == 0 ? std::string() : fmt::format(" ({} could not be used; weir rules check says why)", failed)));
  }
  return messages;
}

Status read_path(const std::string& path, std::vector<SourceText>& texts) {
  if (path.ends_with(".zip")) {
    TRY(auto files, io::read_zip(path, {".yml", ".yaml"}, kRuleFileBytesMax));
    for (io::ArchivedFile& file : files) {
      if (is_rule_file(file.path)) texts.push_back({std::move(file.path), std::move(file.bytes)});
    }
    return {};
  }
  TRY(const auto files, io::find_files(path));
  for (const io::FileInfo& file : files) {
    // A file that is named is read whatever its name; in folders only YAML counts.
    if (file.path != path && !is_rule_file(file.path)) continue;
    TRY(auto text, io::read_file(file.path, kRuleFileBytesMax));
    texts.push_back({file.path, std::move(text)});
  }
  return {};
}

// Parses on two threads: the text of a rule has nothing to do with its neighbour's.
std::vector<sigma::ParsedFile> parse_all(const std::vector<SourceText>& texts) {
  std::vector<sigma::ParsedFile> parsed(texts.size());
  const std::size_t threads = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 4);
  const auto parse_share = [&](std::size_t share) {
    for (std::size_t i = share; i < texts.size(); i += threads) {
      parsed[i] = sigma::parse_file(texts[i].path, texts[i].text);
    }
  };
  std::vector<std::thread> workers;
  for (std::size_t share = 1; share < threads; ++share) workers.emplace_back(parse_share, share);
  parse_share(0);
  for (std::thread& worker : workers) worker.join();
  return parsed;
}

Result<std::vector<std::shared_ptr<const sigma::Pipeline>>> read_pipelines(const std::vector<std::string>& paths) {
  std::vector<std::shared_ptr<const sigma::Pipeline>> pipelines;
  for (const std::string& path : paths) {
    TRY(const std::string text, io::read_file(path, kRuleFileBytesMax));
    std::vector<sigma::Diagnostic> diagnostics;
    auto pipeline = sigma::Pipeline::parse(path, text, diagnostics);
    if (pipeline == nullptr) {
      std::string message;
      for (const sigma::Diagnostic& diagnostic : diagnostics) message += sigma::render(diagnostic, text);
      return fail(ErrorKind::user, "pipeline {} cannot be used\n{}", path, message);
    }
    pipelines.push_back(std::move(pipeline));
  }
  return pipelines;
}

}  // namespace

Result<std::vector<SourceText>> read_rule_texts(const std::vector<std::string>& paths) {
  std::vector<SourceText> texts;
  if (paths.empty()) {
    for (const EmbeddedFile& file : read_embedded(weir_rules_data, weir_rules_size)) {
      if (is_rule_file(file.path)) texts.push_back({fmt::format("builtin:{}", file.path), std::string(file.bytes)});
    }
  }
  for (const std::string& path : paths) TRY(read_path(path, texts));
  return texts;
}

bool names_correlation(const LoadedRules& loaded, const std::string& wanted) {
  return std::ranges::any_of(loaded.set.correlations, [&](const sigma::Correlation& correlation) {
    return is_named(*correlation.info, wanted);
  });
}

Result<LoadedRules> load_rules(std::vector<SourceText> texts, const RuleChoice& choice) {
  LoadedRules loaded;
  loaded.texts = std::move(texts);
  TRY(const auto pipelines, read_pipelines(choice.pipelines));
  loaded.set = sigma::link(parse_all(loaded.texts));
  loaded.not_found = not_found(loaded, choice);
  const std::size_t parsed = loaded.set.rules.size();
  for (sigma::Rule& rule : loaded.set.rules) {
    if (is_chosen(*rule.info, choice)) loaded.scan.rules.push_back(std::move(rule));
  }
  loaded.set.rules.clear();
  loaded.not_chosen = parsed - loaded.scan.rules.size();
  loaded.documents_failed = loaded.set.rules_failed;
  sigma::VariantSet variants = sigma::make_variants(loaded.scan.rules, pipelines);
  for (const std::uint32_t rule : variants.unusable) loaded.need_lists.push_back(loaded.scan.rules[rule].info->title);
  loaded.set.diagnostics.insert(loaded.set.diagnostics.end(), variants.diagnostics.begin(), variants.diagnostics.end());
  loaded.scan.variants = std::move(variants.variants);
  loaded.scan.plan = std::make_shared<const sigma::Plan>(loaded.scan.variants);
  return loaded;
}

}  // namespace weir::app
