#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>

namespace txsim {
namespace {

// The text quoted as one word for the shell.
std::string quoted(std::string_view text, std::string_view quote_inside) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string(quote_inside) : std::string(1, c);
  return result + "'";
}
std::string bash_word(std::string_view text) { return quoted(text, R"('\'')"); }
std::string fish_word(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '\\' ? std::string(R"(\\)") : std::string(1, c);
  return quoted(escaped, R"(\')");
}

// Text after colons and in brackets, escaped for the specifications of zsh's _arguments.
std::string zsh_text(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// The name by which a shell chooses a form; forms with the same words share one.
using Words = std::map<std::string, std::vector<std::string>>;

std::string words_key(const Argument& argument) {
  return argument.form.starts_with("KEY=") ? "KEY=VALUE" : argument.form;
}

void collect_words(const CommandTree& tree, Words& words) {
  for (const auto* arguments : {&tree.options, &tree.positionals}) {
    for (const Argument& argument : *arguments) {
      if (argument.takes == Takes::Words) words[words_key(argument)] = argument.words;
    }
  }
  for (const CommandTree& command : tree.commands) collect_words(command, words);
}

// "txsim-lab" as a part of a shell function's name.
std::string identifier(std::string name) {
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

// --- bash
// -----------------------------------------------------------------------------------------

std::string bash_takes(const Argument& argument) {
  switch (argument.takes) {
    case Takes::Nothing:
      return "flag";
    case Takes::Text:
      return "text";
    case Takes::Files:
      return "files";
    case Takes::Folders:
      return "folders";
    case Takes::Words:
      break;
  }
  return (argument.is_list ? "list " : "words ") + words_key(argument);
}

std::string bash_command(const CommandTree& command, const std::string& name) {
  std::string all;
  std::string text;
  for (const Argument& option : command.options) {
    for (const std::string& option_name : option.names) {
      all += (all.empty() ? "" : " ") + option_name;
      text += fmt::format("    {}) takes={} ;;\n", bash_word(name + " " + option_name),
                          bash_word(bash_takes(option)));
    }
  }
  text += fmt::format("    {}) words={} ;;\n", bash_word(name + " options"), bash_word(all));
  if (!command.positionals.empty()) {
    text += fmt::format("    {}) takes={} ;;\n", bash_word(name + " "),
                        bash_word(bash_takes(command.positionals.back())));
  }
  return text;
}

constexpr std::string_view kBash = R"bash(
FUNCTION() {
  local IFS=$' \t\n' arguments=() i argument command='' option='' prefix='' takes='' words='' cut
  # bash splits at "=": "--set", "network.loss", "=" and "1%" are two arguments.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ $i -gt 1 && (${COMP_WORDS[i]} == '=' || ${COMP_WORDS[i - 1]} == '=') ]]; then
      arguments[${#arguments[@]} - 1]+=${COMP_WORDS[i]}
    else
      arguments+=("${COMP_WORDS[i]}")
    fi
  done
  i=$((${#arguments[@]} - 1))
  argument=${arguments[i]}
  COMPREPLY=()
  if [ "$i" -gt 1 ]; then
    command=${arguments[1]}
    option=${arguments[i - 1]}
  fi
  case $argument in
    --*=*) option=${argument%%=*} prefix=$option= argument=${argument#*=} ;;
  esac
  case $option in -?*) FUNCTION_takes "$command $option" ;; esac
  case $takes in
    '' | flag)  # not after an option that takes an argument
      takes=''
      case $argument in
        -*) FUNCTION_takes "$command options" ;;
        *) if [ "$i" -eq 1 ]; then words=$FUNCTION_commands; else FUNCTION_takes "$command "; fi ;;
      esac
      ;;
  esac
  case $takes in
    files)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$argument")
      ;;
    folders)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$argument")
      ;;
    'list '*)
      FUNCTION_words "${takes#* }"
      case $argument in *,*) prefix+=${argument%,*}, argument=${argument##*,} ;; esac
      ;;
    'words '*) FUNCTION_words "${takes#* }" ;;
  esac
  if [ -n "$words" ]; then mapfile -t COMPREPLY < <(compgen -W "$words" -- "$argument"); fi
  # Of settings first the keys, and once a key is whole its values.
  if [[ $takes == 'words KEY=VALUE' ]]; then
    for i in "${!COMPREPLY[@]}"; do
      case $argument:${COMPREPLY[i]} in
        *=*:*=) unset 'COMPREPLY[i]' ;;
        *=*:*) ;;
        *=) compopt -o nospace 2>/dev/null ;;
        *) unset 'COMPREPLY[i]' ;;
      esac
    done
  fi
  # The shell replaces only the part after the last "=".
  cut=$prefix
  case $takes in *words*) case $argument in *=*) cut+=${argument%=*}= ;; esac ;; esac
  for i in "${!COMPREPLY[@]}"; do
    argument=$prefix${COMPREPLY[i]}
    case $COMP_WORDBREAKS:$cut in *=*:*=*) argument=${argument#"${cut%=*}="} ;; esac
    COMPREPLY[i]=$argument
  done
  COMPREPLY=("${COMPREPLY[@]}")
}
complete -F FUNCTION PROGRAM
)bash";

