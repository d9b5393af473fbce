"""What the benches in Python share: a server that is asked over one connection, and the line that says what was measured where."""
import datetime
import http.client
import os
import platform
import subprocess
from pathlib import Path


class Server:
    """A process that prints where it listens."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().strip().removeprefix("listening on http://")
        self.connection = http.client.HTTPConnection(self.address)

    def ask(self, method, path, body=None, headers={}):
        """The answer and its body."""
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer, answer.read()

    def cpu(self):
        """User and system time in seconds, from ticks of 10 ms."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Resident, and of that its own, in MB."""
        status = dict(line.split(":", 1) for line in open(f"/proc/{self.process.pid}/status"))
        return [round(int(status[name].split()[0]) / 1024, 1) for name in ("VmRSS", "RssAnon")]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measured(*more):
    """When, where and of what state of the code a result is."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True).stdout.strip()
    known = [f"date: {datetime.date.today()}", f"machine: {os.cpu_count()} cores, {platform.machine()}", f"commit: {commit}", *more]
    return ", ".join(known) + "\n"
