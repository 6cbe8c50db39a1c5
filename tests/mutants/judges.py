"""The judges of mutants, and the copies of the project in which mutants are built. Each judge gives "-", or
after how many scenarios, runs, states or tests it saw the defect. What they are: ./run.
"""
import filecmp
import json
import os
import re
import resource
import shutil
import subprocess
import xml.etree.ElementTree as xml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
JUDGES = ["scenarios", "sweep", "exploration", "tests", "walk", "digests"]
CPU_SECONDS = {"scenarios": 60, "sweep": 120, "exploration": 120, "tests": 300, "walk": 900}
MEMORY = 6 << 30

# In 10,000 runs: the four protocols under the sky of tests/runs/weather.ini, each of these besides.
PROTOCOLS = "scenario.protocol=two-phase-commit,tcc,saga-orchestration,saga-choreography"
REPEATED = ["--set=entrance.enabled=on", "--set=faults.duplication=5%", "--set=workload.retries=2",
            "--set=workload.repeats=1", "--set=workload.repeat_after=300ms"]
CRASHES = ["--set=faults.crash_every=900ms", "--set=faults.crash_for=1ms to 300ms"]
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
    ("order/saga-choreography/all-done", "--losses 1"),
]
# What is left out judges no simulation. The walks are a judge of their own.
LEFT_OUT = ["time-space*", "run page*", "sweep *", "txsim*", "reports*", "golden*", "tidy*", "hostile*",
            "documentation*", "findings*", "state machines*", "keys*", "fuzz*", "difference*", "comparison*"]
WALKS = ["*breaks no promise", "*keeps its promises in bad weather"]


class Trouble(Exception):
    """Nothing about a mutant: the script cannot go on."""


def sees(word):
    return word not in ("-", "?")


# ---- a copy of the project in which mutants are built