// --- zsh
// ------------------------------------------------------------------------------------------

std::string zsh_action(const Argument& argument, const std::string& function) {
  switch (argument.takes) {
    case Takes::Nothing:
    case Takes::Text:
      return " ";
    case Takes::Files:
      return "_files";
    case Takes::Folders:
      return "_files -/";
    case Takes::Words:
      break;
  }
  const std::string key = zsh_text(words_key(argument));
  if (argument.is_list) return fmt::format("_sequence {}_words - \"{}\"", function, key);
  return fmt::format("{}_words \"{}\"", function, key);
}

std::string zsh_argument(const Argument& argument, const std::string& function) {
  const std::string behind =
      argument.takes == Takes::Nothing
          ? ""
          : fmt::format(":{}:{}", zsh_text(argument.form), zsh_action(argument, function));
  if (argument.names.empty()) return bash_word((argument.repeats ? "*" : "") + behind);
  std::string excluded;
  for (const std::string& name : argument.names) excluded += (excluded.empty() ? "" : " ") + name;
  std::string text;
  for (const std::string& name : argument.names) {
    const std::string assigned =
        argument.takes != Takes::Nothing && name.starts_with("--") ? "=" : "";
    const std::string before = argument.repeats ? "*" : "(" + excluded + ")";
    text += (text.empty() ? "" : " ") +
            bash_word(before + name + assigned + "[" + zsh_text(argument.help) + "]" + behind);
  }
  return text;
}

std::string zsh_arguments(const CommandTree& command, const std::string& function) {
  std::string text;
  for (const auto* arguments : {&command.options, &command.positionals}) {
    for (const Argument& argument : *arguments) {
      text += " \\\n        " + zsh_argument(argument, function);
    }
  }
  return text;
}

// --- fish
// -----------------------------------------------------------------------------------------

