// A program with protocols of its own, for the tests: OWN says which. Its services do nothing.
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cli/program.h"
#include "protocols/protocol.h"
#include "services/service.h"
#include "services/setting_declarations.h"
#include "sim/assert.h"

namespace {

using namespace txsim;

struct IdleSettings {
  bool mechanism = true;
};
void declare_settings(IdleSettings& s, SettingDeclarations& keys) {
  keys.on_off("mechanism", s.mechanism, "off: it does without", kSwitch);
}

class IdleService final : public NodeOf<IdleService, Service> {
 public:
  IdleService(std::shared_ptr<const Plan> plan, NodeId self, const EntranceSettings& entrance,
              const StoreSettings& store, const IdleSettings&)
      : NodeOf(std::move(plan), self, entrance, store) {}

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

Protocol idle(std::string_view name) {
  Protocol protocol = protocol_with_settings<IdleSettings>();
  protocol.description.name = name;
  protocol.description.what = "It does nothing.";
  protocol.description.promises = {"durability"};
  protocol.make_services = make_services_of<IdleService, IdleSettings>;
  return protocol;
}

std::vector<Protocol> protocols_for(std::string_view wanted) {
  if (wanted == "name-taken") return {idle("tcc")};
  if (wanted == "name-twice") return {idle("idle"), idle("idle")};
  if (wanted == "bad-name") return {idle("Not A Name")};
  if (wanted == "section") return {idle("network")};
  std::vector<Protocol> one = {idle("idle")};
  if (wanted == "misspelt-promise") one[0].description.promises = {"durability", "exactly-onse"};
  if (wanted == "unsafe-switch") settings_as<IdleSettings>(one[0].settings).mechanism = false;
  return one;
}

}  // namespace

int main(int argc, char** argv) {
  const char* wanted = std::getenv("OWN");
  return run_program(argc, argv, protocols_for(wanted != nullptr ? wanted : ""));
}
