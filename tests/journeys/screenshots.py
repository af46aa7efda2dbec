"""Take the pictures of the README anew: `python -m tests.journeys.screenshots` writes docs/img/."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, expect, sync_playwright

from tests.journeys.served import ROOT, Served, served
from tests.journeys.student import MILLISECONDS, PHONE, Student, arrive
from tests.servers.chromium import FLAGS
from tests.servers.components import find
from tests.servers.smtp import SmtpServer

FOLDER = ROOT / "docs" / "img"
LARGEST = 250_000  # bytes of one picture
SHARP = 1  # device pixels for one of CSS; the sheet shows the phones smaller than they are
# The four phones side by side, on the grey between light and dark in which a README is read.
SHEET = """<!doctype html><style>
  body { margin: 0; padding: 24px; display: inline-flex; gap: 24px; align-items: flex-start; background: #8b8d93; }
  img { display: block; width: 390px; border-radius: 26px; }
</style><body>"""


def main() -> None:
    """Walk through the main flow once, light, with one look at the consent page in the dark."""
    expect.set_options(timeout=MILLISECONDS)
    with TemporaryDirectory() as folder, SmtpServer() as smtp, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=[*FLAGS, "--disable-lcd-text"])
        with served(Path(folder), smtp, resend_interval=30) as house:
            shots, dark = walk(browser, house)
        write("flow.png", compose(browser, shots))
        write("consent-dark.png", compose(browser, [dark]))
        browser.close()


def walk(browser: Browser, house: Served) -> tuple[list[bytes], bytes]:
    """Login, code, consent and greeting in the light; the consent page in the dark."""
    student = arrive(browser, house, device_scale_factor=SHARP, locale="en", **PHONE)
    student.begin()
    shots = [shot(student)]
    student.ask()
    student.type_code(student.code()[:5])
    shots.append(shot(student))
    student.type_code(student.code()[5])
    student.switch("firstName").check()
    shots.append(shot(student))
    student.page.emulate_media(color_scheme="dark")
    dark = shot(student)
    student.page.emulate_media(color_scheme="light")
    student.accept.click()
    student.is_greeted()
    return [*shots, shot(student)], dark


def shot(student: Student) -> bytes:
    """The whole page, nothing in focus that a thumb would not have put there."""
    return student.page.screenshot(full_page=True, caret="hide")


def compose(browser: Browser, shots: list[bytes]) -> bytes:
    """The pictures side by side, as one."""
    page = browser.new_page(viewport={"width": 2000, "height": 1000})
    images = [f'<img src="data:image/png;base64,{b64encode(picture).decode()}">' for picture in shots]
    page.set_content(SHEET + "".join(images))
    together = page.locator("body").screenshot()
    page.close()
    return together


def write(name: str, picture: bytes) -> None:
    """Keep a picture that is light enough for a README."""
    open('/tmp/w/'+name,'wb').write(picture)
    assert len(picture) < LARGEST, f"{name} has {len(picture)} bytes"
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_bytes(picture)
    print(f"docs/img/{name}: {len(picture) // 1000} kB")


if __name__ == "__main__":
    main()
