"""Pictures: product photographs for a shop without a photographer, drawn on first use and kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from secrets import token_hex

from PIL import Image, ImageDraw, ImageFilter

from allegro_module.demo import motifs
from allegro_module.demo.catalogue import Picture, articles
from allegro_module.demo.drawing import Canvas, Colour, darker, lighter, mix, read_colour

SIZE = 1000
THUMBNAIL = 160
PAPER: Colour = (250, 248, 244)


@cache
def _recipes() -> dict[str, tuple[Picture, int]]:
    return {
        name: (article.picture, view)
        for article in articles()
        for view, name in enumerate(article.image_names, start=1)
    }


def read_picture(name: str, folder: Path) -> bytes:
    """The JPEG of that name. Raises KeyError when no product has such a picture."""
    picture, view = _recipes()[name]
    return _kept(folder / name, lambda: _jpeg(paint(picture, view)))


def read_thumbnail(name: str, folder: Path) -> bytes:
    """The same, small. Raises KeyError."""
    return _kept(folder / "small" / name, lambda: _jpeg(_shrunk(read_picture(name, folder))))


def paint(picture: Picture, view: int) -> Image.Image:
    """View 1 shows the whole product, 2 a detail, 3 lies on linen, 4 stands before its gift box."""
    main, accent = (read_colour(colour) for colour in picture.colours)
    canvas = Canvas()
    motifs.ALL[picture.motif](canvas, main, accent)
    product = canvas.sheet.resize((SIZE, SIZE), Image.Resampling.BOX)
    photograph = VIEWS[view](product, main, accent)
    return photograph if picture.size == (SIZE, SIZE) else _cropped(photograph, picture.size)


def _whole(product: Image.Image, main: Colour, accent: Colour) -> Image.Image:
    return _placed(product, _wall(lighter(accent, 0.82), PAPER))


def _detail(product: Image.Image, main: Colour, accent: Colour) -> Image.Image:
    close = product.crop((230, 180, 830, 780)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return _placed(close, _wall(PAPER, lighter(main, 0.6)))


def _on_linen(product: Image.Image, main: Colour, accent: Colour) -> Image.Image:
    ground = Image.new("RGB", (SIZE, SIZE), lighter(mix(main, (205, 190, 160), 0.75), 0.45))
    draw = ImageDraw.Draw(ground)
    for at in range(0, SIZE, 8):
        draw.line([(at, 0), (at, SIZE)], fill=lighter(mix(main, (205, 190, 160), 0.8), 0.55), width=3)
        draw.line([(0, at), (SIZE, at)], fill=lighter(mix(main, (190, 172, 138), 0.8), 0.35), width=2)
    return _placed(product.rotate(-9, Image.Resampling.BICUBIC), ground)


def _with_box(product: Image.Image, main: Colour, accent: Colour) -> Image.Image:
    box = Canvas()
    paper: Colour = (196, 164, 122)
    box.box(330, 190, 900, 760, darker(paper, 0.12), 12)
    box.box(310, 150, 920, 290, paper, 12)
    box.box(575, 150, 655, 760, accent)
    for x in (560, 670):
        box.ring(x, 130, 74, 46, accent, 26)
    scene = _placed(box.sheet.resize((SIZE, SIZE), Image.Resampling.BOX), _wall(lighter(main, 0.75), PAPER))
    small = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    small.paste(product.resize((620, 620), Image.Resampling.BICUBIC), (40, 360))
    return _placed(small, scene)


View = Callable[[Image.Image, Colour, Colour], Image.Image]
VIEWS: dict[int, View] = {1: _whole, 2: _detail, 3: _on_linen, 4: _with_box}


def _wall(top: Colour, bottom: Colour) -> Image.Image:
    column = Image.new("RGB", (1, 64))
    for y in range(64):
        column.putpixel((0, y), mix(top, bottom, y / 63))
    return column.resize((SIZE, SIZE), Image.Resampling.BICUBIC)


def _placed(product: Image.Image, ground: Image.Image) -> Image.Image:
    """The product on its ground, with a soft shadow below it (blurred small: twenty times quicker)."""
    outline = product.getchannel("A").resize((125, 125), Image.Resampling.BOX)
    soft = outline.filter(ImageFilter.GaussianBlur(4)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    shadow = soft.point([round(level * 0.34) for level in range(256)])
    scene = ground.copy()
    scene.paste((58, 44, 30), (10, 26, SIZE + 10, SIZE + 26), shadow)
    scene.paste(product, (0, 0), product)
    return scene


def _cropped(photograph: Image.Image, size: tuple[int, int]) -> Image.Image:
    width, height = size
    wide = SIZE * height // width
    top = (SIZE - wide) // 2 + 40
    return photograph.crop((0, top, SIZE, top + wide)).resize(size, Image.Resampling.LANCZOS)


def _shrunk(jpeg: bytes) -> Image.Image:
    image = Image.open(BytesIO(jpeg))
    image.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    return image


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def _kept(path: Path, make: Callable[[], bytes]) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{token_hex(4)}")
        fresh.write_bytes(make())
        fresh.replace(path)
    return path.read_bytes()
