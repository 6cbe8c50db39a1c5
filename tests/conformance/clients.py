"""Sessions with a real database. Calls become statements, answers become words."""

import threading
import time

PATIENCE_S = 10.0  # for an answer, or until a wait is visible


class Session:
    """A connection that opens at its first use. It makes one call at a time. A thread makes calls that
    may wait for a row lock."""

    def __init__(self, database):
        self.database = database
        self.connection = None
        self.key = None  # the server's id of the connection
        self.thread = None
        self.answer = None

    def call(self, statement):
        if self.connection is None:
            self.connection = self.database.connect()
            self.key = self.database.key_of(self.connection)
        return self.database.execute(self.connection, statement)

    def call_and_wait(self, statement):
        def make():
            self.answer = self.call(statement)
        self.answer = None
        if self.connection is None:
            self.call(('ping', ''))
        self.thread = threading.Thread(target=make, daemon=True)
        self.thread.start()

    def is_waiting(self):
        return self.thread is not None and self.thread.is_alive()

    def late_answer(self):
        """The answer to call_and_wait; 'waits' if it still waits for its row lock."""
        until = time.monotonic() + PATIENCE_S
        while True:
            self.thread.join(0.001)
            if not self.thread.is_alive():
                self.thread = None
                return self.answer
            if self.key is not None and self.database.waits(self.key):
                return 'waits'
            if time.monotonic() > until:
                raise RuntimeError('a statement neither waits for a lock nor comes to an end')

    def leave(self):
        """Closes the connection, and returns when the server has noticed."""
        if self.connection is None:
            return
        self.connection.close()
        self.gone()

    def terminate(self):
        """Makes the server close the connection in any state, as an operator can."""
        if self.connection is None:
            return
        self.database.terminate(self.key)
        self.gone()

    def gone(self):
        until = time.monotonic() + PATIENCE_S
        while self.database.is_connected(self.key):
            if time.monotonic() > until:
                raise RuntimeError('the server does not notice that a connection is closed')
            time.sleep(0.0005)
        self.forget()

    def forget(self):
        """Drops the closed connection. A thread that waits on it gets an error as its answer."""
        connection, self.connection, self.key = self.connection, None, None
        if connection is not None and not self.is_waiting():
            self.database.drop(connection)


class Database:
    """The common client side of MariaDB and PostgreSQL."""

    def __init__(self, server):
        self.server = server
        self.errors = server.errors()
        self.admin = None

    def connect(self):
        return self.server.connect()

    def begin(self, rows):
        """Creates a table with this number of rows."""
        self.restarted()
        self.ask(self.create_table)
        self.ask('INSERT INTO t VALUES ' + ', '.join(f'({row}, 100)' for row in range(rows)))

    def restarted(self):
        self.admin = self.connect()

    def ask(self, statement):
        with self.admin.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def refill(self, first, rows):
        self.ask(f'UPDATE t SET v = 100 WHERE id >= {first} AND id < {first + rows}')

    def execute(self, connection, statement):
        """The answer in the words of database_node.cpp."""
        kind, sql = statement
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql if sql else 'SELECT 1')
                rows = cursor.fetchall() if cursor.description else []
                if kind == 'update':
                    return 'done'
                if kind == 'read':
                    return f'amount {rows[0][0]}'
                if kind == 'recover':
                    return rows
                return self.ending(cursor)
        except self.errors as problem:
            return self.code(problem)

    def ending(self, _):
        return 'XA_OK'

    def drop(self, connection):
        try:
            connection.close()
        except self.errors:
            pass


