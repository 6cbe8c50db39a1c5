#include "cli/loaded_protocols.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <string_view>

#include "cli/errors.h"
#include "protocols/loadable.h"
#include "protocols/registry.h"
#include "scenarios/glossary.h"

namespace txsim {
namespace {

constexpr std::string_view kOption = "--protocol";

// The protocol of this name, or those that a term stands for; none for a library.
std::vector<std::string> protocols_meant(const std::string& text) {
  if (find_protocol(text) != nullptr) return {text};
  return protocols_called(text);
}

// What --protocol is given, in the whole command line or only before the subcommand.
std::vector<std::string> values_given(int argc, char** argv, bool only_before) {
  std::vector<std::string> values;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == kOption && i + 1 < argc) {
      values.emplace_back(argv[++i]);
    } else if (word.starts_with(kOption) && word.substr(kOption.size()).starts_with("=")) {
      values.emplace_back(word.substr(kOption.size() + 1));
    } else if (only_before && !word.starts_with("-")) {
      break;
    }
  }
  return values;
}

template <class Function>
Function* function_of(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

}  // namespace

std::vector<std::string> libraries_named(int argc, char** argv) {
  return values_given(argc, argv, true);
}

std::string protocol_given(int argc, char** argv) {
  const std::vector<std::string> values = values_given(argc, argv, false);
  return values.empty() ? "" : values.back();
}

std::string instead_of_protocol(const std::string& given, bool sets) {
  const std::vector<std::string> names = protocols_meant(given);
  const std::string load = "--protocol LIBRARY before the command loads protocols";
  if (!sets) return load;
  if (names.empty()) return "--set scenario.protocol=NAME chooses the protocol; " + load;
  return fmt::format("--set scenario.protocol={} chooses the protocol",
                     fmt::join(names, " or scenario.protocol="));
}

std::vector<Protocol> load_protocols(const std::string& file) {
  // Without a slash the loader would search the system's library folders.
  const std::string path = file.find('/') == std::string::npos ? "./" + file : file;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const std::string why = dlerror();
    if (protocols_meant(file).empty()) {
      throw InputError(fmt::format("cannot load a protocol: {}", why));
    }
    throw InputError(
        fmt::format("--protocol loads a library, and {} is a protocol: after the command, {}", file,
                    instead_of_protocol(file, true)));
  }
  auto* interface_of = function_of<void(LoadableInterface*)>(library, kInterfaceFunction);
  auto* protocols_of = function_of<void(std::vector<Protocol>*)>(library, kProtocolsFunction);
  if (interface_of == nullptr || protocols_of == nullptr) {
    throw InputError(
        fmt::format("{} defines no protocols: one of its sources must have TXSIM_PROTOCOLS(...), "
                    "from <txsim/loadable.h>",
                    file));
  }
  LoadableInterface theirs;
  interface_of(&theirs);
  const bool fits = std::string_view(theirs.version) == kLoadableInterface.version &&
                    theirs.layout == kLoadableInterface.layout;
  if (!fits) {
    throw InputError(
        fmt::format("{} was compiled for txsim {}{}, and this is {}: compile it again with the "
                    "headers of this version",
                    file, theirs.version,
                    std::string_view(theirs.version) == kLoadableInterface.version
                        ? " with other headers or another compiler"
                        : "",
                    kLoadableInterface.version));
  }
  std::vector<Protocol> protocols;
  protocols_of(&protocols);
  return protocols;
}

}  // namespace txsim
