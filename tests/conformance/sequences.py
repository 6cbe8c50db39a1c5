"""Sequences of calls to a database, made from a seed or by name.

A call is (session, verb, object, delta). The object is a branch or a row, delta is the amount that an
update adds. Session 0 restarts the server. Session 9 comes last and reads the final state."""

import random

ROWS = 2
SESSIONS = (1, 2, 3)
IDS = (1, 2, 3)
LAST = 9
STATEMENTS = ('update', 'read')
ABOUT_A_BRANCH = ('start', 'join', 'resume', 'end', 'suspend', 'prepare', 'commit', 'one-phase',
                  'rollback')
LONGEST = 30  # calls before the last session's

XA_CALLS = ABOUT_A_BRANCH + ('recover', 'begin', 'commit-work', 'rollback-work')
# PostgreSQL's calls for a branch are PREPARE TRANSACTION, COMMIT PREPARED and ROLLBACK PREPARED.
POSTGRESQL_CALLS = ('prepare', 'commit', 'rollback', 'recover', 'begin', 'commit-work',
                    'rollback-work')

# The sensible next calls of a session, by its state.
XA_NEXT = {
    'none': ('start', 'start', 'start', 'commit', 'rollback', 'recover', 'begin', 'statement'),
    'local': ('statement', 'statement', 'commit-work', 'rollback-work'),
    'active': ('statement', 'statement', 'end', 'end'),
    'idle': ('prepare', 'prepare', 'prepare', 'one-phase', 'rollback', 'resume'),
    'prepared': ('commit', 'commit', 'rollback', 'disconnect', 'recover'),
}
POSTGRESQL_NEXT = {
    'none': ('begin', 'begin', 'begin', 'commit', 'rollback', 'recover', 'statement'),
    'local': ('statement', 'statement', 'prepare', 'prepare', 'commit-work', 'rollback-work'),
}


class Writer:
    """Writes one sequence: mostly sensible calls, sometimes any call."""

    def __init__(self, seed, rules):
        self.random = random.Random(f'{rules} {seed}')
        self.calls = []
        self.is_postgresql = rules == 'postgresql'
        self.next = POSTGRESQL_NEXT if self.is_postgresql else XA_NEXT
        self.open = {}  # by session: its expected state and its branch

    def write(self, with_restart):
        length = self.random.randint(4, LONGEST)
        restarts = set()
        if with_restart:
            restarts = {self.random.randrange(length) for _ in range(self.random.choice((1, 1, 2)))}
        for place in range(length):
            if place in restarts:
                self.calls.append((0, 'restart', 0, 0))
                self.open = {}
            else:
                self.add()
        return self.calls + last_calls(self.random)

    def add(self):
        session = self.random.choice(SESSIONS)
        state, branch = self.open.get(session, ('none', 0))
        if self.random.random() < 0.75:
            verb = self.random.choice(self.next[state])
        else:
            anything = POSTGRESQL_CALLS if self.is_postgresql else XA_CALLS
            verb = self.random.choice(anything + ('statement', 'disconnect', 'terminate'))
        if verb == 'statement':
            self.statement(session)
            return
        if branch == 0 or self.random.random() < 0.15:
            branch = self.random.choice(IDS)
        self.calls.append((session, verb, branch if verb in ABOUT_A_BRANCH else 0, 0))
        self.follow(session, verb, branch)

    def statement(self, session):
        row = self.random.randrange(ROWS)
        if self.random.random() < 0.3:
            self.calls.append((session, 'read', row, 0))
        else:
            self.calls.append((session, 'update', row, self.random.choice((-1, -1, -1, 1, -1000))))

    def follow(self, session, verb, branch):
        state = self.open.get(session, ('none', 0))[0]
        after = {
            ('none', 'start'): 'active', ('idle', 'resume'): 'active', ('active', 'end'): 'idle',
            ('idle', 'prepare'): 'prepared', ('none', 'begin'): 'local',
        }.get((state, verb), state)
        ends = {'one-phase': 'idle', 'commit': 'prepared', 'rollback': 'prepared',
                'commit-work': 'local', 'rollback-work': 'local'}
        if verb in ('disconnect', 'terminate') or ends.get(verb) == state:
            after = 'none'
        if (state, verb) == ('idle', 'rollback') or (self.is_postgresql and verb == 'prepare'):
            after = 'none'
        self.open[session] = (after, branch if after != 'none' else 0)


def last_calls(chance=None):
    """Ends all sessions, then ends the prepared branches and reads the rows."""
    calls = [(session, 'terminate', 0, 0) for session in SESSIONS]
    calls.append((LAST, 'recover', 0, 0))
    for branch in IDS:
        verb = chance.choice(('commit', 'rollback')) if chance else 'rollback'
        calls.append((LAST, verb, branch, 0))
    return calls + [(LAST, 'read', row, 0) for row in range(ROWS)]


def generated(seed, rules):
    """Every fifth sequence has one restart of the server or two."""
    return Writer(seed, rules).write(with_restart=seed % 5 == 0)


