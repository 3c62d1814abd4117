#include "event/alert.h"

#include <gtest/gtest.h>

namespace weir::event {
namespace {

TEST(Alert, IdDependsOnRuleGroupAndPlaceOnly) {
  const std::string id = alert_id("rule", {{"User", "alice"}}, "a.log", 0, 17);
  EXPECT_EQ(id, alert_id("rule", {{"User", "alice"}}, "a.log", 0, 17));
  EXPECT_NE(id, alert_id("rule", {{"User", "alice"}}, "a.log", 0, 18));
  EXPECT_NE(id, alert_id("rule", {{"User", "alic"}}, "ea.log", 0, 17));
  EXPECT_EQ(id.size(), 36U);
  EXPECT_EQ(id[14], '8');
}

TEST(Alert, IsOneLineOfJson) {
  Alert alert;
  alert.id = "x";
  alert.time = EventTime(std::chrono::seconds(1));
  alert.rule = {"r", "Title \"q\"", "high", "A. Author", "2026-01-02", {"attack.t1003"}};
  alert.events.push_back({"a\nb.log", 0, 17, std::nullopt, R"({"User":"alice"})", "raw"});
  alert.why.push_back({"CommandLine", "x", "contains 'x'"});
  EXPECT_EQ(to_json(alert),
            R"({"id":"x","revision":1,"episode":"closed","final":true,"status":"new","kind":"match",)"
            R"("time":"1970-01-01T00:00:01.000Z","rule":{"id":"r","title":"Title \"q\"","level":"high",)"
            R"("author":"A. Author","version":"2026-01-02","tags":["attack.t1003"]},"group":{},)"
            R"("window":{"start":null,"end":null,"count":1},"events":[{"source":"a\nb.log","partition":0,)"
            R"("offset":17,"time":null,"fields":{"User":"alice"},"raw":"raw"}],)"
            R"("why":[{"field":"CommandLine","value":"x","matched":"contains 'x'"}]})");
}

TEST(Alert, FieldsKeepKindsAndJoinSeveralValues) {
  FieldTable table;
  FieldNames names(table);
  Batch batch;
  batch.begin_row();
  batch.add(names.resolve("n"), ValueKind::number, "5");
  batch.add(names.resolve("list"), ValueKind::string, "a");
  batch.add(names.resolve("zero"), ValueKind::number, "007");
  batch.add(names.resolve("list"), ValueKind::string, "b");
  batch.add(names.resolve("whole"), ValueKind::json, "{}");
  batch.add(names.resolve("none"), ValueKind::null, "");
  batch.finish_row(0, nullptr, "");
  EXPECT_EQ(fields_to_json(batch, batch.rows()[0]), R"({"n":5,"list":["a","b"],"zero":"007","none":null})");
}

}  // namespace
}  // namespace weir::event