class MariaDbClient(Database):
    rules = 'mariadb'
    create_table = 'CREATE TABLE t (id INT PRIMARY KEY, v INT CHECK (v >= 0)) ENGINE=InnoDB'
    codes = {
        1397: 'XAER_NOTA', 1398: 'XAER_INVAL', 1399: 'XAER_RMFAIL', 1400: 'XAER_OUTSIDE',
        1402: 'XA_RBROLLBACK', 1440: 'XAER_DUPID', 4025: 'refused', 1205: 'waited too long',
        1213: 'deadlock', 2013: 'lost', 2006: 'lost', 1927: 'lost', 1053: 'lost', 0: 'lost'}

    def key_of(self, connection):
        return connection.thread_id()

    def code(self, problem):
        number = problem.args[0] if problem.args else 0
        return self.codes.get(number, f'error {problem}')

    def statement(self, call, prefix, first_row):
        _, verb, thing, delta = call
        xid = f"'{prefix}-{thing}'"
        xa = {'start': 'START {}', 'join': 'START {} JOIN', 'resume': 'START {} RESUME',
              'end': 'END {}', 'suspend': 'END {} SUSPEND', 'prepare': 'PREPARE {}',
              'commit': 'COMMIT {}', 'one-phase': 'COMMIT {} ONE PHASE', 'rollback': 'ROLLBACK {}'}
        if verb in xa:
            return verb, 'XA ' + xa[verb].format(xid)
        row = first_row + thing
        return verb, {
            'recover': 'XA RECOVER', 'begin': 'BEGIN', 'commit-work': 'COMMIT',
            'rollback-work': 'ROLLBACK',
            'update': f'UPDATE t SET v = v + ({delta}) WHERE id = {row}',
            'read': f'SELECT v FROM t WHERE id = {row} LOCK IN SHARE MODE'}[verb]

    def execute(self, connection, statement):
        said = super().execute(connection, statement)
        if statement[0] == 'rollback' and said == 'XA_OK':
            # It is not durable by itself, so the effect of a kill would be random.
            self.ask('FLUSH ENGINE LOGS')
        return said

    def listed(self, rows, prefix):
        return [row[3].decode() if isinstance(row[3], bytes) else row[3] for row in rows]

    def terminate(self, key):
        self.ask(f'KILL CONNECTION {key}')

    def is_connected(self, key):
        return bool(self.ask(f'SELECT 1 FROM information_schema.processlist WHERE id = {key}'))

    def waits(self, key):
        """True if the connection waits for a row lock that is not yet granted."""
        status = self.ask('SHOW ENGINE INNODB STATUS')[0][2]
        transactions = status.split('---TRANSACTION ')
        return any('\nLOCK WAIT ' in one and f'\nMariaDB thread id {key},' in one
                   for one in transactions)


class PostgreSqlClient(Database):
    rules = 'postgresql'
    create_table = 'CREATE TABLE t (id INT PRIMARY KEY, v INT CHECK (v >= 0))'
    codes = {
        '42704': 'XAER_NOTA', '42710': 'XAER_DUPID', '25001': 'XAER_OUTSIDE',
        '25P02': 'XA_RBROLLBACK', '23514': 'refused', '55P03': 'waited too long',
        '40P01': 'deadlock', '57P01': 'lost', '57P02': 'lost', '57P03': 'lost',
        None: 'lost'}

    def key_of(self, connection):
        return connection.get_backend_pid()

    def code(self, problem):
        return self.codes.get(problem.pgcode, f'error {problem.pgcode} {problem}')

    def ending(self, cursor):
        """COMMIT and PREPARE TRANSACTION answer ROLLBACK if they rolled back."""
        return cursor.statusmessage

    def statement(self, call, prefix, first_row):
        _, verb, thing, delta = call
        row = first_row + thing
        return verb, {
            'prepare': f"PREPARE TRANSACTION '{prefix}-{thing}'",
            'commit': f"COMMIT PREPARED '{prefix}-{thing}'",
            'rollback': f"ROLLBACK PREPARED '{prefix}-{thing}'",
            'recover': 'SELECT gid FROM pg_prepared_xacts',
            'begin': 'BEGIN', 'commit-work': 'COMMIT', 'rollback-work': 'ROLLBACK',
            'update': f'UPDATE t SET v = v + ({delta}) WHERE id = {row}',
            'read': f'SELECT v FROM t WHERE id = {row} FOR SHARE'}[verb]

    def execute(self, connection, statement):
        said = super().execute(connection, statement)
        if statement[0] in ('commit-work', 'prepare') and said == 'ROLLBACK':
            return 'XA_RBROLLBACK'
        is_tag = isinstance(said, str) and said.isupper() and not said.startswith('XA')
        return 'XA_OK' if is_tag else said

    def listed(self, rows, prefix):
        return [row[0] for row in rows]

    def terminate(self, key):
        self.ask(f'SELECT pg_terminate_backend({key})')

    def is_connected(self, key):
        return bool(self.ask(f'SELECT 1 FROM pg_stat_activity WHERE pid = {key}'))

    def waits(self, key):
        return bool(self.ask(f'SELECT 1 WHERE cardinality(pg_blocking_pids({key})) > 0'))
