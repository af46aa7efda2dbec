"""Pictures of strangers: drawn anew in a process of their own, or refused; nothing of the original but its pixels stays."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from time import perf_counter

import pytest
from PIL import Image, PngImagePlugin

from vodka.adapters.pictures.clean import PictureRefused, cleaned
from vodka.adapters.pictures.process import redrawn

GREEN = (10, 200, 30)
PNG_LIMITS = {"longest": 4096, "side": 192, "size": 256 * 1024, "timeout": 30.0}
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def drawing(kind: str = "PNG", size: tuple[int, int] = (400, 100), mode: str = "RGB", **more: object) -> bytes:
    """A picture of one colour."""
    file = BytesIO()
    Image.new(mode, size, GREEN if mode == "RGB" else 1).save(file, kind, **more)
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def bomb(side: int) -> bytes:
    """A PNG that says it is enormous, in a few bytes."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def opened(png: bytes) -> Image.Image:
    picture = Image.open(BytesIO(png))
    assert picture.format == "PNG"
    picture.load()
    return picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_four_formats_are_drawn_small(kind: str) -> None:
    """At most 192 pixels a side, in the same proportions, in the same colour."""
    picture = opened(cleaned(drawing(kind), **PNG_LIMITS))
    assert (picture.size, picture.mode) == ((192, 48), "RGBA")
    seen = picture.getpixel((90, 20))
    assert all(abs(seen[place] - GREEN[place]) < 6 for place in range(3))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGBA"])
def test_every_kind_of_pixels_is_understood(mode: str) -> None:
    """Black and white, grey, a palette, 16 bits, with a veil; what is small already stays small."""
    assert opened(redrawn(drawing(mode=mode, size=(20, 30)), 4096, 192)).size == (20, 30)
    assert opened(redrawn(drawing("JPEG", mode="CMYK"), 4096, 192)).size == (192, 48)


def test_nothing_but_pixels_is_kept() -> None:
    """Comments, profiles, times and places are gone; a photograph stands upright all the same."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>where I live</script>")
    secret = drawing(pnginfo=notes, icc_profile=b"a profile")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "where I live"  # turned by 90°, and a description
    turned = drawing("JPEG", exif=exif)
    for original, size in ((secret, (192, 48)), (turned, (48, 192))):
        drawn = redrawn(original, 4096, 192)
        assert b"where I live" not in drawn
        assert (opened(drawn).size, opened(drawn).info) == (size, {})


def test_an_animation_is_its_first_picture() -> None:
    """One frame, no loop."""
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("white", "black")]
    file = BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], loop=0)
    picture = opened(redrawn(file.getvalue(), 4096, 192))
    assert picture.getpixel((5, 5)) == (255, 255, 255, 255)
    assert getattr(picture, "n_frames", 1) == 1


def test_a_page_behind_a_picture_is_cut_off() -> None:
    """A file that is a PNG to one reader and HTML to another comes out as a PNG alone."""
    both = drawing() + b"<html><script>alert(1)</script></html>"
    assert b"script" not in cleaned(both, **PNG_LIMITS)


@pytest.mark.parametrize(
    "original",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"a text", id="a text"),
        pytest.param(b"<html><script>alert(1)</script></html>", id="a page"),
        pytest.param(SVG, id="an SVG with a script"),
        pytest.param(b"\0" * 8_000_000, id="zeros without an end"),
        pytest.param(drawing("BMP"), id="another format"),
        pytest.param(drawing("JPEG", (400, 400))[:-200], id="a JPEG that was broken off"),
        pytest.param(drawing()[:-60], id="a PNG that was broken off"),
        pytest.param(bomb(60_000), id="a bomb"),
        pytest.param(bomb(4097), id="one pixel too wide"),
        pytest.param(bomb(4096), id="less than it says"),
        pytest.param(b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\0" * 400, id="a huge GIF"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + os.urandom(2000), id="the first bytes of a PNG, then noise"),
    ],
)
def test_what_is_no_picture_is_refused(original: bytes) -> None:
    """Whatever it is, and without a word on why."""
    with pytest.raises(PictureRefused):
        cleaned(original, **PNG_LIMITS)


def test_the_largest_picture_still_fits() -> None:
    """4096 pixels a side are decoded within the memory that there is; one more is not looked at."""
    assert opened(cleaned(drawing(size=(4096, 4096)), **PNG_LIMITS)).size == (192, 192)
    with pytest.raises(PictureRefused):
        cleaned(drawing(size=(4097, 1)), **PNG_LIMITS)
    with pytest.raises(ValueError, match="too many pixels"):
        redrawn(bomb(4097), 4096, 192)


def test_time_and_size_are_bounded() -> None:
    """Who has no time is killed, also in the middle of reading; who writes too much is not listened to."""
    began = perf_counter()
    with pytest.raises(PictureRefused):
        cleaned(b"\0" * 8_000_000, **PNG_LIMITS | {"timeout": 0.0})
    assert perf_counter() - began < 20
    whole = len(cleaned(drawing(), **PNG_LIMITS))
    assert len(cleaned(drawing(), **PNG_LIMITS | {"size": whole})) == whole
    with pytest.raises(PictureRefused):
        cleaned(drawing(), **PNG_LIMITS | {"size": whole - 1})


@pytest.mark.parametrize(("original", "status"), [(drawing(), 0), (SVG, 1)], ids=["a picture", "none"])
def test_the_process_ends_with_a_picture_or_with_silence(original: bytes, status: int) -> None:
    """As the parent starts it, and says nothing on its other stream."""
    command = [sys.executable, "-I", "-m", "vodka.adapters.pictures.process", "4096", "192"]
    done = subprocess.run(command, input=original, capture_output=True)
    assert (done.returncode, done.stderr) == (status, b"")
    assert done.stdout.startswith(b"\x89PNG") == (status == 0)


def test_only_that_process_loads_the_decoders() -> None:
    """A worker that serves pages stays small."""
    asked = "import sys, vodka.app; print(sorted(name for name in sys.modules if name.startswith('PIL')))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr
