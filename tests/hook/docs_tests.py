# SPDX-License-Identifier: GPL-2.0-or-later
"""--help, the man page and the completion name the same commands and options. Knows none of them:
the programs' --help says which there are."""

import json
import os
import re
import subprocess
from pathlib import Path

BINDER = "build/asan/early-vfio-binder"
MAN = Path("man/early-vfio.8")
REPORT = Path("man/early-vfio-report.5")
COMPLETION = "completions/early-vfio"
# What bash-completion offers a completion, as far as ours relies on it.
STUBS = r"""
_init_completion() {
	words=("${COMP_WORDS[@]}") cword=$COMP_CWORD cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
}
__ltrim_colon_completions() { :; }
_filedir() { COMPREPLY=("<file>"); }
"""


def summary_of(case, *args, **kwargs):
    case.run(*args, "--help", **kwargs)
    assert case.status == 0 and case.stdout, args
    return case.stdout


def commands_of(text):
    """The names at the head of lines, behind blanks or before a tab, that are no options."""
    return set(re.findall(r"^(?:  (?=\S+ )|(?=\S+\t))([a-z][a-z-]*)", text, re.M))


def options_of(text):
    return set(re.findall(r"^  (--[a-z][a-z-]*)\b", text, re.M))


def options_with_argument(text):
    return set(re.findall(r"^  (--[a-z][a-z-]*) [A-Z]", text, re.M))


def by_command(case):
    """Command -> its options, by --help."""
    names = commands_of(summary_of(case))
    assert {"list", "plan", "generate"} <= names, names
    return {name: options_of(summary_of(case, name)) for name in names}


def section(name, page=MAN):
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)", text, re.M | re.S)
    assert found, f"the man page has no section {name}"
    return found[1]


def fonts(text):
    """The options in a piece of the man page: `.Fl -name` is --name."""
    return set("-" + word for word in re.findall(r"Fl (-[a-z][a-z-]*)", text))


def synopsis():
    """Command -> its options, by the synopsis, where a command may have several lines."""
    found = {}
    for form in section("SYNOPSIS").split(".Nm\n")[1:]:
        name = re.match(r"\.Cm ([a-z-]+)", form)
        if name:
            found.setdefault(name[1], set()).update(fonts(form))
    return found


def complete(words, directory="/", before=""):
    """What is offered for the last word."""
    quoted = " ".join("'" + word + "'" for word in words)
    script = (f"{STUBS}\n{before}\n. {os.path.abspath(COMPLETION)}\n"
              f"COMP_WORDS=({quoted}) COMP_CWORD={len(words) - 1}\n"
              "_early_vfio\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n")
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, check=False,
                          timeout=60, cwd=directory, stdin=subprocess.DEVNULL)
    assert done.returncode == 0 and not done.stderr, done.stderr.decode()
    return [line for line in done.stdout.decode().splitlines() if line]


def same(what, said, documented):
    assert said == documented, (f"{what}: only in --help: {sorted(said - documented)}, "
                                f"not in --help: {sorted(documented - said)}")


def test_every_command_is_in_man_page_and_completion(case):
    names = set(by_command(case))
    binder = commands_of(summary_of(case, program=BINDER))
    same("synopsis", names | binder, set(synopsis()))
    # its own list, not those nested in it
    described = re.findall(r"^\.It Cm ([a-z-]+)", section("COMMANDS"), re.M)
    same("COMMANDS", names | binder, set(described))
    offered = complete(["early-vfio", ""])
    same("completion", names | {"--help", "--version"}, set(offered))
    assert len(offered) == len(set(offered)), "offered twice"


def test_every_command_has_help_of_its_own(case):
    seen = set()
    for name in by_command(case):
        text = summary_of(case, name)
        assert text.startswith(f"usage: early-vfio {name} "), name
        assert "--help" in options_of(text), name
        wide = [line for line in text.splitlines() if len(line) > 88]
        assert not wide, f"{name}: {wide}"
        seen.add(text)
    assert len(seen) == len(by_command(case))


def test_every_option_is_in_the_synopsis(case):
    documented = synopsis()
    for name, options in by_command(case).items():
        same(f"synopsis of {name}", options - {"--help"}, documented[name] - {"--help"})


def test_every_option_is_described(case):
    said = set().union(*by_command(case).values()) | options_of(summary_of(case))
    described = set()
    for line in re.findall(r"^\.It (Fl .*)$", section("OPTIONS"), re.M):
        described |= fonts(line)
    same("OPTIONS", said, described)


def test_every_option_is_completed(case):
    for name, options in by_command(case).items():
        offered = complete(["early-vfio", name, "--"])
        same(f"completion of {name}", options, set(offered))
        assert len(offered) == len(set(offered)), f"{name}: offered twice"


def test_programs_take_what_help_names(case):
    """An option of --help is none that the program calls unknown."""
    for name, options in by_command(case).items():
        text = summary_of(case, name)
        for option in options - {"--help"}:
            more = ["x"] if option in options_with_argument(text) else []
            case.run(name, option, *more, "--help")
            assert case.status == 0, f"{name} {option}: {case.stderr}"
        case.run(name, "--frobnicate")
        assert case.status == 2, name