def text(call):
    """A call in the format of the simulated database."""
    session, verb, thing, delta = call
    if verb == 'update':
        return f'{session} {verb} {thing} {delta}'
    if verb == 'read' or verb in ABOUT_A_BRANCH:
        return f'{session} {verb} {thing}'
    return f'{session} {verb}'


def parsed(line):
    words = line.split()
    numbers = [int(word) for word in words[2:]] + [0, 0]
    return (int(words[0]), words[1], numbers[0], numbers[1])


# Sequences by name.
NAMED_XA = {
    # An exercise of the course: an update under XA in one terminal makes another terminal's update
    # wait until it commits. A third terminal lists prepared branches.
    'three terminals': '''
        1 start 1 | 1 update 0 -1 | 2 start 2 | 2 update 0 -1 | 3 recover | 1 end 1 | 1 prepare 1
        3 recover | 1 commit 1 | 3 recover | 2 end 2 | 2 prepare 2 | 2 commit 2''',
    'three terminals, the first is rolled back': '''
        1 start 1 | 1 update 0 -1 | 2 start 2 | 2 update 0 -1 | 1 end 1 | 1 prepare 1
        1 rollback 1 | 2 end 2 | 2 one-phase 2''',
    'three terminals, the server is killed': '''
        1 start 1 | 1 update 0 -1 | 1 end 1 | 1 prepare 1 | 2 start 2 | 2 update 0 -1 | 0 restart
        3 recover | 2 start 2 | 2 update 0 -1 | 3 commit 1 | 2 end 2 | 2 one-phase 2''',
    'the first terminal goes away': '''
        1 start 1 | 1 update 0 -1 | 1 end 1 | 1 prepare 1 | 2 commit 1 | 1 disconnect | 2 commit 1''',
    'a reader is prepared, and its session goes': '''
        1 start 1 | 1 read 0 | 1 end 1 | 1 prepare 1 | 2 update 0 -1 | 1 disconnect | 2 recover
        2 commit 1 | 2 recover''',
    'a reader is prepared, and the server is killed': '''
        1 start 1 | 1 read 0 | 1 end 1 | 1 prepare 1 | 0 restart | 2 recover | 2 update 0 -1''',
    'a writer that also read, and the server is killed': '''
        1 start 1 | 1 read 0 | 1 update 1 -1 | 1 end 1 | 1 prepare 1 | 0 restart | 2 update 0 -1
        2 update 1 -1 | 3 commit 1''',
    'refused, but prepared': '''
        1 start 1 | 1 update 0 -1 | 1 update 1 -1000 | 2 update 1 -1 | 1 end 1 | 1 prepare 1
        1 commit 1''',
    'the same id twice': '''
        1 start 1 | 2 start 1 | 1 end 1 | 2 start 1 | 1 prepare 1 | 2 start 1 | 1 disconnect
        2 start 1 | 2 rollback 1 | 2 start 1''',
}
NAMED_POSTGRESQL = {
    'three terminals': '''
        1 begin | 1 update 0 -1 | 2 begin | 2 update 0 -1 | 3 recover | 1 prepare 1 | 3 recover
        1 commit 1 | 3 recover | 2 prepare 2 | 2 commit 2''',
    'three terminals, the first is rolled back': '''
        1 begin | 1 update 0 -1 | 2 begin | 2 update 0 -1 | 1 prepare 1 | 3 rollback 1
        2 commit-work''',
    'three terminals, the server is killed': '''
        1 begin | 1 update 0 -1 | 1 prepare 1 | 2 begin | 2 update 0 -1 | 0 restart | 3 recover
        2 begin | 2 update 0 -1 | 3 commit 1 | 2 commit-work''',
    'the first terminal goes away': '''
        1 begin | 1 update 0 -1 | 1 prepare 1 | 1 disconnect | 2 commit 1 | 2 commit 1''',
    'a reader is prepared, and the server is killed': '''
        1 begin | 1 read 0 | 1 prepare 1 | 0 restart | 2 recover | 2 update 0 -1 | 3 commit 1''',
    'refused, and doomed': '''
        1 begin | 1 update 0 -1 | 1 update 1 -1000 | 2 update 0 -1 | 1 read 0 | 1 prepare 1
        3 recover''',
    'the same id twice': '''
        1 begin | 1 update 0 -1 | 1 prepare 1 | 2 begin | 2 update 1 -1 | 2 prepare 1
        2 update 1 -1 | 3 rollback 1 | 3 rollback 1''',
    'commit prepared inside a transaction': '''
        1 begin | 1 update 0 -1 | 1 prepare 1 | 2 begin | 2 update 1 -1 | 2 commit 1 | 3 update 1 -1
        2 commit-work''',
}


def named(rules):
    """Yields (name, calls) of each sequence."""
    table = NAMED_POSTGRESQL if rules == 'postgresql' else NAMED_XA
    for name, lines in table.items():
        calls = [parsed(call) for line in lines.split('\n') if line.strip()
                 for call in line.split('|')]
        yield name, calls + last_calls()
