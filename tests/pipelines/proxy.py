"""The documented proxy, really running: docs/deploy/nginx.conf with ports and certificates of our own, on loopback."""

import base64
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import trustme

from bench.screenshots import free_port

CONFIG = Path(__file__).parent.parent.parent / "docs" / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
SITES = {"ui": 3000, "desk": 3100, "alerts": 8025}
USER, PASSWORD = "operator", "open sesame"


@contextmanager
def proxied(folder, **ports):
    """nginx before what listens on `ports`, by site ("ui", "desk", "alerts"); yields the port that speaks TLS for all of them."""
    port = free_port()
    with subprocess.Popen([NGINX, "-q", "-p", folder, "-c", _configure(folder, port, ports)]) as process:
        try:
            _wait_for(port, process)
            yield port
        finally:
            process.terminate()


def ask(port, host, path, *, password=None, body=None):
    """The status that one of the proxy's sites answers with, at best to a user who logs in; with `body` it is a POST of a form."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=ssl._create_unverified_context())
    word = base64.b64encode(f"{USER}:{password}".encode()).decode()
    headers = {"Host": host} | ({"Authorization": f"Basic {word}"} if password else {})
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        connection.request("POST" if body is not None else "GET", path, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _configure(folder, port, ports):
    """The file that nginx is started with; beside it lie the certificate and the password."""
    certificate = trustme.CA().issue_cert(*(f"{site}.example.org" for site in SITES))
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    (folder / "thinkwatch.htpasswd").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n", encoding="utf-8")
    text = CONFIG.read_text(encoding="utf-8").replace("/etc/ssl/thinkwatch", str(folder)).replace("/etc/nginx", str(folder))
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
    for site, documented in SITES.items():
        text = text.replace(f"127.0.0.1:{documented};", f"127.0.0.1:{ports.get(site, 1)};")
    folders = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    start = "daemon off;\n" + ("user root;\n" if os.geteuid() == 0 else "")
    main = folder / "main.conf"
    main.write_text(
        f"{start}pid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\nhttp {{\naccess_log off;\n{folders}{text}\n}}\n",
        encoding="utf-8",
    )
    return main


def _wait_for(port, process):
    while process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"nginx ended with status {process.returncode}")
