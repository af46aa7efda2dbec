"""A real nginx on 127.0.0.1 with the configuration of a test, in the foreground, as nobody but us."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.house.tree import ROOT
from tests.servers.components import free_port, require, running

_FRAME = """
{user}daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log info;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {inside}
}}
"""


@contextmanager
def nginx(folder: Path, inside: str, **environment: str) -> Iterator[int]:
    """Serve what stands `inside` the http block, where `{port}` is a free port; that port."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "nginx.conf"
    # Started by root, its worker would be somebody who may not look into the folders of a test.
    user = "user root;\n" if os.geteuid() == 0 else ""
    file.write_text(_FRAME.format(user=user, folder=folder, inside=inside.replace("{port}", str(port))))
    command = [require("nginx"), "-c", str(file), "-p", str(folder), "-e", str(folder / "error.log")]
    with running(command, folder, port, "error.log", **environment):
        yield port


def without_tls(printed: str) -> str:
    """What vodka prints for nginx, on a port of ours."""
    return re.sub(r"    listen 443 ssl;\n(    ssl_.*\n)*", "    listen 127.0.0.1:{port};\n", printed)


def cached(block: str, folder: Path, host: str) -> str:
    """The same with the document's recipe for asking less often, for the application at this host."""
    [recipe] = re.findall(r"```\n(proxy_cache_path.*?)```", (ROOT / "docs/forward-auth.md").read_text(), re.DOTALL)
    place, _, inside = recipe.replace("hello.example.org", host).partition("# in location = /vodka-status\n")
    before = place.partition(";")[0].replace("/var/cache/nginx/vodka", str(folder))
    return f"{before};\n" + block.replace("        internal;\n", f"        internal;\n{inside}")
