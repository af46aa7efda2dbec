"""The process that draws one picture anew: a file on stdin, a PNG on stdout. The only importer of Pillow.

`python -I -m vodka.adapters.pictures.process LONGEST SIDE`; ends with 1 and no word when it cannot.
"""

from __future__ import annotations

import resource
import sys
import warnings
from io import BytesIO

from PIL import GifImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

# By content, whatever the name and the media type say; SVG is a program, and never among them.
_PLUGINS = (GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
_FORMATS = ("GIF", "JPEG", "PNG", "WEBP")
_MIB = 1024 * 1024
_BOUNDS = (
    (resource.RLIMIT_AS, 768 * _MIB),  # two copies of the largest picture in RGBA, and the libraries
    (resource.RLIMIT_CPU, 4),  # seconds
    (resource.RLIMIT_FSIZE, _MIB),
    (resource.RLIMIT_NPROC, 0),
)


def redrawn(original: bytes, longest: int, side: int) -> bytes:
    """The first frame of a picture, upright, at most `side` pixels a side, as a PNG of nothing but pixels."""
    with Image.open(BytesIO(original), formats=_FORMATS) as picture:
        if max(picture.size) > longest:  # as its header says: nothing was decoded so far
            raise ValueError("too many pixels")
        upright = ImageOps.exif_transpose(picture)
        # A palette, 16 bits or CMYK: through RGB, where Pillow knows no direct way.
        whole = upright if upright.mode in ("RGB", "RGBA", "P", "L", "LA", "1") else upright.convert("RGB")
        drawn = whole.convert("RGBA")
    drawn.thumbnail((side, side))
    bare = Image.new("RGBA", drawn.size)  # profiles, comments and times stay behind
    bare.paste(drawn)
    output = BytesIO()
    bare.save(output, "PNG", optimize=True)
    return output.getvalue()


def main() -> int:
    """Draw what comes on stdin; the exit status."""
    for kind, most in _BOUNDS:
        resource.setrlimit(kind, (most, most))
    warnings.simplefilter("error")  # what Pillow warns of (bombs, broken metadata) is a reason to refuse
    longest, side = (int(number) for number in sys.argv[1:])
    try:
        picture = redrawn(sys.stdin.buffer.read(), longest, side)
    except Exception:  # whatever a decoder raises for what somebody made up
        return 1
    sys.stdout.buffer.write(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
