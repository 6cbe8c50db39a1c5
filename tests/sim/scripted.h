// A node whose handlers are defined in the test, and worlds of such nodes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/world.h"

namespace txsim::testing {

inline constexpr Word kPing = word("Ping");
inline constexpr Word kPong = word("Pong");
inline constexpr Word kTick = word("Tick");
inline constexpr Word kEntry = word("Entry");
inline constexpr Word kSeen = word("Seen");

struct Script {
  std::function<void(Context&, std::span<const LogRecord>)> start{};
  std::function<void(Context&, const Message&)> message{};
  std::function<void(Context&, const Timer&)> timer{};
  std::function<void(Context&, const Message&)> refused{};
  std::function<void(std::vector<LogRecord>&)> checkpoint{};  // unset: the node takes none
};

class Scripted : public NodeOf<Scripted> {
 public:
  explicit Scripted(Script script) : script_(std::move(script)) {}
  void start(Context& context, std::span<const LogRecord> log) override {
    if (script_.start) script_.start(context, log);
  }
  void on(Context& context, const Message& message) override {
    if (script_.message) script_.message(context, message);
  }
  void on(Context& context, const Timer& timer) override {
    if (script_.timer) script_.timer(context, timer);
  }
  void on_refused(Context& context, const Message& message) override {
    if (script_.refused) script_.refused(context, message);
  }
  bool checkpoint(std::vector<LogRecord>& log) const override {
    if (!script_.checkpoint) return false;
    script_.checkpoint(log);
    return true;
  }

 private:
  Script script_;
};

struct Stage {
  WorldSpec spec;

  Stage() {
    spec.keep_trace = true;
    for (const char* text : {"Ping", "Pong", "Tick", "Entry", "Seen"}) {
      spec.dictionary.declare(text);
    }
  }
  NodeId add(Script script, Delay disk = Delay::constant(Duration{0})) {
    spec.nodes.push_back({"node" + std::to_string(spec.nodes.size()),
                          std::make_shared<Scripted>(std::move(script)), disk});
    return static_cast<NodeId>(spec.nodes.size() - 1);
  }
  World world(std::unique_ptr<Observer> observer = nullptr) const {
    return World(std::make_shared<const WorldSpec>(spec), std::move(observer));
  }
};

inline Message to(NodeId node, Word type = kPing, std::int64_t value = 0) {
  Message message;
  message.to = node;
  message.type = type;
  message.value = value;
  return message;
}

inline LogRecord entry(std::int64_t value) {
  LogRecord record;
  record.type = kEntry;
  record.value = value;
  return record;
}

// The records of one kind, in order.
inline std::vector<TraceRecord> records(const World& world, EventKind kind) {
  std::vector<TraceRecord> found;
  for (const TraceRecord& record : world.trace()) {
    if (record.kind == kind) found.push_back(record);
  }
  return found;
}

inline Time at_ms(std::int64_t ms) { return {milliseconds(ms).ns}; }

}  // namespace txsim::testing
