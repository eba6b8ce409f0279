"""Text of a log can be read whatever colours it was printed in: WCAG 2, level AA."""

import pytest

LEAST = 4.5

# The least contrast of text in many colours on each ground, and on grounds in these colours.
MEASURE = """() => {
    const context = Object.assign(document.createElement('canvas'), {width: 1, height: 1})
        .getContext('2d', {willReadFrequently: true});
    const luminance = (colour) => {
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].map((value) =>
            value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const node = document.body.appendChild(document.createElement('span'));
    const style = getComputedStyle(node);
    const least = {};
    const note = (what, ground = style.backgroundColor) => {
        const [low, high] = [luminance(style.color), luminance(ground)].sort((x, y) => x - y);
        least[what] = Math.min(least[what] ?? 21, (high + 0.05) / (low + 0.05));
    };
    const grounds = ['sheet', 'raised', 'good-wash', 'active-wash', 'chosen'].map((name) => {
        node.style.backgroundColor = `var(--${name})`;
        return [name, style.backgroundColor];
    });
    node.removeAttribute('style');
    const levels = [0, 51, 95, 128, 135, 175, 204, 215, 255];
    const colours = levels.flatMap((red) => levels.flatMap((green) => levels.map((blue) =>
        `rgb(${red} ${green} ${blue})`)));
    for (let number = 0; number < 16; number += 1) colours.push(`var(--c${number})`);
    for (const colour of colours) {
        node.className = 'foreground';
        node.style.setProperty('--foreground', colour);
        for (const [name, ground] of grounds) note(name, ground);
        node.className = 'foreground inverse';
        note('inverse');
        node.className = 'background';
        node.style.setProperty('--background', colour);
        note('background');
        node.className = 'foreground background';
        note('both');
    }
    node.className = 'inverse';
    node.removeAttribute('style');
    note('plain inverse');
    return least;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_of_a_log_can_be_read(open_page, daemon, theme):
    page = open_page(color_scheme=theme)
    page.goto(daemon.url)
    least = page.evaluate(MEASURE)
    assert len(least) == 9
    assert {what: value for what, value in least.items() if value < LEAST} == {}
