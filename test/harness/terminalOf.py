"""A terminal with a program in it: stdin is what is typed, stdout what is shown; commands on 3, modes on 4."""
import fcntl, json, os, select, struct, sys, termios

master, slave = os.openpty()


def resize(columns, rows):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def modes():
    input_, output, _, local = termios.tcgetattr(slave)[:4]
    return {
        "opost": bool(output & termios.OPOST),
        "echo": bool(local & termios.ECHO),
        "icanon": bool(local & termios.ICANON),
        "isig": bool(local & termios.ISIG),
        "icrnl": bool(input_ & termios.ICRNL),
    }


resize(100, 30)


def lead():
    """The leader of the session, as a shell is: a program whose parent is in no session with it cannot be stopped."""
    os.close(master)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    go, ready = os.pipe()
    program = os.fork()
    if program == 0:
        os.setpgid(0, 0)
        os.read(go, 1)
        for descriptor in (0, 1, 2):
            os.dup2(slave, descriptor)
        os.closerange(3, 64)
        os.execvp(sys.argv[1], sys.argv[1:])
    try:
        os.setpgid(program, program)
    except OSError:
        pass
    os.tcsetpgrp(slave, program)
    os.write(4, f"{program}\n".encode())
    os.write(ready, b"x")
    while True:
        _, status = os.waitpid(program, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.write(4, (json.dumps({"stopped": True, **modes()}) + "\n").encode())
            continue
        code = os.waitstatus_to_exitcode(status)
        os._exit(code if code >= 0 else 128 - code)


child = os.fork()
if child == 0:
    lead()
sources = [0, 3, master]
ended = None
while True:
    readable, _, _ = select.select(sources, [], [], 0.05)
    if master in readable:
        os.write(1, os.read(master, 65536))
        continue
    if ended is not None:
        break
    if 0 in readable:
        typed = os.read(0, 65536)
        if typed:
            os.write(master, typed)
        else:
            sources.remove(0)
    if 3 in readable:
        command = os.read(3, 4096).split()
        if not command:
            sources.remove(3)
        elif command[0] == b"size":
            resize(int(command[1]), int(command[2]))
        else:
            os.write(4, (json.dumps(modes()) + "\n").encode())
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        ended = os.waitstatus_to_exitcode(status)
os.write(4, (json.dumps({"ended": ended, **modes()}) + "\n").encode())
sys.exit(ended)
