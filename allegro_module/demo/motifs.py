"""Motifs: how each kind of product is drawn, from a main colour and an accent."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin

from allegro_module.demo.drawing import INK, WHITE, Canvas, Colour, darker, lighter, mix

Motif = Callable[[Canvas, Colour, Colour], None]


def ring(c: Canvas, metal: Colour, amber: Colour) -> None:
    c.ring(500, 600, 235, 235, darker(metal, 0.2), 46)
    c.ring(500, 600, 228, 228, metal, 32)
    c.arc(500, 600, 222, 222, 150, 230, lighter(metal, 0.6), 10)
    c.oval(500, 355, 128, 106, darker(metal, 0.25))
    c.oval(500, 352, 120, 98, metal)
    c.stone(500, 345, 104, 84, amber)


def necklace(c: Canvas, amber: Colour, light: Colour) -> None:
    for step in range(37):
        angle = pi * (step / 36)
        size = 20 + 34 * sin(angle) ** 2
        x, y = 500 + 320 * cos(angle), 230 + 520 * sin(angle)
        c.stone(x, y, size, size * 0.86, mix(amber, light, (step * 7 % 10) / 10))


def pendant(c: Canvas, metal: Colour, amber: Colour) -> None:
    c.line([(500 + 290 * cos(pi * s / 40), 160 + 400 * sin(pi * s / 40)) for s in range(41)], metal, 8)
    c.ring(500, 582, 24, 24, darker(metal), 10)
    c.shape([(500, 600), (405, 760), (595, 760)], darker(metal, 0.15))
    c.stone(500, 765, 112, 118, amber)


def earrings(c: Canvas, metal: Colour, amber: Colour) -> None:
    for x in (350, 650):
        c.arc(x, 300, 52, 92, 150, 380, metal, 14)
        c.line([(x + 48, 320), (x + 10, 430)], metal, 12)
        c.oval(x, 448, 30, 30, darker(metal, 0.15))
        c.stone(x, 610, 92, 148, amber)


def studs(c: Canvas, metal: Colour, amber: Colour) -> None:
    for x, y in ((350, 450), (640, 570)):
        c.oval(x, y, 158, 158, darker(metal, 0.2))
        c.oval(x, y, 150, 150, metal)
        c.stone(x, y, 122, 122, amber)


def bracelet(c: Canvas, amber: Colour, light: Colour) -> None:
    for step in range(22):
        angle = 2 * pi * step / 22
        depth = 1 + 0.22 * sin(angle)
        x, y = 500 + 330 * cos(angle), 510 + 235 * sin(angle)
        c.stone(x, y, 46 * depth, 42 * depth, mix(amber, light, (step * 5 % 7) / 7))


def flower(c: Canvas, metal: Colour, amber: Colour) -> None:
    c.line([(500, 560), (470, 730), (400, 850)], darker(metal, 0.2), 20)
    for step in range(8):
        angle = 2 * pi * step / 8
        x, y = 500 + 150 * cos(angle), 430 + 150 * sin(angle)
        c.oval(x, y, 92, 92, darker(metal, 0.25))
        c.oval(x, y, 82, 82, lighter(metal, 0.25))
    c.stone(500, 430, 118, 118, amber)


def cloth(c: Canvas, linen: Colour, edge: Colour) -> None:
    c.shape([(140, 330), (860, 330), (940, 520), (60, 520)], lighter(linen, 0.2))
    c.shape([(60, 520), (940, 520), (900, 790), (100, 790)], linen)
    for x in range(110, 900, 79):
        c.shape([(x, 522), (x + 40, 522), (x + 34, 790), (x + 12, 790)], mix(linen, edge, 0.18))
    c.line([(102, 756), (898, 756)], edge, 6)
    c.line([(106, 738), (894, 738)], edge, 3)


def roundcloth(c: Canvas, linen: Colour, edge: Colour) -> None:
    for step in range(9):
        c.shape(
            [(110 + step * 87, 430), (196 + step * 87, 430), (190 + step * 87, 780), (116 + step * 87, 760)],
            mix(linen, edge, 0.25 if step % 2 else 0.08),
        )
    c.oval(500, 430, 392, 128, lighter(linen, 0.4))
    c.ring(500, 430, 366, 116, edge, 5)


def runner(c: Canvas, linen: Colour, table: Colour) -> None:
    c.box(80, 420, 920, 760, mix(table, (150, 110, 70), 0.55), 18)
    c.shape([(350, 405), (650, 405), (690, 800), (310, 800)], linen)
    for x in range(316, 690, 22):
        c.line([(x, 800), (x - 2, 848)], lighter(linen, 0.2), 7)
    c.line([(345, 440), (322, 790)], lighter(linen, 0.3), 5)
    c.line([(655, 440), (678, 790)], lighter(linen, 0.3), 5)


def napkins(c: Canvas, linen: Colour, edge: Colour) -> None:
    for step, shade in enumerate((0.45, 0.25, 0.1, 0.0)):
        shift = step * 46
        c.box(190 + shift, 200 + shift, 650 + shift, 660 + shift, mix(darker(linen, 0.1), WHITE, shade), 10)
        c.line([(214 + shift, 636 + shift), (626 + shift, 636 + shift)], edge, 5)
        c.line([(626 + shift, 224 + shift), (626 + shift, 636 + shift)], edge, 5)


def pillow(c: Canvas, linen: Colour, accent: Colour) -> None:
    c.shape(
        [(190, 210), (500, 246), (810, 210), (776, 500), (810, 790), (500, 752), (190, 790), (224, 500)],
        linen,
    )
    for step in range(1, 7):
        c.line([(206 + step * 84, 240), (206 + step * 84, 762)], mix(linen, accent, 0.22), 3)
    c.line([(236, 650), (764, 650)], accent, 5)
    for x in (360, 500, 640):
        c.oval(x, 690, 22, 22, (122, 88, 56))
        c.oval(x - 6, 684, 5, 5, (214, 190, 160))


def towel(c: Canvas, linen: Colour, accent: Colour) -> None:
    c.box(170, 190, 830, 214, (140, 108, 76), 12)
    c.box(280, 200, 720, 820, linen, 14)
    for y in range(240, 800, 34):
        for x in range(300, 710, 34):
            c.box(x, y, x + 20, y + 20, lighter(linen, 0.22), 4)
    c.box(280, 690, 720, 730, accent)
    c.box(280, 745, 720, 757, accent)


def bedding(c: Canvas, linen: Colour, accent: Colour) -> None:
    c.box(110, 250, 890, 420, (176, 142, 104), 26)
    c.box(170, 330, 480, 480, lighter(linen, 0.45), 60)
    c.box(520, 330, 830, 480, lighter(linen, 0.45), 60)
    c.shape([(130, 450), (870, 450), (920, 800), (80, 800)], linen)
    c.shape([(126, 470), (874, 470), (884, 560), (116, 560)], lighter(linen, 0.3))
    for x in range(210, 850, 130):
        c.line([(x, 575), (x - (500 - x) * 0.12, 786)], mix(linen, accent, 0.4), 5)


def candle(c: Canvas, wax: Colour, wood: Colour) -> None:
    c.box(300, 330, 700, 800, lighter(wax, 0.5), 40)
    c.box(316, 400, 684, 786, wax, 32)
    c.oval(500, 402, 184, 40, lighter(wax, 0.35))
    c.box(476, 320, 524, 404, wood, 4)
    _flame(c, 500, 250)
    c.box(370, 540, 630, 680, lighter(wax, 0.85), 8)
    c.line([(410, 590), (590, 590)], wood, 8)
    c.line([(440, 630), (560, 630)], wood, 5)


def _flame(c: Canvas, x: float, y: float) -> None:
    c.oval(x, y + 28, 34, 56, (245, 166, 35))
    c.oval(x, y + 44, 20, 36, (255, 226, 140))


def tallcandle(c: Canvas, wax: Colour, dark: Colour) -> None:
    for x, top in ((390, 330), (600, 250)):
        c.box(x - 62, top, x + 62, 830, wax, 10)
        for y in range(top + 24, 820, 30):
            c.line([(x - 58, y + 14), (x + 58, y)], mix(wax, dark, 0.35), 4)
        c.line([(x, top), (x, top - 34)], INK, 6)
        _flame(c, x, top - 108)


def tealights(c: Canvas, wax: Colour, metal: Colour) -> None:
    for row in range(3):
        for column in range(4):
            x, y = 215 + column * 190, 330 + row * 180
            c.box(x - 72, y, x + 72, y + 62, metal, 12)
            c.oval(x, y, 72, 34, lighter(metal))
            c.oval(x, y, 62, 27, wax)
            c.line([(x, y), (x, y - 20)], INK, 5)


def mug(c: Canvas, glaze: Colour, inside: Colour) -> None:
    c.ring(700, 530, 130, 150, darker(glaze, 0.15), 44)
    c.box(250, 330, 690, 800, glaze, 70)
    c.box(290, 380, 330, 720, lighter(glaze, 0.22), 20)
    c.oval(470, 340, 220, 56, lighter(glaze, 0.2))
    c.oval(470, 344, 196, 44, darker(inside, 0.12))
    c.box(250, 690, 690, 716, inside)


def cup(c: Canvas, china: Colour, band: Colour) -> None:
    c.oval(500, 740, 360, 84, mix(china, INK, 0.14))
    c.oval(500, 728, 350, 76, china)
    c.ring(700, 500, 96, 90, mix(china, INK, 0.12), 28)
    c.shape([(270, 400), (730, 400), (650, 690), (350, 690)], mix(china, INK, 0.05))
    c.box(276, 420, 724, 446, band)
    c.oval(500, 400, 232, 56, mix(china, INK, 0.1))
    c.oval(500, 404, 206, 44, (120, 72, 38))


def bag(c: Canvas, linen: Colour, handle: Colour) -> None:
    c.arc(500, 390, 150, 230, 180, 360, handle, 30)
    c.shape([(240, 380), (760, 380), (810, 830), (190, 830)], linen)
    c.shape([(240, 380), (760, 380), (766, 430), (234, 430)], lighter(linen, 0.25))
    c.box(370, 540, 630, 740, mix(linen, handle, 0.2), 14)
    c.line([(386, 575), (614, 575)], handle, 5)
    for x in (350, 650):
        c.box(x - 22, 372, x + 22, 450, handle, 6)


def satchel(c: Canvas, cloth_colour: Colour, leather: Colour) -> None:
    c.arc(500, 440, 290, 330, 190, 350, leather, 22)
    c.box(190, 400, 810, 820, cloth_colour, 46)
    c.box(190, 400, 810, 640, lighter(cloth_colour, 0.16), 46)
    for x in (330, 670):
        c.box(x - 24, 400, x + 24, 700, leather, 8)
        c.box(x - 32, 640, x + 32, 690, (206, 178, 110), 6)


def pouch(c: Canvas, linen: Colour, stripe: Colour) -> None:
    c.shape([(180, 400), (820, 400), (880, 760), (120, 760)], linen)
    for step in range(6):
        left = 190 + step * 112
        c.shape(
            [(left, 400), (left + 44, 400), (left + 44 + (step - 2) * 9, 760), (left + (step - 3) * 9, 760)],
            stripe,
        )
    c.box(174, 376, 826, 424, darker(stripe, 0.3), 22)
    c.box(800, 388, 880, 412, (206, 178, 110), 10)


def book(c: Canvas, cover: Colour, title: Colour) -> None:
    c.shape([(720, 190), (766, 216), (766, 836), (720, 820)], (240, 234, 220))
    c.box(240, 180, 724, 830, cover, 10)
    c.box(240, 180, 292, 830, darker(cover, 0.25), 8)
    c.box(346, 270, 672, 300, title, 6)
    c.box(346, 325, 600, 347, title, 6)
    c.stone(508, 560, 112, 128, mix(title, cover, 0.35))
    c.box(430, 748, 590, 764, title, 6)


def bear(c: Canvas, linen: Colour, dark: Colour) -> None:
    for x in (382, 618):
        c.oval(x, 232, 72, 72, linen)
        c.oval(x, 236, 40, 40, lighter(linen, 0.4))
        c.oval(x + (x - 500) * 0.1, 830, 92, 66, linen)
        c.oval(x + (x - 500) * 0.85, 600, 62, 110, darker(linen, 0.08))
    c.oval(500, 660, 186, 206, linen)
    c.oval(500, 690, 112, 130, lighter(linen, 0.35))
    c.oval(500, 352, 186, 162, linen)
    c.oval(500, 402, 82, 62, lighter(linen, 0.45))
    for x in (436, 564):
        c.oval(x, 330, 15, 17, dark)
    c.oval(500, 380, 26, 18, dark)
    c.arc(500, 402, 34, 24, 20, 160, dark, 6)


def blocks(c: Canvas, one: Colour, other: Colour) -> None:
    wood: Colour = (221, 190, 140)
    plan = [(200, 620, one), (410, 620, wood), (620, 620, other), (305, 410, other), (515, 410, one)]
    for x, y, colour in plan:
        c.box(x, y, x + 196, y + 196, colour, 14)
        c.box(x + 18, y + 18, x + 178, y + 178, lighter(colour, 0.18), 10)
    c.shape([(410, 400), (508, 230), (606, 400)], (236, 190, 70))


def puzzle(c: Canvas, sea: Colour, land: Colour) -> None:
    for row in range(3):
        for column in range(4):
            x, y = 130 + column * 188, 240 + row * 188
            c.box(x, y, x + 180, y + 180, land if (row * 3 + column) % 4 == 0 else sea, 8)
            if column < 3:
                c.oval(x + 186, y + 90, 30, 30, land if (row * 3 + column) % 4 == 0 else sea)
            if row < 2:
                c.oval(x + 90, y + 186, 30, 30, lighter(sea, 0.1 * (row + column)))


def espadrille(c: Canvas, linen: Colour, jute: Colour) -> None:
    for x, lift in ((340, 0), (660, 30)):
        c.oval(x, 520 + lift, 138, 330, darker(jute, 0.1))
        c.oval(x, 516 + lift, 120, 310, lighter(jute, 0.25))
        c.oval(x, 380 + lift, 122, 178, linen)
        c.oval(x, 470 + lift, 90, 120, lighter(jute, 0.4))
        for angle in range(0, 360, 24):
            c.arc(x, 518 + lift, 134, 326, angle, angle + 10, lighter(jute, 0.5), 10)


def slipper(c: Canvas, felt: Colour, lining: Colour) -> None:
    for x, lift in ((345, 20), (655, 0)):
        c.oval(x, 520 + lift, 140, 320, darker(felt, 0.35))
        c.oval(x, 516 + lift, 122, 302, lining)
        c.oval(x, 400 + lift, 138, 198, felt)
        c.oval(x, 560 + lift, 96, 130, darker(lining, 0.12))
        c.arc(x, 560 + lift, 96, 130, 190, 350, lighter(felt, 0.4), 10)


def headphones(c: Canvas, wood: Colour, pad: Colour) -> None:
    c.arc(500, 500, 300, 320, 180, 360, pad, 54)
    c.arc(500, 500, 288, 308, 200, 340, lighter(pad, 0.3), 12)
    for x, side in ((205, -1), (795, 1)):
        c.box(x - 30, 430, x + 30, 560, (170, 172, 174), 14)
        c.oval(x - side * 30, 610, 92, 142, pad)
        c.oval(x + side * 14, 610, 84, 132, wood)
        c.oval(x + side * 18, 606, 54, 92, lighter(wood, 0.16))


def speaker(c: Canvas, linen: Colour, wood: Colour) -> None:
    c.box(190, 270, 810, 770, wood, 60)
    c.box(226, 306, 774, 734, linen, 40)
    for y in range(330, 730, 26):
        for x in range(250, 770, 26):
            c.oval(x, y, 5, 5, mix(linen, wood, 0.45))
    c.box(420, 690, 580, 712, wood, 8)
    c.box(300, 770, 360, 800, darker(wood), 6)
    c.box(640, 770, 700, 800, darker(wood), 6)


def shirt(c: Canvas, linen: Colour, accent: Colour) -> None:
    c.shape([(330, 230), (140, 420), (230, 530), (330, 440)], darker(linen, 0.06))
    c.shape([(670, 230), (860, 420), (770, 530), (670, 440)], darker(linen, 0.06))
    c.shape([(330, 225), (670, 225), (690, 830), (310, 830)], linen)
    c.box(430, 190, 570, 250, lighter(linen, 0.3), 16)
    c.box(478, 240, 522, 560, lighter(linen, 0.3))
    for y in (280, 350, 420, 490):
        c.oval(500, y, 11, 11, accent)
    c.line([(316, 800), (684, 800)], accent, 4)


def dress(c: Canvas, linen: Colour, dark: Colour) -> None:
    c.line([(420, 170), (410, 260)], linen, 22)
    c.line([(580, 170), (590, 260)], linen, 22)
    c.shape([(390, 240), (610, 240), (630, 470), (370, 470)], linen)
    c.shape([(370, 500), (630, 500), (800, 860), (200, 860)], linen)
    for x in range(280, 760, 90):
        c.line([(500 + (x - 500) * 0.45, 520), (x, 850)], mix(linen, dark, 0.35), 5)
    c.box(362, 462, 638, 506, dark, 8)
    c.line([(600, 500), (640, 640)], dark, 12)


def soap(c: Canvas, bar: Colour, dark: Colour) -> None:
    c.box(200, 440, 800, 760, darker(bar, 0.18), 70)
    c.box(200, 400, 800, 700, bar, 70)
    c.box(250, 440, 750, 660, lighter(bar, 0.2), 46)
    c.stone(500, 550, 84, 66, dark)
    for x, y, size in ((250, 330, 38), (330, 270, 24), (690, 320, 30), (760, 260, 18)):
        c.ring(x, y, size, size, lighter(bar, 0.7), 6)


def bottle(c: Canvas, oil: Colour, cap: Colour) -> None:
    c.box(440, 180, 560, 320, cap, 14)
    c.shape([(430, 320), (570, 320), (660, 430), (340, 430)], lighter(oil, 0.3))
    c.box(340, 410, 660, 840, lighter(oil, 0.3), 36)
    c.box(362, 480, 638, 820, oil, 26)
    c.box(340, 560, 660, 720, lighter(oil, 0.88))
    c.line([(400, 615), (600, 615)], cap, 9)
    c.line([(430, 660), (570, 660)], cap, 5)
    c.stone(430, 786, 34, 24, mix(oil, cap, 0.35))


ALL: dict[str, Motif] = {
    motif.__name__: motif
    for group in (
        (ring, necklace, pendant, earrings, studs, bracelet, flower),
        (cloth, roundcloth, runner, napkins, pillow, towel, bedding),
        (candle, tallcandle, tealights, mug, cup, bag, satchel, pouch, book),
        (bear, blocks, puzzle, espadrille, slipper, headphones, speaker, shirt, dress, soap, bottle),
    )
    for motif in group
}
