"""The judges of mutants, and the build of mutants. Each judge returns "-", or the number of scenarios, runs,
states or tests after which it detected the defect. ./run describes the judges.
"""
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import threading
import xml.etree.ElementTree as xml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JUDGES = ["scenarios", "sweep", "exploration", "comparison", "tests", "walk", "digests"]
CPU_SECONDS = {"scenarios": 60, "sweep": 120, "exploration": 120, "comparison": 120,
               "tests": 300, "walk": 900}
MEMORY = 6 << 30

# 11,000 runs: the protocols in the weather of tests/runs/weather.ini, with each of these settings.
PROTOCOLS = "scenario.protocol=two-phase-commit,tcc,saga-orchestration,saga-choreography"
REPEATED = ["--set=idempotent-receiver.enabled=on", "--set=faults.duplication=5%", "--set=workload.retries=2",
            "--set=workload.repeats=1", "--set=workload.repeat_after=300ms"]
CRASHES = ["--set=faults.crash_every=900ms", "--set=faults.crash_for=1ms to 300ms"]
# The assumptions of three-phase commit.
NOTHING_LOST = ["--set=scenario.protocol=three-phase-commit", "--set=faults.loss=0",
                "--set=faults.pause_every=never", "--set=faults.partition_every=never"]
WEATHER, LONG_WEATHER = "tests/runs/weather.ini", "tests/runs/long_weather.ini"
SWEEPS = [
    (WEATHER, 380, ["--vary", PROTOCOLS]),
    (WEATHER, 300, ["--vary", PROTOCOLS] + CRASHES),
    (WEATHER, 200, ["--vary", PROTOCOLS, "--set=faults.loss=25%"]),
    (WEATHER, 300, ["--vary", PROTOCOLS] + REPEATED),
    (WEATHER, 100, ["--vary", PROTOCOLS] + REPEATED + CRASHES),
    (WEATHER, 200, ["--vary", "two-phase-commit.variant=basic,presumed-abort,presumed-commit",
                   "--vary", "two-phase-commit.cooperative_termination=off,on"] + CRASHES),
    (WEATHER, 300, ["--vary", "two-phase-commit.with_prepare=off,on",
                   "--vary", "two-phase-commit.cooperative_termination=off,on"]),
    (WEATHER, 200, ["--set=scenario.protocol=tcc", "--vary", "tcc.parallel=off,on",
                   "--vary", "tcc.retries=0,3"] + CRASHES),
    (WEATHER, 200, ["--set=scenario.protocol=saga-orchestration",
                   "--vary", "saga-orchestration.parallel=off,on",
                   "--vary", "saga-orchestration.recovery=backward,forward"] + CRASHES),
    (WEATHER, 100, ["--set=scenario.protocol=saga-choreography", "--vary", "broker.partitions=1,8",
                   "--vary", "saga-choreography.parallel=off,on", "--vary",
                   "saga-choreography.deadline=3s,60ms"]),
    (LONG_WEATHER, 14, ["--vary", PROTOCOLS]),
    (LONG_WEATHER, 8, ["--vary", "two-phase-commit.variant=basic,presumed-abort,presumed-commit"]),
    (WEATHER, 490, NOTHING_LOST + CRASHES + ["--vary", "three-phase-commit.with_prepare=off,on"]),
    (LONG_WEATHER, 20, NOTHING_LOST),
]
EXPLORATIONS = [
    ("order/two-phase-commit/commit", "--losses 1 --duplicates 1"),
    ("order/two-phase-commit/commit", "--crashes 1"),
    ("order/two-phase-commit/presumed-abort", "--crashes 1"),
    ("order/two-phase-commit/presumed-commit", "--crashes 1"),
    ("order/two-phase-commit/votes-no", "--crashes 1"),
    ("order/two-phase-commit/votes-no", "--losses 1 --duplicates 1 --timeouts 1"),
    ("order/two-phase-commit/one-phase", "--crashes 1"),
    ("order/tcc/all-confirm", "--losses 1 --duplicates 1"),
    ("order/tcc/all-confirm", "--crashes 1"),
    ("order/tcc/points-refused", "--losses 1 --duplicates 1 --timeouts 1"),
    ("order/tcc/points-refused", "--crashes 1"),
    ("order/saga-orchestration/all-done", "--losses 1 --duplicates 1"),
    ("order/saga-orchestration/all-done", "--crashes 1"),
    ("order/saga-orchestration/points-refused", "--losses 1 --duplicates 1 --timeouts 1"),
    ("order/saga-orchestration/points-refused", "--crashes 1"),
    ("order/saga-orchestration/reads-in-the-middle", "--crashes 1"),
    ("order/saga-choreography/all-done", "--losses 1"),
    ("order/three-phase-commit/commit", "--crash-stops 1"),
    ("order/three-phase-commit/commit", "--crashes 1"),
    ("order/three-phase-commit/commit", "--losses 1 --duplicates 1"),
]
# These tests examine no simulation. The walks are a separate judge.
LEFT_OUT = ["time-space*", "run page*", "sweep *", "txsim*", "reports*", "golden*", "tidy*", "hostile*",
            "documentation*", "findings*", "state machines*", "keys*", "fuzz*", "difference*", "comparison*",
            "judges: they agree*"]
