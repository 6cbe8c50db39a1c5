#include "checks/verdict.h"

namespace txsim {

std::string_view text(Verdict verdict) {
  switch (verdict) {
    case Verdict::Holds:
      return "holds";
    case Verdict::Violated:
      return "violated";
    case Verdict::Vacuous:
      return "vacuous";
    case Verdict::NotApplicable:
      return "not applicable";
  }
  return "?";
}

std::string_view text(Ending ending) {
  switch (ending) {
    case Ending::Committed:
      return "committed";
    case Ending::Aborted:
      return "aborted";
    case Ending::Compensated:
      return "compensated";
    case Ending::Pending:
      return "pending";
    case Ending::InDoubt:
      return "in doubt";
    case Ending::Mixed:
      return "mixed";
    case Ending::Unknown:
      return "unknown";
  }
  return "?";
}

std::string_view text(Mishap mishap) {
  switch (mishap) {
    case Mishap::Crash:
      return "crash";
    case Mishap::Pause:
      return "pause";
    case Mishap::Lost:
      return "lost message";
    case Mishap::Duplicated:
      return "duplicated message";
    case Mishap::Refused:
      return "refused message";
  }
  return "?";
}

std::string_view text(Part part) {
  switch (part) {
    case Part::Coordinator:
      return "coordinator";
    case Part::Participant:
      return "participant";
    case Part::Other:
      return "other";
  }
  return "?";
}

}  // namespace txsim
