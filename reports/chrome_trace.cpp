#include "reports/chrome_trace.h"

#include <fmt/format.h>

#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "reports/names.h"
#include "reports/narrate.h"

namespace txsim {
namespace {

std::string json_text(std::string_view text) {
  using SortedJson = nlohmann::json;
  return SortedJson(printable(text)).dump(-1, ' ', false, SortedJson::error_handler_t::replace);
}

// The key of an open span: what it is, its node, and a number.
using SpanKey = std::pair<std::string_view, std::pair<std::uint64_t, std::uint64_t>>;

class ChromeTraceWriter {
 public:
  explicit ChromeTraceWriter(const Report& report)
      : result_(*report.result),
        names_(result_),
        faults_(fault_texts(report)),
        count_(result_.scenario->plan.nodes.size()) {}

  std::string write() {
    for (NodeId node = 0; node < count_; ++node) name(node);
    for (const TraceRecord& record : result_.trace) {
      if (record.node < count_) add(record);
    }
    while (!open_.empty()) {  // cut off by the end of the run
      const auto [key, name] = *open_.begin();
      end(key, result_.end);
    }
    return "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [" + text_ + "\n]}\n";
  }

 private:
  template <class... Args>
  void event(fmt::format_string<Args...> format, Args&&... args) {
    text_ += text_.empty() ? "\n{" : ",\n{";
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '}';
  }
  static std::string at(Time time, NodeId node) {
    return fmt::format(R"("ts":{}.{:03},"pid":{},"tid":1)", time.ns / 1000, time.ns % 1000,
                       node + 1);
  }
  void name(NodeId node) {
    event(R"("ph":"M","name":"process_name","pid":{},"args":{{"name":{}}})", node + 1,
          json_text(names_.node(node)));
    event(R"("ph":"M","name":"process_sort_index","pid":{},"args":{{"sort_index":{}}})", node + 1,
          node == result_.scenario->client ? 0 : node + 1);
  }

  // A flow needs a slice at each end, even a short one.
  void slice(const TraceRecord& record, const char* phase, std::uint64_t flow) {
    const std::string place = at(record.time, record.node);
    const std::string label = json_text(names_.word(record.what));
    event(
        R"("ph":"X","name":{},"cat":"message",{},"dur":0.5,"args":{{"transaction":{},"event":{}}})",
        json_text(narrate(record, names_, faults_).text), place,
        json_text(transaction_text(record.transaction)), record.sequence);
    const char* binding = *phase == 'f' ? R"(,"bp":"e")" : "";
    event(R"("ph":"{}","name":{},"cat":"message","id":{},{}{})", phase, label, flow, place,
          binding);
  }
  void begin(const SpanKey& key, const std::string& name, Time time) {
    if (!open_.emplace(key, name).second) return;
    span("b", key, name, time);
  }
  void end(const SpanKey& key, Time time) {
    const auto found = open_.find(key);
    if (found == open_.end()) return;
    span("e", key, found->second, time);
    open_.erase(found);
  }
  void span(const char* phase, const SpanKey& key, const std::string& name, Time time) {
    const auto& [of, number] = key;
    event(R"("ph":"{}","name":{},"cat":"{}","id":"{}-{}-{}",{})", phase, json_text(name), of,
          number.first, number.second >> 8, number.second & 0xFF,
          at(time, static_cast<NodeId>(number.first)));
  }
  void instant(const TraceRecord& record) {
    event(R"("ph":"i","s":"t","name":{},"cat":"{}",{},"args":{{"transaction":{},"event":{}}})",
          json_text(narrate(record, names_, faults_).text), text(record.kind),
          at(record.time, record.node), json_text(transaction_text(record.transaction)),
          record.sequence);
  }

  void add(const TraceRecord& record) {
    switch (record.kind) {
      case EventKind::Sent:
        slice(record, "s", record.sequence);
        break;
      case EventKind::Delivered:
      case EventKind::Refused:
        slice(record, "f", record.cause);
        break;
      case EventKind::Forced:
        begin({"disk", {record.node, record.sequence}}, "forces " + names_.word(record.what),
              record.time);
        break;
      case EventKind::Durable:
        end({"disk", {record.node, record.cause}}, record.time);
        break;
      case EventKind::Crashed:
        crash(record);
        break;
      case EventKind::Restarted:
        end({"down", {record.node, 0}}, record.time);
        instant(record);
        break;
      case EventKind::Paused:
        begin({"paused", {record.node, 0}}, "paused", record.time);
        break;
      case EventKind::Resumed:
        end({"paused", {record.node, 0}}, record.time);
        break;
      case EventKind::Announced:
        add_fact(record);
        break;
      case EventKind::TimerSet:
      case EventKind::TimerCancelled:
      case EventKind::Appended:
        break;
      default:
        instant(record);
    }
  }

  // A node's pending work ends with the node.
  void crash(const TraceRecord& record) {
    std::vector<SpanKey> ending;
    for (const auto& [key, name] : open_) {
      if (key.second.first == record.node) ending.push_back(key);
    }
    for (const SpanKey& key : ending) end(key, record.time);
    instant(record);
    begin({"down", {record.node, 0}}, "down", record.time);
  }

  void add_fact(const TraceRecord& record) {
    const SpanKey lock{"lock", {record.node, (record.transaction << 8) | record.step}};
    const SpanKey doubt{"in doubt", {record.node, record.transaction << 8}};
    switch (static_cast<FactKind>(record.what.id)) {
      case FactKind::LockTaken:
        begin(lock, "lock of " + names_.resource(record.value), record.time);
        return;
      case FactKind::LockReleased:
        end(lock, record.time);
        return;
      case FactKind::Voted:
        if (static_cast<Vote>(record.value) == Vote::Yes) {
          begin(doubt, "prepared " + transaction_text(record.transaction), record.time);
        }
        break;
      case FactKind::DoubtEnded:
      case FactKind::Finished:
        end(doubt, record.time);
        break;
      default:
        break;
    }
    instant(record);
  }

  const RunResult& result_;
  RunNames names_;
  std::vector<std::string> faults_;
  std::size_t count_;
  std::map<SpanKey, std::string> open_;  // by name
  std::string text_;
};

}  // namespace

std::string chrome_trace(const Report& report) { return ChromeTraceWriter(report).write(); }

}  // namespace txsim
