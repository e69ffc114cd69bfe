"""A network namespace for tests of fixed names: /etc/hosts leads them to the loopback interface, where
a test serves them at their own ports. What the bench serves stays outside: its ports in the namespace
are sockets made inside and served from outside.

    if __name__ == '__main__':
        namespace.main(__file__, ports, begin)

main runs the file a second time, inside; begin(folder) is called there before the tests.
"""
import os, shutil, socket, subprocess, sys, tempfile, threading, unittest

INSIDE = '--inside'


def skip(reason):
    print(reason)
    sys.exit(77)


def relay(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # whoever is left finds out by itself


def serve(listener, port):
    """Whoever comes to the namespace's port is led to the bench's."""
    while True:
        inside, _ = listener.accept()
        outside = socket.create_connection(('localhost', port))
        for pair in ((inside, outside), (outside, inside)):
            threading.Thread(target=relay, args=pair, daemon=True).start()


def outside(script, arguments, ports):
    if os.geteuid() != 0:
        skip('only root may make a network namespace')
    for program in ('unshare', 'ip', 'mount'):
        if not shutil.which(program):
            skip(f'the program {program} is missing')
    unshare = ['unshare', '--net', '--mount']
    tried = subprocess.run([*unshare, 'ip', 'link', 'set', 'lo', 'up'], stderr=subprocess.PIPE, text=True)
    if tried.returncode != 0:
        skip('this system makes no network namespace: ' + tried.stderr.strip())
    ours, theirs = socket.socketpair()
    with subprocess.Popen([*unshare, sys.executable, script, *arguments, INSIDE, str(theirs.fileno())],
                          pass_fds=[theirs.fileno()]) as inside:
        theirs.close()
        try:
            _, descriptors, _, _ = socket.recv_fds(ours, 1, len(ports))
            for descriptor, port in zip(descriptors, ports):
                threading.Thread(target=serve, args=[socket.socket(fileno=descriptor), port], daemon=True).start()
            status = inside.wait(240)
        finally:
            inside.kill()
    sys.exit(status)


def run(*arguments):
    subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as sock:
        return sock.getsockname()[1]


def names(folder, hosts, addresses=(), others=None):
    """hosts are names of 127.0.0.1, beside localhost; others have an address each; addresses are ours as well."""
    for address in addresses:
        run('ip', 'address', 'add', address + '/32', 'dev', 'lo')
    with open(f'{folder}/hosts', 'w') as file:
        file.write(''.join(f'127.0.0.1 {name}\n' for name in ('localhost', *hosts)))
        file.write(''.join(f'{address} {name}\n' for name, address in (others or {}).items()))
    run('mount', '--bind', f'{folder}/hosts', '/etc/hosts')


def resolver(folder):
    """Other names are asked of a name server at 127.0.0.1, which is the test's."""
    with open(f'{folder}/resolv.conf', 'w') as file:
        file.write('nameserver 127.0.0.1\noptions timeout:2 attempts:1\n')
    run('mount', '--bind', f'{folder}/resolv.conf', '/etc/resolv.conf')


def certificate(folder, hosts, ca_file):
    """folder/pem and folder/key, for these names, by the bench's CA."""
    with open(f'{folder}/names', 'w') as file:
        file.write('subjectAltName = ' + ', '.join('DNS:' + name for name in hosts))
    ca = os.path.splitext(ca_file)[0]
    run('openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=x',
        '-keyout', f'{folder}/key', '-out', f'{folder}/csr')
    run('openssl', 'x509', '-req', '-in', f'{folder}/csr', '-CA', ca + '.pem', '-CAkey', ca + '.key', '-days', '2',
        '-CAserial', f'{folder}/serial', '-CAcreateserial', '-extfile', f'{folder}/names', '-out', f'{folder}/pem')


def start(script, *arguments):
    """A stand-in with the folder's certificate, which ends with us; once it listens."""
    process = subprocess.Popen(['/usr/bin/python3', script, '--stdin-eof', *arguments], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    if not process.stdout.readline().strip().isdigit():
        sys.exit(f'{script} did not start')
    return process


def main(script, ports, begin):
    """ports: of the bench, that are wanted inside. Behind -- stand unittest's own arguments."""
    if INSIDE not in sys.argv:
        outside(script, sys.argv[1:], ports)
    channel = socket.socket(fileno=int(sys.argv[-1]))
    with tempfile.TemporaryDirectory() as folder:
        run('ip', 'link', 'set', 'lo', 'up')
        listeners = [socket.create_server(('127.0.0.1', port)) for port in ports]
        socket.send_fds(channel, [b'.'], [listener.fileno() for listener in listeners])
        kept = begin(folder)
        arguments = sys.argv[sys.argv.index('--') + 1:sys.argv.index(INSIDE)] if '--' in sys.argv else []
        passed = unittest.main(argv=sys.argv[:1] + arguments, exit=False).result.wasSuccessful()
        del kept
    sys.exit(not passed)