class Copy:
    def __init__(self, folder):
        self.folder = folder
        self.build = os.path.join(folder, "build", "release")

    def make(self):
        """Brings it up to date: also one that an interrupted run has left behind."""
        names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
        for name in names.stdout.decode().split("\0"):
            source = os.path.join(ROOT, name)
            if not name or not os.path.isfile(source):
                continue
            target = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
                shutil.copy(source, target)
        self.drop_others(set(names.stdout.decode().split("\0")))
        self.call(["cmake", "--preset", "release", "-DTXSIM_CHARTS=OFF", "-DTXSIM_BENCH=OFF"])

    def drop_others(self, names):
        """Of an earlier run with --folder: scenarios, say, that there are no more."""
        for folder, folders, files in os.walk(self.folder):
            if folder == self.folder and "build" in folders:
                folders.remove("build")
            for file in files:
                path = os.path.join(folder, file)
                if os.path.relpath(path, self.folder) not in names:
                    os.remove(path)

    def call(self, command):
        done = subprocess.run(command, cwd=self.folder, env=self.environment(), text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise Trouble(" ".join(command)[:200] + "\n" + done.stdout[-2000:])

    def environment(self):
        # Of compilations elsewhere ccache takes what is the same; git sees no repository around it.
        return dict(os.environ, CCACHE_BASEDIR=self.folder, CCACHE_NOHASHDIR="1",
                    GIT_CEILING_DIRECTORIES=os.path.dirname(self.folder))

    def make_target(self, target):
        self.call(["ninja", "-C", self.build, "-j", "1", target])

    def patch(self, mutant, *options):
        self.call(["git", "apply", *options, mutant.path])

    def ask(self, judge, command, seconds):
        """Its status, stdout and stderr. A program that does not end has used up its CPU time."""
        def limit():
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        done = subprocess.run(command, cwd=self.folder, env=self.environment(), text=True,
                              errors="replace", capture_output=True, preexec_fn=limit, check=False)
        if done.returncode == 2 and judge != "tests" and judge != "walk":
            raise Trouble(" ".join(command) + "\n" + done.stderr[-2000:])
        return done


# ---- the judges: each gives "-", or what it took until the defect was seen

def scenarios(copy):
    report = os.path.join(copy.folder, "scenarios.xml")
    if os.path.exists(report):
        os.remove(report)
    done = copy.ask("scenarios", [copy.build + "/txsim", "run", "scenarios", "--digest",
                                  "--junit", report], CPU_SECONDS["scenarios"])
    copy.digests = [line.split()[1:] for line in done.stdout.splitlines()
                    if line.startswith("digest ")]
    if done.returncode == 0:
        return "-"
    if done.returncode == 1:
        for number, case in enumerate(xml.parse(report).getroot().iter("testcase"), 1):
            if case.find("failure") is not None or case.find("error") is not None:
                return str(number)
    return str(len(copy.digests) + 1)


def digests(copy):
    with open(os.path.join(copy.folder, "tests/golden/digests.txt"), encoding="utf-8") as file:
        golden = {file: digest for digest, file in (line.split() for line in file)}
    run = [(file, digest) for file, digest in copy.digests if file in golden]
    for number, (file, digest) in enumerate(run, 1):
        if golden[file] != digest:
            return str(number)
    return "-"


def sweep(copy):
    runs = 0
    folder = os.path.join(copy.folder, "sweep")
    for file, seeds, options in SWEEPS:
        shutil.rmtree(folder, ignore_errors=True)
        done = copy.ask("sweep", [copy.build + "/txsim", "sweep", file, "--jobs", "1", "--stop-at",
                                  "1", "--seeds", f"1..{seeds}", "--out", folder, *options], CPU_SECONDS["sweep"])
        results = os.path.join(folder, "results.jsonl")
        if os.path.exists(results):
            with open(results, encoding="utf-8") as file:
                runs += sum(1 for line in file) - 1
        if done.returncode != 0:
            return str(runs if done.returncode == 1 else runs + 1)
    return "-"


def exploration(copy):
    states = 0
    for scenario, budget in EXPLORATIONS:
        done = copy.ask("exploration",
                        [copy.build + "/txsim", "explore", f"scenarios/{scenario}.ini", "--json",
                         "--jobs", "1", "--memory", "1GiB", *budget.split()],
                        CPU_SECONDS["exploration"])
        if done.returncode not in (0, 1):
            return str(states + 1)
        result = json.loads(done.stdout)
        states += result["states"]
        if done.returncode == 1:
            return str(states)
    return "-"


def unit_tests(copy, judge):
    copy.make_target("txsim_tests")
    names = subprocess.run([copy.build + "/tests/txsim_tests", "--list-test-names-only",
                            *selection(judge)], text=True, capture_output=True, check=False)
    done = copy.ask(judge, [copy.build + "/tests/txsim_tests", "-a", *selection(judge)],
                    CPU_SECONDS[judge])
    if done.returncode == 0:
        return "-"
    ran = re.search(r"^test cases: +(\d+)", done.stdout, re.M)
    copy.found_by = first_failing(done.stdout)
    return ran.group(1) if ran else str(len(names.stdout.splitlines()))


def selection(judge):
    if judge == "walk":
        return [",".join(WALKS)]
    return ["~[.]" + "".join(f'~"{name}"' for name in LEFT_OUT + WALKS)]


def first_failing(output):
    found = re.search(r"^-{70,}\n(.+?)\n-{70,}\n", output, re.M | re.S)
    return " ".join(found.group(1).split()) if found else "a crash"


def judge(copy, asked, ask_all):
    """Asks from cheap to dear until one sees it, and the cheap ones beyond if all are to be asked."""
    words = {name: "?" for name in JUDGES}
    copy.digests, copy.found_by = [], ""
    seen = False
    for name in asked:
        dear = name in ("tests", "walk")
        if name == "digests" or (seen and (dear or not ask_all)):
            continue
        if name == "scenarios":
            words[name] = scenarios(copy)
            words["digests"] = digests(copy)
        elif name == "sweep":
            words[name] = sweep(copy)
        elif name == "exploration":
            words[name] = exploration(copy)
        else:
            words[name] = unit_tests(copy, name)
        seen = seen or sees(words[name])
    return words
