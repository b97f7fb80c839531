"""Bar and line charts as SVG text, with nothing but the standard library: what docs/performance.md needs."""

import math
from xml.sax.saxutils import escape

COLOURS = ["#1b6ca8", "#8c8c8c", "#2a9d6f", "#7b52ab", "#c8432b", "#d99a1b", "#444444"]
WIDTH = 720
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 64, 44


def number(value, significant=3):
    """So many significant digits, without an exponent."""
    if value == 0:
        return "0"
    digits = max(0, significant - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _step(largest):
    """A round distance between grid lines, for four to eight of them."""
    raw = largest / 5
    magnitude = 10 ** math.floor(math.log10(raw))
    return next(magnitude * factor for factor in (1, 2, 5, 10) if magnitude * factor >= raw)


def _largest(figures):
    """The end of the axis: one wild run must not flatten everything else, so its line may be cut off there."""
    figures = list(figures)
    return min(max((greatest for _, _, greatest in figures), default=1),
               1.5 * max((median for median, _, _ in figures), default=1))


class _Canvas:
    def __init__(self, title, unit, largest, height=330):
        self.height = height
        self.plot_height = height - TOP - BOTTOM
        self.plot_width = WIDTH - LEFT - RIGHT
        largest = largest or 1
        self.step = _step(largest)
        self.top_value = math.ceil(largest / self.step * 1.02) * self.step
        self.parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'font-family="sans-serif" font-size="12" fill="#222">',
            f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
            f'<text x="{LEFT}" y="20" font-size="15" font-weight="bold">{escape(title)}</text>',
            f'<text x="{WIDTH - RIGHT}" y="20" text-anchor="end" fill="#666">{escape(unit)}</text>',
        ]
        for i in range(round(self.top_value / self.step) + 1):
            y = self.y(i * self.step)
            self.parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>')
            self.text(LEFT - 8, y + 4, number(i * self.step), "end", "#666")

    def y(self, value):
        return TOP + self.plot_height * (1 - min(value, self.top_value) / self.top_value)

    def text(self, x, y, text, anchor="middle", colour="#222", size=12):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-size="{size}">{escape(text)}</text>'
        )

    def whisker(self, x, least, greatest):
        self.parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{self.y(least):.1f}" y2="{self.y(greatest):.1f}" stroke="#222"/>'
        )

    def legend(self, names):
        x = LEFT
        for i, name in enumerate(names):
            self.parts.append(f'<rect x="{x}" y="33" width="11" height="11" fill="{COLOURS[i % len(COLOURS)]}"/>')
            self.text(x + 16, 43, name, "start")
            x += 34 + 7 * len(name)

    def finish(self):
        return "\n".join([*self.parts, "</svg>", ""])


def bars(title, unit, groups, names, values):
    """values[(group, name)] = (median, least, greatest); a missing one leaves a gap. The bars carry their medians and
    a line from the least to the greatest run."""
    canvas = _Canvas(title, unit, _largest(values.values()))
    canvas.legend(names)
    group_width = canvas.plot_width / max(1, len(groups))
    bar = group_width * 0.86 / max(1, len(names))
    for g, group in enumerate(groups):
        start = LEFT + g * group_width + group_width * 0.07
        canvas.text(LEFT + (g + 0.5) * group_width, canvas.height - BOTTOM + 20, group)
        for n, name in enumerate(names):
            if (group, name) not in values:
                continue
            median, least, greatest = values[(group, name)]
            x, y = start + n * bar, canvas.y(median)
            canvas.parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{bar - 2:.1f}" '
                f'height="{TOP + canvas.plot_height - y:.1f}" fill="{COLOURS[n % len(COLOURS)]}"/>'
            )
            canvas.whisker(x + bar / 2 - 1, least, greatest)
            canvas.text(x + bar / 2 - 1, canvas.y(greatest) - 4, number(median, 2), colour="#444", size=10)
    return canvas.finish()


def line(title, unit, axis, points):
    """points = [(x, (median, least, greatest))], evenly spaced: what grows, grows by factors."""
    canvas = _Canvas(title, unit, _largest(figure for _, figure in points), height=280)
    distance = canvas.plot_width / max(1, len(points))
    places = [LEFT + (i + 0.5) * distance for i in range(len(points))]
    path = " ".join(f"{x:.1f},{canvas.y(median):.1f}" for x, (_, (median, _, _)) in zip(places, points))
    canvas.parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[0]}" stroke-width="2"/>')
    for x, (label, (median, least, greatest)) in zip(places, points):
        canvas.whisker(x, least, greatest)
        canvas.parts.append(f'<circle cx="{x:.1f}" cy="{canvas.y(median):.1f}" r="4" fill="{COLOURS[0]}"/>')
        canvas.text(x, canvas.y(greatest) - 7, number(median), colour="#444")
        canvas.text(x, canvas.height - BOTTOM + 18, str(label))
    canvas.text(LEFT + canvas.plot_width / 2, canvas.height - 8, axis, colour="#666")
    return canvas.finish()
