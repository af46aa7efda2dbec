"""Take the pictures of the README anew: `python -m tests.journeys.screenshots` writes docs/img/."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, expect, sync_playwright

from tests.journeys.served import ROOT, Served, served
from tests.journeys.student import MILLISECONDS, PHONE, Student, arrive
from tests.servers.chromium import FLAGS
from tests.servers.components import find
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import ROBIN

FOLDER = ROOT / "docs" / "img"
LARGEST = 250_000  # bytes of one picture
# Draws the pictures side by side, on the grey between light and dark in which a README is read; its pixels as RGB.
SIDE_BY_SIDE = """async (pictures) => {
  const gap = 24, corner = 26;
  const read = async (picture) => createImageBitmap(await (await fetch(picture)).blob());
  const images = await Promise.all(pictures.map(read));
  const width = images.reduce((sum, image) => sum + image.width + gap, gap);
  const height = Math.max(...images.map((image) => image.height)) + 2 * gap;
  const pen = new OffscreenCanvas(width, height).getContext("2d");
  pen.fillStyle = "#8b8d93";
  pen.fillRect(0, 0, width, height);
  let left = gap;
  for (const image of images) {
    pen.save();
    pen.beginPath();
    pen.roundRect(left, gap, image.width, image.height, corner);
    pen.clip();
    pen.drawImage(image, left, gap);
    pen.restore();
    left += image.width + gap;
  }
  const pixels = pen.getImageData(0, 0, width, height).data.filter((_, at) => at % 4 < 3);
  const reader = new FileReader();
  await new Promise((resolve) => { reader.onload = resolve; reader.readAsDataURL(new Blob([pixels])); });
  return [width, height, reader.result.split(",")[1]];
}"""


def main() -> None:
    """Walk through the main flow once, light, with one look at the consent page in the dark."""
    expect.set_options(timeout=MILLISECONDS)
    with TemporaryDirectory() as folder, SmtpServer() as smtp, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find("chromium"), args=FLAGS)
        with served(Path(folder), smtp, resend_interval=30) as house:
            shots, dark = walk(browser, house)
            mine = own(browser, house)
        write("flow.png", compose(browser, shots))
        write("consent-dark.png", compose(browser, [dark]))
        write("owner.png", compose(browser, mine))
        browser.close()


def walk(browser: Browser, house: Served) -> tuple[list[bytes], bytes]:
    """Login, code, consent and greeting in the light; the consent page in the dark."""
    student = arrive(browser, house, locale="en", **PHONE)
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


def own(browser: Browser, house: Served) -> list[bytes]:
    """What an owner sees first of adding, proving and watching a website."""
    owner = arrive(browser, house, ROBIN, locale="en", **PHONE)
    owner.open("/websites")
    owner.log_in()
    owner.page.locator("#domain").fill("club.epfl.ch")
    owner.page.locator("#domain").blur()
    shots = [owner.page.screenshot()]
    owner.page.locator("#add button").click()
    expect(owner.page.locator("#dns")).to_be_visible()
    shots.append(owner.page.screenshot())
    owner.open("/websites")
    owner.page.get_by_role("link", name="localhost").click()
    expect(owner.page.locator("#numbers")).to_be_visible()
    return [*shots, owner.page.screenshot()]


def shot(student: Student) -> bytes:
    """The whole page, down to where it ends."""
    return student.page.screenshot(full_page=True, caret="hide")


def compose(browser: Browser, shots: list[bytes]) -> bytes:
    """The pictures side by side, as one."""
    page = browser.new_page()
    urls = [f"data:image/png;base64,{b64encode(picture).decode()}" for picture in shots]
    width, height, pixels = page.evaluate(SIDE_BY_SIDE, urls)
    page.close()
    return png(width, height, b64decode(pixels))


def png(width: int, height: int, pixels: bytes) -> bytes:
    """RGB pixels as a PNG (third edition, §5.3, §11.2): no filters, which for flat colours is a quarter smaller than Chromium's."""
    lines = (pixels[at : at + 3 * width] for at in range(0, len(pixels), 3 * width))
    packed = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [b"IHDR" + header, b"IDAT" + packed, b"IEND"]
    framed = (struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(framed)


def write(name: str, picture: bytes) -> None:
    """Keep a picture that is light enough for a README."""
    assert len(picture) < LARGEST, f"{name} has {len(picture)} bytes"
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_bytes(picture)
    print(f"docs/img/{name}: {len(picture) // 1000} kB")


if __name__ == "__main__":
    main()
