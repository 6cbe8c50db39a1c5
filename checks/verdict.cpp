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

}  // namespace txsim
