#include "sigma/pipeline.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sigma/rule_set.h"
#include "sigma/tree_text.h"

namespace weir::sigma {
namespace {

std::vector<Rule> rules_of(std::string_view logsource, std::string_view selection) {
  std::vector<ParsedFile> files;
  files.push_back(parse_file("r.yml", fmt::format("title: T\nlogsource: {{{}}}\ndetection:\n  s: {}\n  condition: s\n",
                                                  logsource, selection)));
  RuleSet set = link(std::move(files));
  EXPECT_EQ(set.rules.size(), 1u);
  return std::move(set.rules);
}

// Each variant's logsource and tree, then the diagnostics.
std::string variants(std::string_view logsource, std::string_view selection,
                     const std::vector<std::string>& user_pipelines = {}) {
  std::vector<std::shared_ptr<const Pipeline>> pipelines;
  std::vector<Diagnostic> diagnostics;
  for (const std::string& text : user_pipelines) pipelines.push_back(Pipeline::parse("p.yml", text, diagnostics));
  EXPECT_TRUE(diagnostics.empty()) << render(diagnostics.front(), "");
  const VariantSet set = make_variants(rules_of(logsource, selection), pipelines);
  std::string out;
  for (const Variant& variant : set.variants) {
    out += fmt::format("{} {}\n", event::to_string(variant.logsource), tree_text(variant.condition));
  }
  for (const Diagnostic& diagnostic : set.diagnostics) out += render(diagnostic, "");
  return out;
}

std::string mistakes(std::string_view text) {
  std::vector<Diagnostic> diagnostics;
  EXPECT_EQ(Pipeline::parse("p.yml", text, diagnostics), nullptr);
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) out += render(diagnostic, text);
  return out;
}

TEST(Pipeline, MistakesAreReportedAllAtOnce) {
  EXPECT_EQ(mistakes("nam: x\npriority: high\nvars: [a]\ntransformations: {}\n"),
            "p.yml:1:1: error: the pipeline has no parameter 'nam'\n"
            "   nam: x\n"
            "   ^~~ did you mean 'name'?\n"
            "p.yml:2:11: error: 'priority' must be a whole number\n"
            "   priority: high\n"
            "             ^~~~ lower ones are applied first\n"
            "p.yml:3:7: error: 'vars' must be a map from names to lists\n"
            "   vars: [a]\n"
            "         ^\n"
            "p.yml:4:18: error: 'transformations' must be a list\n"
            "   transformations: {}\n"
            "                    ^\n");
  EXPECT_EQ(mistakes("vars: {admins: []}\n"),
            "p.yml:1:16: error: the list 'admins' has no values\n"
            "   vars: {admins: []}\n"
            "                  ^\n");
  EXPECT_EQ(mistakes("- a\n"),
            "p.yml:1:1: error: a pipeline file holds one map\n"
            "   - a\n"
            "   ^ write 'transformations:' with a list\n");
}

TEST(Pipeline, WhatWritesQueriesIsReadOver) {
  std::vector<Diagnostic> diagnostics;
  EXPECT_NE(
      Pipeline::parse("p.yml", "name: x\npostprocessing: [{type: simple}]\nfinalizers: []\nallowed_backends: [a]\n",
                      diagnostics),
      nullptr);
  EXPECT_TRUE(diagnostics.empty());
}

TEST(Variants, UserPipelinesApplyByPriority) {
  const std::string late = "priority: 20\ntransformations: [{type: field_name_suffix, suffix: _late}]\n";
  const std::string early = "priority: 10\ntransformations: [{type: field_name_suffix, suffix: _early}]\n";
  const std::string also_early = "priority: 10\ntransformations: [{type: field_name_suffix, suffix: _then}]\n";
  EXPECT_EQ(variants("product: x", "{A: 1}", {late, early, also_early}), "x/*/* s: A_early_then_late is '1'\n");
}

TEST(Variants, UserPipelinesComeBeforeBuiltInOnes) {
  const std::string ours =
      "transformations: [{type: change_logsource, product: windows, category: process_creation}]\n";
  EXPECT_EQ(variants("product: ours", "{Image: x}", {ours}),
            "windows/process_creation/* s: Image is 'x'\n"
            "windows/*/sysmon all(added by pipeline: EventID is '1', s: Image is 'x')\n"
            "windows/*/security all(added by pipeline: EventID is '4688', s: NewProcessName is 'x')\n");
}

TEST(Variants, RefusedRulesAreLeftOutWithTheirReason) {
  const std::string refuses = "transformations: [{type: rule_failure, message: not here}]\n";
  EXPECT_EQ(variants("product: x", "{A: 1}", {refuses}), "r.yml:1:1: error: not here\n");
}

TEST(Variants, PlaceholdersWithoutListAreReported) {
  const std::string lists = "vars: {admins: [root]}\ntransformations: [{type: value_placeholders}]\n";
  EXPECT_EQ(variants("product: x", "{'U|expand': '%admins%'}", {lists}), "x/*/* s: U is 'root'\n");
  EXPECT_EQ(variants("product: x", "{A: y, 'U|expand': '%others%'}", {lists}),
            "r.yml:4:25: error: no list fills the placeholder in '%others%'\n"
            "   give one under `vars:` of a pipeline with `value_placeholders` (--pipeline FILE)\n");
}

TEST(Variants, EveryCategoryOfSysmonHasOne) {
  for (const std::string_view category : {"process_creation",
                                          "file_change",
                                          "network_connection",
                                          "process_termination",
                                          "driver_load",
                                          "image_load",
                                          "create_remote_thread",
                                          "raw_access_thread",
                                          "process_access",
                                          "file_event",
                                          "registry_event",
                                          "registry_add",
                                          "registry_delete",
                                          "registry_set",
                                          "registry_rename",
                                          "create_stream_hash",
                                          "pipe_created",
                                          "wmi_event",
                                          "dns_query",
                                          "file_delete",
                                          "clipboard_capture",
                                          "process_tampering",
                                          "file_block_executable",
                                          "file_block_shredding",
                                          "file_executable_detected",
                                          "sysmon_status",
                                          "sysmon_error"}) {
    const std::string text = variants(fmt::format("product: windows, category: {}", category), "{A: x}");
    EXPECT_NE(text.find("windows/*/sysmon all(added by pipeline: "), std::string::npos) << category << "\n" << text;
  }
}

TEST(Variants, OfBuiltInPipelinesKeepProductAndService) {
  EXPECT_EQ(variants("product: windows, category: process_creation, service: sysmon", "{A: x}"),
            "windows/process_creation/sysmon s: A is 'x'\n"
            "windows/*/sysmon all(added by pipeline: EventID is '1', s: A is 'x')\n");
  EXPECT_EQ(variants("product: cisco, category: firewall", "{dst_ip: x}"), "cisco/firewall/* s: dst_ip is 'x'\n");
}

}  // namespace
}  // namespace weir::sigma
