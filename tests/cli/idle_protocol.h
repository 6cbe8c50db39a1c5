// A protocol whose services do nothing, for tests of programs and libraries with their own
// protocols.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/protocol.h"
#include "services/service.h"
#include "services/setting_declarations.h"
#include "sim/assert.h"

namespace txsim::testing {

struct IdleSettings {
  bool mechanism = true;
};
inline void declare_settings(IdleSettings& s, SettingDeclarations& keys) {
  keys.on_off("mechanism", s.mechanism, "off: it does without", kSwitch);
}

class IdleService final : public NodeOf<IdleService, Service> {
 public:
  IdleService(std::shared_ptr<const Plan> plan, NodeId self,
              const IdempotentReceiverSettings& receiver, const StoreSettings& store,
              const IdleSettings&)
      : NodeOf(std::move(plan), self, receiver, store) {}

 private:
  void begin(Context& context, TransactionId id, std::uint16_t kind) override {
    enter_phase(context, id, kind, Phase::Begun);
    finish(context, id, Outcome::Aborted);
  }
  void handle(Context&, const Message&) override { TXSIM_ASSERT(false, "nobody sends one"); }
  void handle(Context&, const Timer&) override { TXSIM_ASSERT(false, "nobody sets one"); }
  void handle_refused(Context&, const Message&) override {}
  void on_lock(Context&, const LockNews&) override {}
  void recover(Context&, std::span<const LogRecord>) override {}
  void write_checkpoint(std::vector<LogRecord>&) const override {}
  void digest_own(Fingerprint&) const override {}
};

inline Protocol idle(std::string_view name) {
  Protocol protocol = protocol_with_settings<IdleSettings>();
  protocol.description.name = name;
  protocol.description.what = "It does nothing.";
  protocol.description.promises = {"durability"};
  protocol.make_services = make_services_of<IdleService, IdleSettings>;
  return protocol;
}

}  // namespace txsim::testing
