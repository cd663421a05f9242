"""An instance of its own: a database in a temporary folder, imports into it, and a server of it."""

import json
import os
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = 600  # seconds in which the server starts and answers, beside other checks
FOLLOWED = 3_600  # and in which it follows its log for the first `as_of`


class Instance:
    def __init__(self, binary):
        self.binary, self.server, self.temporary = binary, None, tempfile.TemporaryDirectory()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = "http://127.0.0.1:%s" % free.getsockname()[1]
        env = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERABLE_")}
        env |= {"ANSWERABLE_DATABASE": f"sqlite:{self.temporary.name}/register.db", "ANSWERABLE_LOG": "warn",
                "ANSWERABLE_LISTEN": self.address.removeprefix("http://")}
        self.started = dict(env=env, cwd=self.temporary.name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.server:
            self.server.terminate()
            self.server.wait()
        self.temporary.cleanup()

    def load(self, docs):
        """Imports the documents as one file."""
        path = os.path.join(self.temporary.name, "documents.ndjson")
        with open(path, "w") as file:
            file.writelines(json.dumps(doc) + "\n" for doc in docs)
        subprocess.run([self.binary, "import", path], check=True, stdout=subprocess.DEVNULL, **self.started)

    def serve(self):
        self.server = subprocess.Popen([self.binary, "serve"], **self.started)
        started = time.monotonic()
        while True:
            try:
                return self.get("/v1/reports?limit=1")
            except urllib.error.URLError:
                if self.server.poll() is not None or time.monotonic() - started > PATIENCE:
                    raise
                time.sleep(0.1)

    def get(self, path):
        """The text at a path or an address. A 503 is asked again: the past may still be built."""
        started = time.monotonic()
        while True:
            try:
                url = path if path.startswith("http") else self.address + path
                with urllib.request.urlopen(url, timeout=PATIENCE) as response:
                    return response.read().decode()
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() - started > FOLLOWED:
                    raise
                time.sleep(0.2)

    def data(self, path):
        return json.loads(self.get(path))["data"]

    def pages(self, path):
        """Each page of a list."""
        while path:
            page = json.loads(self.get(path))
            yield page
            path = page["page"].get("next")
