# SPDX-License-Identifier: Apache-2.0
"""What systemd does for a service of Type=notify with a socket, as far as the tests need it.

service_manager.py [--watchdog MICROSECONDS] -- COMMAND...
Prints "listening PORT", each line the service notifies as "notify LINE", and "exited CODE". Reads from standard input: restart, stop, or the name of a signal.
"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading

first_passed = 3


def say(text):
    print(text, flush=True)


def print_notices(notices):
    while True:
        for line in notices.recv(4096).decode().splitlines():
            say("notify " + line)


def main():
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    if listening.fileno() != first_passed:
        os.dup2(listening.fileno(), first_passed)
    separator = sys.argv.index("--")
    options, command = sys.argv[1:separator], sys.argv[separator + 1:]
    with tempfile.TemporaryDirectory() as folder:
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        notices.bind(os.path.join(folder, "notify"))
        threading.Thread(target=print_notices, args=[notices], daemon=True).start()
        environment = dict(os.environ, NOTIFY_SOCKET=notices.getsockname(), LISTEN_FDS="1")
        if options[:1] == ["--watchdog"]:
            environment["WATCHDOG_USEC"] = options[1]

        def start():
            shell = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh"]
            return subprocess.Popen(shell + command, env=environment, pass_fds=[first_passed])

        def stop(service):
            service.send_signal(signal.SIGTERM)
            say(f"exited {service.wait()}")

        say(f"listening {listening.getsockname()[1]}")
        service = start()
        for line in sys.stdin:
            word = line.strip()
            if word == "restart":
                stop(service)
                service = start()
            elif word == "stop":
                break
            else:
                service.send_signal(getattr(signal, word))
        stop(service)


main()