WALKS = ["*breaks no promise", "*keeps its promises in bad weather"]


# Folders of the objects that make up the library.
LIBRARY = tuple(f"CMakeFiles/txsim_{part}.dir/" for part in ("core", "texts", "generated"))


class Trouble(Exception):
    """An error of the script, not a result about a mutant."""


def sees(word):
    return word not in ("-", "?")


# ---- a mutated txsim: the checkout's build, except for the files that the mutant changes

class Build:
    """The checkout's own build, brought up to date at its first use. Mutants do not change it."""
    folder = os.path.join(ROOT, "build", "separate")

    def __init__(self):
        self.lock = threading.Lock()
        self.links = {}  # by target: the words of its link command, and the files that each object includes

    def link(self, target):
        with self.lock:
            if target not in self.links:
                call([os.path.join(ROOT, "scripts", "build-preset"), "separate", target], ROOT)
                commands = call(["ninja", "-C", self.folder, "-t", "commands", target], ROOT)
                last = next(line for line in reversed(commands.splitlines()) if " -o " in line)
                words = shlex.split(last.split(" && ")[1])
                self.links[target] = (words, self.included())
            return self.links[target]

    def included(self):
        """By object, under its ninja name: the project's files that it is compiled from."""
        included, files = {}, None
        for line in call(["ninja", "-C", self.folder, "-t", "deps"], ROOT).splitlines():
            if line.startswith(" "):
                path = os.path.relpath(os.path.join(self.folder, line.strip()), ROOT)
                files.add(path)
            elif line:
                files = included.setdefault(line.split(":")[0], set())
        return included

    def compilations(self):
        with open(os.path.join(self.folder, "compile_commands.json"), encoding="utf-8") as file:
            commands = [(shlex.split(entry["command"]), entry["file"]) for entry in json.load(file)]
        return {words[words.index("-o") + 1]: (words, file) for words, file in commands}