std::string fish_argument(const Argument& argument, const std::string& start,
                          const std::string& function) {
  std::string text = start;
  for (const std::string& name : argument.names) {
    text += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  const bool is_option = !argument.names.empty();
  const std::string words = fmt::format("({}_words {})", function, fish_word(words_key(argument)));
  switch (argument.takes) {
    case Takes::Nothing:
      break;
    case Takes::Text:
      if (!is_option) return "";
      text += " -x";
      break;
    case Takes::Files:
      text += is_option ? " -r -F" : " -F";
      break;
    case Takes::Folders:
      text += std::string(is_option ? " -x" : " -f") + " -a '(__fish_complete_directories)'";
      break;
    case Takes::Words:
      text += std::string(is_option ? " -x" : " -f") + " -a " +
              fish_word(argument.is_list ? "(__fish_append , " + words + ")" : words);
      break;
  }
  if (is_option) text += " -d " + fish_word(one_line(argument.help));
  return text + "\n";
}

// A case for each form, the same in zsh's and bash's functions.
std::string cases(const Words& words, std::string_view form) {
  std::string text;
  for (const auto& [key, list] : words) {
    text += fmt::format(fmt::runtime(form), bash_word(key), fmt::join(list, " "));
  }
  return text;
}

std::string replace_all(std::string text, std::string_view what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

}  // namespace

std::string bash_completion(const CommandTree& tree) {
  const std::string function = identifier(tree.name);
  std::string names;
  for (const CommandTree& command : tree.commands) {
    names += (names.empty() ? "" : " ") + command.name;
  }
  Words words;
  collect_words(tree, words);
  std::string text = fmt::format(
      "# Completion of {0} for bash. Written by: {0} generate bash\n"
      "_{1}_commands={2}\n\n"
      "# The argument of a command's option, and the options of a command.\n"
      "_{1}_takes() {{\n  case $1 in\n",
      tree.name, function, bash_word(names));
  text += bash_command(tree, "");
  for (const CommandTree& command : tree.commands) text += bash_command(command, command.name);
  text += fmt::format("    *) takes='' ;;\n  esac\n}}\n\n_{}_words() {{\n  case $1 in\n", function);
  text += cases(words, "    {}) words='{}' ;;\n") + "  esac\n}\n";
  return text + replace_all(replace_all(std::string(kBash), "FUNCTION", "_" + function), "PROGRAM",
                            tree.name);
}

std::string zsh_completion(const CommandTree& tree) {
  const std::string function = "_" + identifier(tree.name);
  Words words;
  collect_words(tree, words);
  std::string text = fmt::format(
      "#compdef {0}\n# Completion of {0} for zsh. Written by: {0} generate zsh\n\n"
      "# Words of a form, with the caller's arguments for compadd. Values of settings are offered\n"
      "# once their key is complete.\n"
      "{1}_words() {{\n  local -a choices\n  case ${{@[-1]}} in\n",
      tree.name, function);
  text += cases(words, "    {}) choices=({}) ;;\n");
  text +=
      "  esac\n  case ${@[-1]} in\n    KEY=VALUE)\n"
      "      if [[ $PREFIX == *=* ]]; then\n"
      "        compadd \"${@[1,-2]}\" -- ${choices:#*=}\n"
      "      else\n"
      "        compadd -S '' \"${@[1,-2]}\" -- ${(M)choices:#*=}\n"
      "      fi\n      ;;\n"
      "    *) compadd \"${@[1,-2]}\" -- $choices ;;\n  esac\n}\n\n";
  text += fmt::format("{0}_commands() {{\n  local -a commands=(\n", function);
  for (const CommandTree& command : tree.commands) {
    text += fmt::format("    {}\n", bash_word(command.name + ":" + zsh_text(command.help)));
  }
  text += fmt::format(
      "  )\n  _describe command commands\n}}\n\n{0}() {{\n"
      "  local curcontext=$curcontext state line\n  typeset -A opt_args\n"
      "  _arguments -C{1} \\\n        '1: :{0}_commands' '*:: :->argument'\n"
      "  [[ $state == argument ]] || return\n  case $words[1] in\n",
      function, zsh_arguments(tree, function));
  for (const CommandTree& command : tree.commands) {
    text += fmt::format("    {})\n      _arguments{}\n      ;;\n", command.name,
                        zsh_arguments(command, function));
  }
  return text + fmt::format(
                    "  esac\n}}\n\nif [[ $funcstack[1] == {0} ]]; then {0} \"$@\"; else compdef "
                    "{0} {1}; fi\n",
                    function, tree.name);
}

std::string fish_completion(const CommandTree& tree) {
  const std::string function = "__" + identifier(tree.name);
  Words words;
  collect_words(tree, words);
  std::string text = fmt::format(
      "# Completion of {0} for fish. Written by: {0} generate fish\n"
      "function {1}_words\n  set -l words\n  switch $argv[1]\n",
      tree.name, function);
  for (const auto& [key, list] : words) {
    text += fmt::format("    case {}\n      set words {}\n", fish_word(key), fmt::join(list, " "));
  }
  text +=
      "  end\n  # Values of settings are offered once their key is complete.\n"
      "  if test \"$argv[1]\" = KEY=VALUE\n"
      "    set -l begun (string replace -r -- '^--[a-z-]+=' '' (commandline -ct))\n"
      "    if string match -q '*=*' -- $begun\n      set words (string match -v '*=' -- $words)\n"
      "    else\n      set words (string match '*=' -- $words)\n    end\n  end\n"
      "  printf '%s\\n' $words\nend\n\n";
  const std::string start = "complete -c " + tree.name;
  text += start + " -f\n";
  const std::string first = start + " -n __fish_use_subcommand";
  for (const Argument& option : tree.options) text += fish_argument(option, first, function);
  for (const CommandTree& command : tree.commands) {
    text += fmt::format("{} -a {} -d {}\n", first, command.name, fish_word(command.help));
  }
  for (const CommandTree& command : tree.commands) {
    const std::string behind =
        fmt::format("{} -n '__fish_seen_subcommand_from {}'", start, command.name);
    for (const auto* arguments : {&command.options, &command.positionals}) {
      for (const Argument& argument : *arguments) {
        text += fish_argument(argument, behind, function);
      }
    }
  }
  return text;
}

}  // namespace txsim
