"""docs/forward-auth.md done to the letter, in a shell, with a real nginx: from zero to protected, and what an application reads."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import jwt
import pytest
import trustme
from playwright.sync_api import Browser, expect

from tests.journeys.served import ROOT, Served, served
from tests.journeys.student import arrive
from tests.servers.application import Application
from tests.servers.chromium import FLAGS
from tests.servers.components import free_port, require
from tests.servers.nginx import nginx
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import ROBIN

DOCUMENT = (ROOT / "docs/forward-auth.md").read_text()
HOST = "hello.epfl.ch"


def block(language: str) -> str:
    """The first program of the document in this language."""
    [found] = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    return str(found)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A vodka of this file's own."""
    with SmtpServer() as smtp, served(tmp_path_factory.mktemp("served"), smtp, resend_interval=0) as running:
        yield running


def follow(house: Served, folder: Path, application: Application, port: int, pid: Path) -> str:
    """Type what the document says, where it says it; but for the names, the ports and the certificate of this test."""
    here = f"127.0.0.1:{port}"
    names = {
        "hello.example.org": HOST,
        "you@epfl.ch": ROBIN,
        "http://127.0.0.1:8080": f"http://127.0.0.1:{application.port}",
        "/etc/nginx/conf.d/": f"{folder}/conf.d/",
        "nginx -t": f"sed -i 's#listen 443#listen {here}#; s#/etc/ssl/{HOST}/#{folder}/#' {folder}/conf.d/*.conf\nnginx -t",
        f"check https://{HOST}/": f"check https://{HOST}/ --connect {here} --ca {folder}/ca.pem",
    }
    script = block("sh")
    for name, meant in names.items():
        assert name in script
        script = script.replace(name, meant)
    tools = folder / "bin"
    tools.mkdir()
    wrapper = tools / "nginx"
    wrapper.write_text(f'#!/bin/sh\nexec {require("nginx")} -c {pid}/nginx.conf -p {pid} -e {pid}/error.log "$@"\n')
    wrapper.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VODKA_")}
    path = os.pathsep.join((str(tools), str(Path(sys.executable).parent), kept["PATH"]))
    run = ["bash", "-euo", "pipefail", "-c", script]
    typed = subprocess.run(run, cwd=folder, env=kept | house.settings | {"PATH": path}, capture_output=True, text=True)
    assert typed.returncode == 0, typed.stdout + typed.stderr
    return typed.stdout


def checker(house: Served) -> ModuleType:
    """The document's few lines for an application, for this vodka."""
    text = block("python").replace("https://vodka.example.org", house.origin).replace("hello.example.org", HOST)
    module = ModuleType("visitor")
    exec(text, vars(module))
    return module


def test_from_zero_to_protected(chromium: Browser, house: Served, tmp_path: Path) -> None:
    """Every line is typed; the attack at the end finds nothing; a student gets in, and the application can tell who it is."""
    authority, port, pid = trustme.CA(), free_port(), tmp_path / "nginx"
    issued = authority.issue_cert(HOST)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued.private_key_pem.write_to_path(str(tmp_path / "privkey.pem"))
    issued.cert_chain_pems[0].write_to_path(str(tmp_path / "fullchain.pem"))
    (tmp_path / "conf.d").mkdir()
    empty = f"server {{ listen 127.0.0.1:{{port}}; return 404; }}\ninclude {tmp_path}/conf.d/*.conf;"
    with Application() as application, nginx(pid, empty):
        said = follow(house, tmp_path, application, port, pid)
        assert re.search(r"\n\d+ attacks: (\d+ to look at, )?\d+ refused\n\Z", said), said
        assert sorted(path.name for path in tmp_path.glob("*")) == sorted(
            ("bin", "ca.pem", "conf.d", "fullchain.pem", "nginx", "privkey.pem")
        )
        told = visit(chromium, house, port)
    claims = checker(house).visitor({"X-Vodka-Identity": told["x-vodka-identity"][0]})
    assert (claims["sub"], claims["aud"]) == (told["remote-user"][0], HOST)
    with pytest.raises(jwt.InvalidTokenError):
        checker(house).visitor({"X-Vodka-Identity": told["x-vodka-identity"][0][:-8] + "AAAAAAAA"})


def visit(chromium: Browser, house: Served, port: int) -> dict[str, Any]:
    """A student comes, signs in and agrees; the headers that the application was sent."""
    browser = chromium.browser_type.launch(
        executable_path=require("chromium"),
        args=[*FLAGS, f"--host-resolver-rules=MAP {HOST}:443 127.0.0.1:{port}"],
    )
    student = arrive(browser, house, ignore_https_errors=True)
    student.page.goto(f"https://{HOST}/")
    student.log_in()
    student.accept.click()
    expect(student.page).to_have_url(f"https://{HOST}/")
    told: dict[str, Any] = json.loads(student.page.locator("body").inner_text())["headers"]
    browser.close()
    return told