class Mutated:
    """A folder with the files that a mutant changes, and the objects compiled from them."""
    def __init__(self, build, mutant, folder):
        self.build, self.folder, self.files = build, folder, mutant.files
        self.made, self.digests, self.found_by = {}, [], ""
        for name in self.files:
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            shutil.copy(os.path.join(ROOT, name), os.path.join(folder, name))
        call(["git", "apply", mutant.path], folder)

    def make(self, target):
        """Compiles every object that includes a changed file, and links it instead of the checkout's."""
        if target in self.made:
            return self.made[target]
        words, included = self.build.link(target)
        words, changed = list(words), set(self.files)
        core = [name for name in sorted(included) if name.startswith(LIBRARY)]
        if any("--whole-archive" in word for word in words):
            place = words.index("libtxsim.a")
            words[place:place + 1] = core  # the archive would contain mutated objects a second time
        for name in sorted(included):
            if not changed & included[name] or not (name in core or name in words):
                continue
            made = self.compile(name)
            if name in words:
                words[words.index(name)] = made
            else:
                words.insert(words.index("-o"), made)  # before the library, so that its original is not linked
        program = os.path.join(self.folder, os.path.basename(target))
        words[words.index("-o") + 1] = program
        call([*words, "-Wl,--strip-debug"], self.build.folder)
        self.made[target] = program
        return program

    def compile(self, name):
        if name not in self.made:
            words, source = self.build.compilations()[name]
            if any("cmake_pch" in word for word in words):
                raise Trouble("build/separate precompiles headers: changes in them would have no effect")
            words = list(words)
            made = os.path.join(self.folder, name.replace("/", "_"))
            words[words.index("-o") + 1] = made
            if os.path.relpath(source, ROOT) in self.files:
                words[words.index("-c") + 1] = os.path.join(self.folder, os.path.relpath(source, ROOT))
            words.insert(1, "-I" + self.folder)  # changed headers are found first
            call(words, self.build.folder)
            self.made[name] = made
        return self.made[name]

    def ask(self, judge, command, seconds):
        """Returns status, stdout and stderr. A program that does not end exceeds its CPU time."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        done = subprocess.run(command, cwd=ROOT, text=True, errors="replace", capture_output=True,
                              preexec_fn=limit, check=False)
        if done.returncode == 2 and judge not in ("comparison", "tests", "walk"):
            raise Trouble(" ".join(command) + "\n" + done.stderr[-2000:])
        return done


def call(command, folder):
    # Git must not find the checkout's repository around a folder inside it.
    environment = dict(os.environ, GIT_CEILING_DIRECTORIES=os.path.dirname(folder))
    done = subprocess.run(command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        raise Trouble(" ".join(command)[:200] + "\n" + done.stdout[-2000:])
    return done.stdout


# ---- the judges: each returns "-", or the count after which it detected the defect

def scenarios(mutated):
    report = os.path.join(mutated.folder, "scenarios.xml")
    done = mutated.ask("scenarios", [mutated.make("txsim"), "run", "scenarios", "--digest",
                                     "--junit", report], CPU_SECONDS["scenarios"])
    mutated.digests = [line.split()[1:] for line in done.stdout.splitlines()
                       if line.startswith("digest ")]
    if done.returncode == 0:
        return "-"
    if done.returncode == 1:
        for number, case in enumerate(xml.parse(report).getroot().iter("testcase"), 1):
            if case.find("failure") is not None or case.find("error") is not None:
                return str(number)
    return str(len(mutated.digests) + 1)


def digests(mutated):
    with open(os.path.join(ROOT, "tests/golden/digests.txt"), encoding="utf-8") as file:
        golden = {file: digest for digest, file in (line.split() for line in file)}
    run = [(file, digest) for file, digest in mutated.digests if file in golden]
    for number, (file, digest) in enumerate(run, 1):
        if golden[file] != digest:
            return str(number)
    return "-"


def sweep(mutated):
    runs = 0
    folder = os.path.join(mutated.folder, "sweep")
    for file, seeds, options in SWEEPS:
        shutil.rmtree(folder, ignore_errors=True)
        done = mutated.ask("sweep", [mutated.make("txsim"), "sweep", file, "--jobs", "1", "--stop-at",
                                     "1", "--seeds", f"1..{seeds}", "--out", folder, *options],
                           CPU_SECONDS["sweep"])
        results = os.path.join(folder, "results.jsonl")
        if os.path.exists(results):
            with open(results, encoding="utf-8") as file:
                runs += sum(1 for line in file) - 1
        if done.returncode != 0:
            return str(runs if done.returncode == 1 else runs + 1)
    return "-"


def exploration(mutated):
    states = 0
    for scenario, budget in EXPLORATIONS:
        done = mutated.ask("exploration",
                           [mutated.make("txsim"), "explore", f"scenarios/{scenario}.ini", "--json",
                            "--jobs", "1", "--memory", "1GiB", *budget.split()],
                           CPU_SECONDS["exploration"])
        if done.returncode not in (0, 1):
            return str(states + 1)
        result = json.loads(done.stdout)
        states += result["states"]
        if done.returncode == 1:
            return str(states)
    return "-"


def comparison(mutated):
    done = mutated.ask("comparison", [mutated.make("txsim_tests"), "[.comparison]"],
                       CPU_SECONDS["comparison"])
    if done.returncode == 0:
        return "-"
    seen = re.search(r"^differ after (\d+) scenarios", done.stdout, re.M)
    return seen.group(1) if seen else "1"


def unit_tests(mutated, judge):
    program = mutated.make("txsim_tests")
    names = subprocess.run([program, "--list-test-names-only", *selection(judge)], text=True,
                           capture_output=True, check=False)
    done = mutated.ask(judge, [program, "-a", *selection(judge)], CPU_SECONDS[judge])
    if done.returncode == 0:
        return "-"
    ran = re.search(r"^test cases: +(\d+)", done.stdout, re.M)
    mutated.found_by = first_failing(done.stdout)
    return ran.group(1) if ran else str(len(names.stdout.splitlines()))


def selection(judge):
    if judge == "walk":
        return [",".join(WALKS)]
    return ["~[.]" + "".join(f'~"{name}"' for name in LEFT_OUT + WALKS)]


def first_failing(output):
    found = re.search(r"^-{70,}\n(.+?)\n-{70,}\n", output, re.M | re.S)
    return " ".join(found.group(1).split()) if found else "a crash"


def judge(mutated, asked, ask_all):
    """Runs judges from cheap to expensive until one detects the mutant; with ask_all all cheap ones."""
    words = {name: "?" for name in JUDGES}
    seen = False
    for name in asked:
        expensive = name in ("comparison", "tests", "walk")
        if name == "digests" or (seen and (expensive or not ask_all)):
            continue
        if name == "scenarios":
            words[name] = scenarios(mutated)
            words["digests"] = digests(mutated)
        elif name == "sweep":
            words[name] = sweep(mutated)
        elif name == "exploration":
            words[name] = exploration(mutated)
        elif name == "comparison":
            words[name] = comparison(mutated)
        else:
            words[name] = unit_tests(mutated, name)
        seen = seen or sees(words[name])
    return words
