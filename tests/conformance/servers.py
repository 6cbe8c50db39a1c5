"""Private database servers from Debian's packages. Each runs in a temporary folder with a socket in it.
It can be killed and restarted. At the end it stops and its files are deleted."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import tempfile
import time


class Server:
    """One server. A subclass defines its initial data, its command and its readiness check."""

    program = ''  # must be installed
    seconds_to_start = 60

    def __init__(self):
        # Paths of sockets have at most 107 bytes. Servers run as user nobody if we are root.
        self.folder = tempfile.mkdtemp(prefix='txsim-', dir='/tmp')
        self.data = os.path.join(self.folder, 'data')
        self.socket = os.path.join(self.folder, 'socket')
        self.process = None
        self.starts = 0
        # The server ends with this process in any case.
        self.user = ['setpriv', '--pdeathsig=KILL']
        if os.getuid() == 0:
            shutil.chown(self.folder, 'nobody', 'nogroup')
            self.user += ['--reuid=nobody', '--regid=nogroup', '--clear-groups']

    @classmethod
    def binary(cls, name):
        return name

    @classmethod
    def is_installed(cls):
        return shutil.which(cls.binary(cls.program)) is not None

    def __enter__(self):
        try:
            self.make_data()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.kill()
        # Processes of a killed server may still write for a moment.
        until = time.monotonic() + self.seconds_to_start
        while os.path.exists(self.folder) and time.monotonic() < until:
            shutil.rmtree(self.folder, ignore_errors=True)
            time.sleep(0.02)

    def run(self, *command):
        """Runs a command as the server's user. It must succeed."""
        done = subprocess.run([*self.user, *command], cwd=self.folder, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise RuntimeError(f'{command[0]} failed:\n{done.stdout.decode()}')

    def start(self):
        until = time.monotonic() + self.seconds_to_start
        while time.monotonic() < until:
            self.starts += 1  # a killed server may still write to its log
            with open(self.log_file(), 'wb') as log:
                self.process = subprocess.Popen([*self.user, *self.command()], cwd=self.folder,
                                                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            while self.process.poll() is None and time.monotonic() < until:
                try:
                    self.connect().close()
                    return
                except self.errors():
                    time.sleep(0.02)
            if not self.is_for_the_moment():
                break
            time.sleep(0.02)
        raise RuntimeError(f'{self.program} does not start:\n{self.log()}')

    def is_for_the_moment(self):
        """True if the server ended for a temporary reason."""
        return False

    def log_file(self):
        return os.path.join(self.folder, f'log-{self.starts}')

    def log(self):
        with open(self.log_file(), 'rb') as log:
            return log.read()[-4000:].decode(errors='replace')

    def kill(self):
        """Like a power failure, except that data in the operating system's cache survives."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def restart(self):
        self.kill()
        self.start()

    def make_data(self):
        os.mkdir(self.data)
        if self.user:
            shutil.chown(self.data, 'nobody', 'nogroup')

    def command(self):
        raise NotImplementedError

    def connect(self):
        raise NotImplementedError

    def errors(self):
        """The exceptions of its client library."""
        raise NotImplementedError


class MariaDb(Server):
    program = 'mariadbd'

    def errors(self):
        import pymysql
        return (pymysql.Error, OSError)

    def make_data(self):
        self.run('mariadb-install-db', '--no-defaults', f'--datadir={self.data}',
                 '--auth-root-authentication-method=normal',
                 '--innodb-flush-method=nosync')

    def command(self):
        return ['mariadbd', '--no-defaults', f'--datadir={self.data}', f'--socket={self.socket}',
                f'--pid-file={self.folder}/pid', '--skip-networking', '--skip-name-resolve',
                '--innodb-flush-method=nosync', '--innodb-buffer-pool-size=16M',
                '--innodb-lock-wait-timeout=60', '--innodb-deadlock-detect=off',
                '--performance-schema=off', '--max-connections=400']

    def connect(self):
        import pymysql
        return pymysql.connect(unix_socket=self.socket, user='root', database='test',
                               autocommit=True)


class PostgreSql(Server):
    program = 'postgres'

    def errors(self):
        import psycopg2
        return (psycopg2.Error,)

    def is_for_the_moment(self):
        """The processes of a killed server take a while to end."""
        return 'is still in use' in self.log()

    @classmethod
    def binary(cls, name):
        """Debian installs the programs in a folder for each version."""
        return max(glob.glob(f'/usr/lib/postgresql/*/bin/{name}'), default=name)

    def make_data(self):
        self.run(self.binary('initdb'), '-D', self.data, '-U', 'txsim', '-A', 'trust',
                 '--no-locale', '-E', 'UTF8', '--no-sync')

    def command(self):
        settings = {
            'listen_addresses': '', 'unix_socket_directories': self.folder, 'fsync': 'off',
            'max_prepared_transactions': '400', 'max_connections': '400', 'shared_buffers': '16MB',
            'restart_after_crash': 'off', 'autovacuum': 'off', 'lock_timeout': '60s',
            'deadlock_timeout': '1h'}
        return [self.binary('postgres'), '-D', self.data,
                *(part for name, value in settings.items() for part in ('-c', f'{name}={value}'))]

    def connect(self):
        import psycopg2
        connection = psycopg2.connect(host=self.folder, user='txsim', dbname='postgres')
        connection.autocommit = True
        return connection


class Redis(Server):
    program = 'redis-server'

    def errors(self):
        import redis
        return (redis.RedisError, OSError)

    def command(self):
        return ['redis-server', '--port', '0', '--unixsocket', self.socket, '--dir', self.data,
                '--appendonly', 'yes', '--appendfsync', 'no', '--save', '']

    def connect(self):
        import redis
        client = redis.Redis(unix_socket_path=self.socket)
        client.ping()
        return client
