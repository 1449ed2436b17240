"""``pmtui completion bash|zsh|fish``: prints a completion script, generated from the commands' parsers."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping

from pmtui.cli.context import Context
from pmtui.cli.exit_codes import ExitCode
from pmtui.cli.table import COMMANDS, TOPICS, module_of

_HINT = {
    "bash": '# add to ~/.bashrc:  eval "$(pmtui completion bash)"',
    "zsh": '# add to ~/.zshrc, after compinit:  eval "$(pmtui completion zsh)"',
    "fish": "# write to ~/.config/fish/completions/pmtui.fish",
}
SHELLS = tuple(_HINT)
_WORDS = "words"
_EVERYWHERE = ("--profile", "--read-only", "--help")


EXAMPLES = ('eval "$(pmtui completion bash)"', "pmtui completion fish > ~/.config/fish/completions/pmtui.fish")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    parser.add_argument("shell", choices=(*SHELLS, _WORDS), metavar="|".join(SHELLS), help="for which shell")
    parser.add_argument("line", nargs="*", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace, context: Context) -> int:
    """Print the script. Returns the exit code."""
    if arguments.shell == _WORDS:  # called by the scripts at each tab
        from pmtui.cli.explaining.candidates import candidates

        print("\n".join(candidates(context, arguments.line)))
        return ExitCode.OK
    words = {command: words_of(command) for command in COMMANDS}
    made = {"bash": _bash, "zsh": _zsh, "fish": _fish}[arguments.shell](words)
    print(f"{_HINT[arguments.shell]}\n{made}")
    return ExitCode.OK


def words_of(command: str) -> tuple[str, ...]:
    """The words that can follow a command: its options, and the choices of its arguments."""
    if command == "help":
        return (*TOPICS, *(each for each in COMMANDS if each != "help"))
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(module_of(command)).add_arguments(parser)
    actions = parser._actions  # argparse has no public list of them
    options = [option for action in actions for option in action.option_strings]
    chosen = [str(choice) for action in actions if not action.option_strings for choice in action.choices or () if choice != _WORDS]
    return (*chosen, *options, *_EVERYWHERE)


def _bash(words: Mapping[str, tuple[str, ...]]) -> str:
    cases = "\n".join(f'    {command}) words="{" ".join(found)}" ;;' for command, found in words.items())
    return f"""\
_pmtui() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} command="" word words
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
{cases}
    "") words="{" ".join((*COMMANDS, "--profile", "--read-only", "--version", "--help"))}" ;;
    *) words="" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ $current == -* ]] && return
  local asked=${{COMP_LINE:0:COMP_POINT}} last
  last=${{asked##*[[:space:]]}}
  while IFS= read -r word; do  # foreign words are not expanded
    [[ $last == *=* && $COMP_WORDBREAKS == *=* ]] && word=${{word#*=}}
    [[ $word ]] && COMPREPLY+=("$word")
  done < <(IFS=$' \t'; read -ra words <<<"${{asked% *}}"; pmtui completion words -- "${{words[@]:1}}" "$last" 2>/dev/null)
  [[ ${{COMPREPLY[0]}} == *= ]] && compopt -o nospace 2>/dev/null
}}
complete -o default -F _pmtui pmtui"""


def _zsh(words: Mapping[str, tuple[str, ...]]) -> str:
    commands = "\n".join(f"    '{command}:{summary.replace(chr(39), '')}'" for command, summary in COMMANDS.items())
    cases = "\n".join(f"    {command}) compadd -- {' '.join(found)} ;;" for command, found in words.items())
    return f"""\
_pmtui() {{
  local -a commands=(
{commands}
  )
  local word command=""
  for word in ${{words[2,CURRENT-1]}}; do
    case $word in -*) ;; *) command=$word; break ;; esac
  done
  case $command in
    "") _describe command commands; compadd -- --profile --read-only --version --help ;;
{cases}
  esac
  local -a known=(${{(f)"$(pmtui completion words -- "${{(@)words[2,CURRENT]}}" 2>/dev/null)"}})
  compadd -S '' -- ${{(M)known:#*=}}
  compadd -- ${{known:#*=}}
  _files
}}
compdef _pmtui pmtui"""


def _fish(words: Mapping[str, tuple[str, ...]]) -> str:
    lines = [
        "complete -c pmtui -a '(pmtui completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'",
        "complete -c pmtui -n __fish_use_subcommand -l profile -x",
        "complete -c pmtui -n __fish_use_subcommand -l read-only",
    ]
    for command, summary in COMMANDS.items():
        lines.append(f"complete -c pmtui -n __fish_use_subcommand -a {command} -d '{summary.replace(chr(39), '')}'")
        seen = f"complete -c pmtui -n '__fish_seen_subcommand_from {command}'"
        options = [word.removeprefix("--") for word in words[command] if word.startswith("--")]
        lines += [f"{seen} -l {option}" for option in options]
        plain = [word for word in words[command] if not word.startswith("-")]
        lines += [f"{seen} -a '{' '.join(plain)}'"] if plain else []
    return "\n".join(lines)
