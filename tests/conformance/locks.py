"""The lock service against Redis: SET NX PX, release by the owner, expiry, restart.

A call is (tick, owner, verb): acquire, release or look. Owner 0 restarts the server. Many sequences run
together, tick by tick, each on its own key, so that all wait for expiries at the same time. Calls are in
the middle of a tick, and locks expire between two ticks."""

import random
import time

TICKS = 9
EXPIRY_TICKS = 2.5
OWNERS = (1, 2, 3)
# Sequences in a batch, and the length of a tick. A restart must fit into half a tick.
BATCH = 200
TICK_S = 0.1
TICK_WITH_RESTARTS_S = 0.4
LATEST = 0.4  # of a tick: calls that end later show nothing

# As in "Distributed Locks with Redis": deletes the key only for its owner.
RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"
# A client that recognises its own lock uses this script.
ACQUIRE_KNOWN = """if redis.call('get', KEYS[1]) == ARGV[1] then return 1 end
                   return redis.call('set', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])"""


def generated(seed):
    """Every fifth sequence has a restart of the server, in one of two ticks. Sequences with the same
    restart run together."""
    chance = random.Random(f'redis {seed}')
    calls = []
    restart = chance.choice((2, 5)) if seed % 5 == 0 else None
    for tick in range(TICKS):
        if tick == restart:
            calls.append((tick, 0, 'restart'))
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            verb = chance.choice(('acquire', 'acquire', 'acquire', 'release', 'release', 'look'))
            calls.append((tick, chance.choice(OWNERS), verb))
    return calls


def text(call):
    return ' '.join(map(str, call))


class TooSlow(Exception):
    """The machine was too slow for meaningful times."""


class Player:
    """Batches of sequences on one Redis."""

    def __init__(self, server, knows_owner):
        self.server, self.knows_owner = server, knows_owner
        self.client = server.connect()
        self.batches = self.restarts = 0

    def play(self, batch, tick_s):
        """Plays a batch and returns its answers in the form of the simulated lock service."""
        self.batches += 1
        said = [{} for _ in batch]
        began = time.monotonic()
        for tick in range(TICKS):
            now = [(which, place, call) for which, calls in enumerate(batch)
                   for place, call in enumerate(calls) if call[0] == tick]
            if any(call[2] == 'restart' for _, _, call in now):
                self.server.restart()
                self.client = self.server.connect()
                self.restarts += 1
            self.wait_until(began + (tick + 0.5) * tick_s, tick_s)
            self.ask([entry for entry in now if entry[2][2] != 'restart'], tick_s, said)
            if time.monotonic() > began + (tick + 0.5 + LATEST) * tick_s:
                raise TooSlow
        return said

    @staticmethod
    def wait_until(moment, tick_s):
        left = moment - time.monotonic()
        if left < -LATEST * tick_s:
            raise TooSlow
        time.sleep(max(left, 0))

    def ask(self, calls, tick_s, said):
        pipe = self.client.pipeline(transaction=False)
        for which, _, (_, owner, verb) in calls:
            key = f'{self.batches}-{which}'
            expiry_ms = int(EXPIRY_TICKS * tick_s * 1000)
            if verb == 'acquire' and self.knows_owner:
                pipe.eval(ACQUIRE_KNOWN, 1, key, owner, expiry_ms)
            elif verb == 'acquire':
                pipe.set(key, owner, nx=True, px=expiry_ms)
            elif verb == 'release':
                pipe.eval(RELEASE, 1, key, owner)
            else:
                pipe.exists(key)
            pipe.get(key)
        answers = pipe.execute()
        for place, (which, call, (_, _, verb)) in enumerate(calls):
            answer, owner = answers[2 * place], answers[2 * place + 1]
            says = {'acquire': 'granted' if answer else 'denied', 'release': 'freed',
                    'look': 'looked'}[verb]
            said[which][call] = f'{says} {owner.decode() if owner else "nobody"}'


def first_difference(calls, real, simulated):
    for place, call in enumerate(calls):
        if call[2] != 'restart' and real[place] != simulated[place].get(place):
            return place
    return None


def compare(server, simulated, first_seed, number):
    """In half of the sequences an owner that asks again is recognised. Returns the number of sequences
    that differ."""
    began = time.monotonic()
    differing = calls_made = 0
    restarts = 0
    with server:
        for knows_owner in (False, True):
            seeds = [seed for seed in range(first_seed, first_seed + number)
                     if (seed // 5) % 2 == knows_owner]
            player = Player(server, knows_owner)
            for with_restart in (False, True):
                mine = [seed for seed in seeds if (seed % 5 == 0) == with_restart]
                if with_restart:  # sequences that restart in the same tick run together
                    mine.sort(key=lambda seed: [call[0] for call in generated(seed)
                                                if call[2] == 'restart'])
                for batch in batches(mine, with_restart):
                    found, made = compare_batch(player, simulated, batch, with_restart)
                    calls_made += made
                    differing += found
            restarts += player.restarts
    print(f'redis: {number} sequences, {calls_made} calls, {restarts} restarts, '
          f'{differing} differ; {time.monotonic() - began:.0f} s')
    return differing


def batches(seeds, with_restart):
    """Lists of seeds that may run together."""
    batch = []
    for seed in seeds:
        if batch and (len(batch) == BATCH or (
                with_restart and restart_of(seed) != restart_of(batch[0]))):
            yield batch
            batch = []
        batch.append(seed)
    if batch:
        yield batch


def restart_of(seed):
    return [call[0] for call in generated(seed) if call[2] == 'restart']


def compare_batch(player, simulated, seeds, with_restart):
    sequences = [generated(seed) for seed in seeds]
    tick_s = TICK_WITH_RESTARTS_S if with_restart else TICK_S
    for _ in range(6):
        try:
            said = player.play(sequences, tick_s)
            break
        except TooSlow:
            tick_s *= 1.5
    else:
        raise RuntimeError('this machine is too busy to measure expiry')
    differing = 0
    known = 'known' if player.knows_owner else 'unknown'
    for seed, calls, real in zip(seeds, sequences, said):
        answers = simulated.ask(f'locks {known}', map(text, calls), len(calls))
        place = first_difference(calls, real, answers)
        if place is None:
            continue
        differing += 1
        print(f'redis --seed {seed}, owner {known}: a difference')
        for which, call in enumerate(calls[:place + 1]):
            print(f'  {which + 1:2} {text(call):<22} {real.get(which, "")}')
        print(f'  call {place + 1}: redis says {real[place]}, simulated {answers[place][place]}')
    return differing, sum(map(len, sequences))