def test_values_of_options_are_not_options(case):
    """Behind an option that takes something, that is completed."""
    for name in by_command(case):
        for option in options_with_argument(summary_of(case, name)):
            offered = complete(["early-vfio", name, option, "--"])
            assert not [word for word in offered if word.startswith("--")], f"{name} {option}"
        for option in options_with_argument(summary_of(case, name)) & {"--sysroot", "--output"}:
            assert complete(["early-vfio", name, option, ""]) == ["<file>"], f"{name} {option}"


def takes_specs(case):
    """Commands whose usage line names a SPEC."""
    return {name for name in by_command(case)
            if re.search(r"\bSPEC\b", summary_of(case, name).splitlines()[0])}


def test_devices_that_are_present_are_completed(case):
    tree = case.tree
    for address, ids in (("0000:01:00.0", "10de:2684"), ("0000:01:00.1", "10de:22ba"),
                         ("10000:e1:00.0", "10de:2684")):
        vendor, device = ids.split(":")
        tree.pci(f"pci/{address}", ids, vendor=f"0x{vendor}\n", device=f"0x{device}\n")
    commands = takes_specs(case)
    assert {"bind", "release"} <= commands
    before = f"EARLY_VFIO_SYSROOT='{tree.root}'"
    for name in commands:
        offered = complete(["early-vfio", name, ""], before=before)
        devices = sorted(word for word in offered if ":" in word)
        assert devices == ["0000:01:00.0", "0000:01:00.1", "10000:e1:00.0", "10de:22ba",
                           "10de:2684"], f"{name}: {offered}"
        assert complete(["early-vfio", name, "10de:26"], before=before) == ["10de:2684"], name
        assert complete(["early-vfio", name, "--help", "0000:01:00.1"],
                        before=before) == ["0000:01:00.1"], name
    before = "EARLY_VFIO_SYSROOT=/nonexistent"
    assert complete(["early-vfio", "bind", "0"], before=before) == []


def test_rules_are_completed_as_they_stand(case):
    case.tree.write("etc/early-vfio.conf", "# no bind 1:1\nbind 10de:*@0000:01:00.0 optional\n"
                    "  bind $(echo)@x # 2\nkeep 3:3\n")
    before = f"EARLY_VFIO_SYSROOT='{case.tree.root}'"
    offered = complete(["early-vfio", "remove", ""], before=before)
    assert [word for word in offered if "@" in word] == ["10de:*@0000:01:00.0", "$(echo)@x"]
    assert not [word for word in offered if word[:1] in "23" and "@" not in word], offered


def keys_of(name):
    """What early-vfio-report(5) says of one form: the keys of the whole, and those of the objects
    that each of them holds."""
    whole, *parts = section(name, REPORT).split("\n.Ss ")
    found = {None: set(re.findall(r"^\.It Cm (\w+)", whole, re.M))}
    for part in parts:
        title, _, text = part.partition("\n")
        found[title] = set(re.findall(r"^\.It Cm (\w+)", text, re.M))
    return found


def has_keys(name, document):
    tables = keys_of(name)
    same(name, set(document), tables.pop(None))
    for title, keys in tables.items():
        objects = document[title] if isinstance(document[title], list) else [document[title]]
        assert objects, f"{name}: no {title} to compare"
        for item in objects:
            same(f"{name}, {title}", set(item), keys)
    nested = {key for key, value in document.items()
              if isinstance(value, dict) or (isinstance(value, list) and value)}
    same(f"{name}: objects", nested, set(tables))
    assert document["version"] == 1


def test_json_has_the_keys_of_its_man_page(case):
    tree = case.tree
    tree.pci("pci0000:00/0000:01:00.0", "10de:2684", "030000")
    tree.sys_link("sys/bus/pci/devices/0000:01:00.0/iommu_group", "sys/kernel/iommu_groups/1")
    tree.mkdir("sys/kernel/iommu_groups/1/devices")
    tree.write("etc/early-vfio.conf", "bind 0000:01:00.0\nbind 0000:02:00.0\n")
    tree.write("image", "no image")
    for name, args in (("REPORT", ["plan"]), ("REPORT", ["status", "--all"]), ("LIST", ["list"]),
                       ("CHECK", ["check"]), ("VERIFY", ["verify", tree.path("image")])):
        case.run(*args, "--json", "--sysroot", tree.root)
        assert case.stdout, args
        has_keys(name, json.loads(case.stdout))


def test_every_json_has_a_man_page(case):
    """A command with --json is named in early-vfio-report(5)."""
    text = REPORT.read_text(encoding="utf-8")
    for name, options in by_command(case).items():
        if "--json" in options:
            assert re.search(rf"{name} --json", text), name


def test_man_pages_are_installed(case):
    lines = Path("Makefile").read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    installed = {page for line in lines if line.startswith("\tinstall ")
                 for word in line.split() if word.startswith("man/") for page in Path().glob(word)}
    same("install", set(Path("man").glob("*.[1-9]")), installed)
    assert case.status is None
